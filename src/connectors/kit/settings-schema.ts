// The settings of a type: what its form declares together with the settings every service has, and what they are once
// defaults are filled in. Without the compiler of schemas, which who sends and receives does not need.

import { commonSettingsSchema } from "#domain/service-settings.ts";
import type { ConnectorForm, JsonSchema } from "../contract.ts";
import { asObject } from "./http.ts";

type Properties = Readonly<Record<string, JsonSchema>>;

/** Common and own settings as one closed object. Nothing is required: what is absent has its default. */
export function settingsSchemaOf(form: ConnectorForm): JsonSchema & { readonly properties: Properties } {
	return {
		type: "object",
		properties: { ...propertiesOf({ ...commonSettingsSchema }), ...propertiesOf(form.settings) },
		additionalProperties: false,
	};
}

/** The settings that only this type has. */
export function ownSettingsOf(form: ConnectorForm): Properties {
	return propertiesOf(form.settings);
}

function propertiesOf(schema: JsonSchema): Properties {
	return (asObject(schema["properties"]) ?? {}) as Properties;
}

/** Every setting of the type, as stored or with its default. */
export function filledSettings(
	form: ConnectorForm,
	stored: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
	const entries = Object.entries(settingsSchemaOf(form).properties).map(([name, schema]) => [
		name,
		Object.hasOwn(stored, name) ? stored[name] : schema["default"],
	]);
	return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as Record<string, unknown>;
}
