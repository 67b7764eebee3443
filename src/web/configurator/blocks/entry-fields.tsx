// One authentication: the fields that make its Authentication ID, and its secret.

import { ActionIcon, Group, Paper, SimpleGrid, Stack, Text, TextInput, Tooltip } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Authentication } from "#web/api/objects.ts";
import { fieldId } from "#web/ui/form/schema-fields.tsx";
import { type FormEntry, withoutEntry } from "./draft.ts";
import { dividedAfter, isLiteral, joinId, mend, type Mended, type Rule, splitId, withPart } from "./entry-rules.ts";
import { SecretField } from "./secret-field.tsx";
import { StoredSecret } from "./stored-secret.tsx";
import type { DraftForm } from "./use-draft-form.ts";
import { titleOf } from "./words.ts";

type EntryFieldsProps = {
	form: DraftForm;
	rule: Rule;
	entry: FormEntry;
	/** Among the entries of its rule, from 1. */
	number: number;
	stored: Authentication | undefined;
	isReadOnly: boolean;
};

export function EntryFields({ form, rule, entry, number, stored, isReadOnly }: EntryFieldsProps) {
	const { t } = useTranslation("service");
	const place = form.draft.authentications.indexOf(entry);
	const pointer = `/authentications/${place}`;
	const what = isLiteral(rule) ? titleOf(rule) : t("entryOf", { what: titleOf(rule), number });
	const isRemovable = !isReadOnly && (stored !== undefined || !isLiteral(rule));
	const secret = {
		id: fieldId(`${pointer}/password`),
		label: rule.secretLabel,
		mistake: form.mistakes[`${pointer}/password`] ?? form.mistakes[`${pointer}/previousValidUntil`],
		isReadOnly,
		isOwnChoice: rule.enteredAtProvider,
	};
	return (
		<Paper withBorder p="sm" component="fieldset" className="entry" aria-label={what}>
			<Group align="flex-start" wrap="nowrap" gap="xs">
				<Stack gap="sm" flex={1} miw={0}>
					{isLiteral(rule) ? (
						<LiteralMistake mistake={form.mistakes[`${pointer}/authenticationId`]} />
					) : (
						<IdFields form={form} rule={rule} entry={entry} pointer={pointer} isReadOnly={isReadOnly} />
					)}
					{stored?.passwordSet === true ? (
						<StoredSecret
							{...secret}
							stored={stored}
							entry={entry}
							mayOverlap={rule.direction !== "outgoing"}
							onEntry={(change) => form.editEntry(entry.key, change)}
						/>
					) : (
						<SecretField
							{...secret}
							value={entry.password ?? ""}
							onChange={(password) => form.editEntry(entry.key, { password })}
						/>
					)}
				</Stack>
				{isRemovable && (
					<Tooltip label={t("removeEntry")}>
						<ActionIcon
							variant="subtle"
							color="gray"
							aria-label={t("removeEntryOf", { what })}
							onClick={() => form.edit((draft) => withoutEntry(draft, entry.key), "/authentications")}
						>
							<IconTrash size={18} aria-hidden />
						</ActionIcon>
					</Tooltip>
				)}
			</Group>
		</Paper>
	);
}

function LiteralMistake({ mistake }: { mistake: string | undefined }) {
	return mistake === undefined ? null : (
		<Text size="sm" c="red" role="alert">
			{mistake}
		</Text>
	);
}

type IdFieldsProps = Pick<EntryFieldsProps, "form" | "rule" | "entry" | "isReadOnly"> & { pointer: string };

function IdFields({ form, rule, entry, pointer, isReadOnly }: IdFieldsProps) {
	const { t } = useTranslation(["service", "ui"]);
	const [note, setNote] = useState<string>();
	const parts = partsOf(rule);
	const texts = splitId(rule, entry.authenticationId);
	const at = `${pointer}/authenticationId`;
	const change = ({ id, capitals }: Mended, isDivided: boolean) => {
		const divided = isDivided ? t("divided", { what: rule.idLabel }) : undefined;
		setNote([divided, capitals && t("capitals", capitals)].filter(Boolean).join(" ") || undefined);
		form.editEntry(entry.key, { authenticationId: id });
	};
	const enter = (index: number, text: string) => {
		const whole = parts.length > 1 ? withPart(rule, entry.authenticationId, { index, text }) : text;
		const isDivided = parts.length > 1 && whole !== joinId(rule, texts.with(index, text));
		change(isDivided ? mend(rule, whole) : { id: whole }, isDivided);
	};
	const leave = (index: number) => {
		const whole = dividedAfter(rule, entry.authenticationId, index);
		const mended = mend(rule, whole);
		form.touch(at);
		if (mended.id !== entry.authenticationId) {
			change(mended, whole !== entry.authenticationId);
		}
	};
	return (
		<Stack gap={4}>
			<SimpleGrid cols={{ base: 1, sm: Math.min(parts.length, 2) }} spacing="sm" verticalSpacing="sm">
				{parts.map(({ key, label, example }, index) => {
					const pointerOfPart = index === 0 ? at : `${at}/${key}`;
					return (
						<TextInput
							key={key}
							id={fieldId(pointerOfPart)}
							label={label}
							placeholder={t("ui:example", { example })}
							value={texts[index] ?? ""}
							onChange={(event) => enter(index, event.currentTarget.value)}
							onBlur={() => leave(index)}
							error={form.mistakes[pointerOfPart]}
							readOnly={isReadOnly}
							spellCheck={false}
							autoComplete="off"
						/>
					);
				})}
			</SimpleGrid>
			<Text size="sm" component="output" c="dimmed" className="entry-note">
				{note}
			</Text>
		</Stack>
	);
}

function partsOf(rule: Rule): readonly { key: string; label: string; example: string }[] {
	return rule.idParts ?? [{ key: "id", label: rule.idLabel, example: rule.idExample }];
}
