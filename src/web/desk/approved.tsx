// A provider's template: what it is, and fields for the values of its gaps.

import { TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";

export type Approved = { id: string; language?: string; parameters?: Readonly<Record<string, string>> };

/** As the server lists reply templates; those of a provider have `template`. */
export type ReplyTemplate = { id: string; name: string; folder: string; text: string; template: Approved | null };

type FieldsProps = { template: Approved; onChange: (template: Approved) => void };

export function ApprovedFields({ template, onChange }: FieldsProps) {
	const { t } = useTranslation("desk");
	const parameters = template.parameters ?? {};
	return Object.entries(parameters).map(([name, value]) => (
		<TextInput
			key={name}
			label={t("templates.value", { name })}
			value={value}
			required
			maxLength={1000}
			onChange={(event) => onChange({ ...template, parameters: { ...parameters, [name]: event.currentTarget.value } })}
		/>
	));
}
