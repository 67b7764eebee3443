// The fields of a user: block Basics, and the logon name, which belongs to the authentication.

import { Select, SimpleGrid } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { languages } from "#web/texts/texts.ts";
import { mistakeAt, fieldId } from "#web/ui/form/schema-fields.tsx";
import { SchemaField } from "#web/ui/form/schema-field.tsx";
import type { FieldSchema } from "#web/ui/form/schema.ts";
import type { FieldsProps } from "#web/ui/form/stored-form.tsx";

const names = ["firstName", "surname", "login", "email", "title", "location", "phone", "externalId"] as const;
type TextName = (typeof names)[number];
const required: ReadonlySet<TextName> = new Set(["firstName", "surname", "login"]);
const lengths: Partial<Readonly<Record<TextName, number>>> = { login: 100, title: 100, phone: 40, email: 320 };

export function UserFields(props: FieldsProps) {
	const { values, onChange, mistakes, isReadOnly } = props;
	const schemaOf = useSchemas();
	return (
		<SimpleGrid cols={{ base: 1, sm: 2 }} verticalSpacing="sm">
			{names.map((name) => (
				<SchemaField
					key={name}
					id={fieldId(`/${name}`)}
					schema={schemaOf(name)}
					value={values[name]}
					onChange={(value) => onChange(name, value)}
					mistake={mistakeAt(mistakes, `/${name}`)}
					isReadOnly={isReadOnly}
					isRequired={required.has(name)}
				/>
			))}
			<LanguageField {...props} />
			<TimeZoneField {...props} />
		</SimpleGrid>
	);
}

function useSchemas(): (name: TextName) => FieldSchema {
	const { t } = useTranslation("people");
	const help: Partial<Record<TextName, string>> = {
		login: t("fields.loginHelp"),
		externalId: t("fields.externalIdHelp"),
	};
	return (name) => ({
		type: "string",
		title: t(`fields.${name}`),
		maxLength: lengths[name] ?? 200,
		...(help[name] === undefined ? {} : { description: help[name] }),
	});
}

function LanguageField(props: FieldsProps) {
	const { t } = useTranslation("people");
	const known = Object.entries(languages).map(([value, label]) => ({ value, label }));
	return <ChoiceField {...props} name="uiLanguage" label={t("fields.uiLanguage")} data={known} />;
}

function TimeZoneField(props: FieldsProps) {
	const { t } = useTranslation("people");
	const zones = Intl.supportedValuesOf("timeZone").map((value) => ({ value, label: value }));
	return <ChoiceField {...props} name="timeZone" label={t("fields.timeZone")} data={zones} />;
}

type Choice = { value: string; label: string };

function ChoiceField({
	values,
	onChange,
	mistakes,
	isReadOnly,
	name,
	label,
	data,
}: FieldsProps & { name: string; label: string; data: readonly Choice[] }) {
	const { t } = useTranslation("people");
	const value = values[name];
	const stored = typeof value === "string" && value !== "" ? value : null;
	const isKnown = stored === null || data.some((one) => one.value === stored);
	return (
		<Select
			id={fieldId(`/${name}`)}
			label={label}
			placeholder={t("fields.notChosen")}
			data={isKnown ? [...data] : [{ value: stored, label: stored }, ...data]}
			value={stored}
			onChange={(chosen) => onChange(name, chosen)}
			error={mistakeAt(mistakes, `/${name}`)}
			searchable
			clearable={!isReadOnly}
			nothingFoundMessage={t("nothingFound")}
			readOnly={isReadOnly}
			limit={100}
		/>
	);
}
