// One row of the rights editor: what it is about, what may be done with it, and what is wrong with it.

import { ActionIcon, Checkbox, Group, Select, Stack, Text, Tooltip } from "@mantine/core";
import { IconAlertCircle, IconInfoCircle, IconTrash } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { accessesOf, objectTypes } from "#domain/rights.ts";
import { isNamedType, type NamedType, useNames } from "./object-names.ts";
import type { Access, ObjectType } from "./people-objects.ts";
import { needsView, type Row, withAccess, withType } from "./rights-draft.ts";

type RightsRowProps = {
	row: Row;
	/** From 1, for names that tell the rows apart. */
	number: number;
	mistake: string | undefined;
	/** Whether it may be ticked by who edits. */
	mayGive: (row: Row, access: Access) => boolean;
	onChange: (row: Row) => void;
	onRemove: () => void;
	isReadOnly: boolean;
	isNew: boolean;
};

export function RightsRow(props: RightsRowProps) {
	const { t } = useTranslation("people");
	const { row, number, onChange, onRemove, isReadOnly } = props;
	return (
		<tr>
			<td data-label={t("rights.type")}>
				<Select
					aria-label={t("rights.typeOf", { number })}
					data={objectTypes.map((value) => ({ value, label: t(`rights.types.${value}`) }))}
					value={row.objectType}
					onChange={(value) => value !== null && onChange(typed(row, value))}
					allowDeselect={false}
					readOnly={isReadOnly}
					size="xs"
					autoFocus={props.isNew}
				/>
			</td>
			<td data-label={t("rights.object")}>
				<ObjectChoice {...props} />
			</td>
			<td data-label={t("rights.may")}>
				<Accesses {...props} />
			</td>
			<td>
				{!isReadOnly && (
					<Tooltip label={t("rights.removeRow", { number })}>
						<ActionIcon
							variant="subtle"
							color="red.9"
							onClick={onRemove}
							aria-label={t("rights.removeRow", { number })}
						>
							<IconTrash size={16} aria-hidden />
						</ActionIcon>
					</Tooltip>
				)}
			</td>
		</tr>
	);
}

function typed(row: Row, objectType: ObjectType): Row {
	return withType(row, objectType, isNamedType(objectType));
}

const allOfThem = "*";

function ObjectChoice(props: RightsRowProps) {
	const { t } = useTranslation("people");
	const { objectType } = props.row;
	return isNamedType(objectType) ? (
		<NamedChoice {...props} objectType={objectType} />
	) : (
		<Text size="sm" pt={4}>
			{t(`rights.all.${objectType}`)}
		</Text>
	);
}

function NamedChoice({ row, number, objectType, onChange, isReadOnly }: RightsRowProps & { objectType: NamedType }) {
	const { t } = useTranslation("people");
	const names = useNames(objectType);
	const { objectId } = row;
	const isUnnamed = objectId !== null && objectId !== "" && !names.some(({ id }) => id === objectId);
	return (
		<Select
			aria-label={t("rights.objectOf", { number })}
			placeholder={t("rights.choose")}
			data={[
				{ value: allOfThem, label: t(`rights.all.${objectType}`) },
				...names.map(({ id, name }) => ({ value: id, label: name })),
				...(isUnnamed ? [{ value: objectId, label: objectId }] : []),
			]}
			value={objectId === null ? allOfThem : objectId === "" ? null : objectId}
			onChange={(value) => value !== null && onChange({ ...row, objectId: value === allOfThem ? null : value })}
			searchable
			allowDeselect={false}
			nothingFoundMessage={t("nothingFound")}
			readOnly={isReadOnly}
			size="xs"
		/>
	);
}

function Accesses({ row, number, mistake, mayGive, onChange, isReadOnly }: RightsRowProps) {
	const { t } = useTranslation("people");
	const offered = accessesOf[row.objectType];
	const refused = isReadOnly ? [] : offered.filter((one) => !row.access.includes(one) && !mayGive(row, one));
	return (
		<Stack gap={6} role="group" aria-label={t("rights.accessOf", { number })}>
			<div className="rights-accesses">
				{offered.map((access) => (
					<Tooltip key={access} label={t(`rights.accessHelp.${access}`)} multiline maw={320} openDelay={400}>
						<Checkbox
							label={t(`rights.access.${access}`)}
							checked={row.access.includes(access)}
							disabled={isReadOnly || refused.includes(access)}
							onChange={(event) => onChange(withAccess(row, access, event.currentTarget.checked))}
							size="xs"
						/>
					</Tooltip>
				))}
			</div>
			{needsView(row) && <Note>{t("rights.deleteNeedsView")}</Note>}
			{refused.length > 0 && (
				<Note>{t("rights.notHeld", { access: refused.map((access) => t(`rights.access.${access}`)).join(", ") })}</Note>
			)}
			{mistake !== undefined && (
				<Group gap={4} wrap="nowrap" role="alert" c="var(--mantine-color-error)">
					<IconAlertCircle size={16} aria-hidden />
					<Text size="sm">{mistake}</Text>
				</Group>
			)}
		</Stack>
	);
}

function Note({ children }: { children: string }) {
	return (
		<Group gap={4} wrap="nowrap" align="flex-start" c="dimmed">
			<IconInfoCircle size={14} aria-hidden className="rights-note-icon" />
			<Text size="xs">{children}</Text>
		</Group>
	);
}
