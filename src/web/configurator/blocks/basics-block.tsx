// What every service has: its name, and where it sends to; with the few settings that the type wants to be seen first.

import { Stack, TextInput, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { SchemaField } from "#web/ui/form/schema-field.tsx";
import { fieldId, mistakeAt, SchemaFields } from "#web/ui/form/schema-fields.tsx";
import { fieldsOf, type FieldSchema } from "#web/ui/form/schema.ts";
import { type FormDraft, type PlainField, settingsOf } from "./draft.ts";
import type { DraftForm } from "./use-draft-form.ts";

export function BasicsBlock({ form, isReadOnly = false }: { form: DraftForm; isReadOnly?: boolean }) {
	const { t } = useTranslation("service");
	const { type, draft, mistakes, edit } = form;
	const { serviceConnection, authenticationUrl, authenticationScope } = type.fields;
	const set = (field: PlainField, text: string) =>
		edit((now) => ({ ...now, [field]: text === "" && field.startsWith("authentication") ? null : text }), `/${field}`);
	const fields = [
		["serviceConnection", serviceConnection],
		["authenticationUrl", authenticationUrl],
		["authenticationScope", authenticationScope],
	] as const;
	return (
		<Stack gap="md">
			<Title order={2} size="h3">
				{t("basics")}
			</Title>
			<TextInput
				id={fieldId("/name")}
				label={t("name")}
				description={t("nameHelp")}
				required
				maxLength={400}
				value={draft.name}
				onChange={(event) => set("name", event.currentTarget.value)}
				onBlur={() => form.touch("/name")}
				error={mistakeAt(mistakes, "/name")}
				readOnly={isReadOnly}
				autoComplete="off"
			/>
			{fields.map(([field, schema]) =>
				schema === null ? null : (
					<SchemaField
						key={field}
						id={fieldId(`/${field}`)}
						schema={schema as FieldSchema}
						value={draft[field] ?? ""}
						onChange={(value) => set(field, typeof value === "string" ? value : "")}
						mistake={mistakeAt(mistakes, `/${field}`)}
						isReadOnly={isReadOnly}
					/>
				),
			)}
			<GroupFields form={form} group="basic" isReadOnly={isReadOnly} />
		</Stack>
	);
}

type GroupFieldsProps = { form: DraftForm; group: string; isReadOnly: boolean };

/** The settings of a group, as far as they count just now. */
export function GroupFields({ form, group, isReadOnly }: GroupFieldsProps) {
	const { type, draft, mistakes, edit, touch } = form;
	if (fieldsOf(settingsOf(type), group, draft.settings).length === 0) {
		return null;
	}
	return (
		<SchemaFields
			fields={settingsOf(type)}
			group={group}
			values={draft.settings}
			pointer="/settings"
			mistakes={mistakes}
			isReadOnly={isReadOnly}
			onChange={(name, value) => {
				touch(`/settings/${name}`);
				edit((now) => withSetting(now, name, value), `/settings/${name}`);
			}}
		/>
	);
}

function withSetting(draft: FormDraft, name: string, value: unknown): FormDraft {
	return { ...draft, settings: { ...draft.settings, [name]: value } };
}
