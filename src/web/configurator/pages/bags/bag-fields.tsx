// Name and description of a group or role, and for a group the groups above it.

import { MultiSelect, Stack } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { SchemaField } from "#web/ui/form/schema-field.tsx";
import { fieldId, mistakeAt } from "#web/ui/form/schema-fields.tsx";
import type { FieldsProps } from "#web/ui/form/stored-form.tsx";
import { useNames } from "../../blocks/object-names.ts";
import type { BagKind } from "./bag-calls.ts";

type BagFieldsProps = FieldsProps & {
	kind: BagKind;
	/** Of the group itself, which cannot be above itself. */
	id?: string;
};

export function BagFields(props: BagFieldsProps) {
	const { t } = useTranslation("people");
	const { values, onChange, mistakes, isReadOnly } = props;
	return (
		<Stack maw={560} gap="sm">
			<SchemaField
				id={fieldId("/name")}
				schema={{ type: "string", title: t("bags.name"), maxLength: 200 }}
				value={values["name"]}
				onChange={(value) => onChange("name", value)}
				mistake={mistakeAt(mistakes, "/name")}
				isReadOnly={isReadOnly}
				isRequired
			/>
			<SchemaField
				id={fieldId("/description")}
				schema={{ type: "string", title: t("bags.description"), maxLength: 2000 }}
				value={values["description"]}
				onChange={(value) => onChange("description", value)}
				mistake={mistakeAt(mistakes, "/description")}
				isReadOnly={isReadOnly}
			/>
			{props.kind === "userGroup" && <Parents {...props} />}
		</Stack>
	);
}

function Parents({ id, values, onChange, mistakes, isReadOnly }: BagFieldsProps) {
	const { t } = useTranslation("people");
	const others = useNames("userGroup").filter((one) => one.id !== id);
	const chosen = Array.isArray(values["parents"]) ? values["parents"].map(String) : [];
	const unnamed = chosen.filter((one) => !others.some((other) => other.id === one));
	return (
		<MultiSelect
			id={fieldId("/parents")}
			label={t("bags.parents")}
			description={t("bags.parentsHelp")}
			data={[
				...others.map((one) => ({ value: one.id, label: one.name })),
				...unnamed.map((one) => ({ value: one, label: one })),
			]}
			value={chosen}
			onChange={(value) => onChange("parents", value)}
			error={mistakeAt(mistakes, "/parents")}
			readOnly={isReadOnly}
			searchable
			nothingFoundMessage={t("nothingFound")}
		/>
	);
}
