// Headers that go with every call. Their values are never shown: an empty one keeps what is stored.

import { ActionIcon, Button, Group, PasswordInput, Stack, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { fieldId, mistakeAt } from "#web/ui/form/schema-fields.tsx";
import type { FieldsProps } from "#web/ui/form/stored-form.tsx";

type Header = { name: string; value?: string };

const headersMax = 20;

export function HeaderRows({ values, onChange, mistakes, isReadOnly }: FieldsProps) {
	const { t } = useTranslation("subscriptions");
	const headers = (values["headers"] as readonly Header[] | undefined) ?? [];
	const set = (next: readonly Header[]) => onChange("headers", next);
	return (
		<Stack gap="sm" id={fieldId("/headers")} tabIndex={-1} role="group" aria-label={t("blocks.headers")}>
			{headers.map((header, index) => (
				<HeaderRow
					key={index}
					header={header}
					index={index}
					mistakes={mistakes}
					isReadOnly={isReadOnly}
					onChange={(changed) => set(headers.map((one, place) => (place === index ? changed : one)))}
					onRemove={() => set(headers.filter((_, place) => place !== index))}
				/>
			))}
			{headers.length === 0 && isReadOnly && <span>{t("headers.none")}</span>}
			{!isReadOnly && headers.length < headersMax && (
				<Button
					variant="default"
					size="xs"
					w="fit-content"
					leftSection={<IconPlus size={14} aria-hidden />}
					onClick={() => set([...headers, { name: "" }])}
				>
					{t("headers.add")}
				</Button>
			)}
		</Stack>
	);
}

type HeaderRowProps = Pick<FieldsProps, "mistakes" | "isReadOnly"> & {
	header: Header;
	index: number;
	onChange: (header: Header) => void;
	onRemove: () => void;
};

function HeaderRow({ header, index, mistakes, isReadOnly, onChange, onRemove }: HeaderRowProps) {
	const { t } = useTranslation("subscriptions");
	const pointer = `/headers/${index}`;
	const number = index + 1;
	return (
		<Group align="flex-start" gap="xs">
			<TextInput
				id={fieldId(`${pointer}/name`)}
				flex="1 1 12rem"
				label={t("headers.name", { number })}
				value={header.name}
				onChange={(event) => onChange({ ...header, name: event.currentTarget.value })}
				error={mistakeAt(mistakes, `${pointer}/name`)}
				readOnly={isReadOnly}
				maxLength={100}
				spellCheck={false}
				autoComplete="off"
			/>
			{!isReadOnly && (
				<>
					<PasswordInput
						id={fieldId(`${pointer}/value`)}
						flex="1 1 14rem"
						label={t("headers.value", { number })}
						placeholder={t("headers.keeps")}
						value={header.value ?? ""}
						onChange={(event) => onChange(withValue(header, event.currentTarget.value))}
						error={mistakeAt(mistakes, `${pointer}/value`)}
						maxLength={2000}
						autoComplete="new-password"
					/>
					<ActionIcon
						mt={25}
						variant="default"
						size="input-sm"
						aria-label={t("headers.remove", { number })}
						onClick={onRemove}
					>
						<IconTrash size={16} aria-hidden />
					</ActionIcon>
				</>
			)}
		</Group>
	);
}

function withValue({ name }: Header, value: string): Header {
	return value === "" ? { name } : { name, value };
}
