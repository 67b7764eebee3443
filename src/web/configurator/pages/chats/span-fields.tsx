// From when until when an ad-hoc schedule counts, in the time of whoever enters it.

import { Group, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { fieldId, mistakeAt } from "#web/ui/form/schema-fields.tsx";
import type { FieldsProps } from "#web/ui/form/stored-form.tsx";

export function SpanFields({ values, onChange, mistakes, isReadOnly }: FieldsProps) {
	const { t } = useTranslation("chats");
	return (
		<Group align="flex-start">
			{(["from", "until"] as const).map((name) => (
				<TextInput
					key={name}
					type="datetime-local"
					id={fieldId(`/${name}`)}
					label={t(`fields.adHocSchedules.${name}.title`)}
					description={t(`fields.adHocSchedules.${name}.help`)}
					defaultValue={toLocal(values[name])}
					onChange={(event) => onChange(name, fromLocal(event.currentTarget.value))}
					error={mistakeAt(mistakes, `/${name}`)}
					readOnly={isReadOnly}
					required
				/>
			))}
		</Group>
	);
}

/** As the browser's own field wants it: without seconds and zone. */
function toLocal(value: unknown): string {
	if (typeof value !== "string" || value === "") {
		return "";
	}
	const moment = new Date(value);
	return new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function fromLocal(text: string): string | undefined {
	const moment = new Date(text);
	return Number.isNaN(moment.getTime()) ? undefined : moment.toISOString();
}
