// The settings of a type as its form draws them: their schema with hints for the form (x-group, x-showIf, x-multiline,
// x-template, x-unit) and a title for each choice. Only shown: what is stored is checked by the schema without them. Pure.

import type { ConnectorForm, JsonSchema } from "../contract.ts";
import type { FormLayout } from "../contract-form.ts";
import { asArray, asObject } from "./http.ts";
import { settingsSchemaOf } from "./settings-schema.ts";

/** Of the settings that every service has. */
export const commonLayout: FormLayout = {
	groups: {
		sending: ["unknownOutcome", "unknownWaitSeconds", "timeToLiveMinutes", "sendsPerSecond", "keepReplyWindow"],
		receiving: ["reopenWindowMinutes", "optOutWords", "optInWords", "optWordChannels"],
		advanced: ["sendsAtOnce", "mediaHosts"],
	},
	choices: {
		unknownOutcome: { hold: "Hold it for a person", resend: "Send it again, marked as a possible duplicate" },
		optWordChannels: { sms: "Text messages (sms)", every: "Every channel of the service" },
	},
	units: {
		unknownWaitSeconds: "seconds",
		timeToLiveMinutes: "minutes",
		reopenWindowMinutes: "minutes",
		sendsPerSecond: "messages per second",
		sendsAtOnce: "requests",
	},
};

type Properties = Readonly<Record<string, JsonSchema>>;

/** As `settingsSchemaOf`, with the hints. */
export function shownSettingsOf(form: ConnectorForm): JsonSchema & { readonly properties: Properties } {
	const schema = settingsSchemaOf(form);
	const properties = Object.entries(schema.properties).map(([name, property]) => {
		const titled = withTitles(property, { ...form.layout.choices?.[name], ...commonLayout.choices?.[name] });
		return [name, { ...titled, ...hintsOf(name, form.layout), ...hintsOf(name, commonLayout) }];
	});
	return { ...schema, properties: Object.fromEntries(properties) as Properties };
}

function hintsOf(name: string, layout: FormLayout): JsonSchema {
	const group = Object.entries(layout.groups).find(([, names]) => names.includes(name))?.[0];
	const showIf = layout.showIf?.[name];
	const unit = layout.units?.[name];
	return {
		...(group === undefined ? {} : { "x-group": group }),
		...(showIf === undefined ? {} : { "x-showIf": showIf }),
		...(layout.multiline?.includes(name) === true ? { "x-multiline": true } : {}),
		...(layout.templates?.includes(name) === true ? { "x-template": true } : {}),
		...(unit === undefined ? {} : { "x-unit": unit }),
	};
}

/** The values that a setting can be chosen from; none: it is no choice. */
export function choicesOf(property: JsonSchema): readonly string[] {
	return asArray(property["anyOf"]).flatMap((one) => {
		const value = asObject(one)?.["const"];
		return typeof value === "string" ? [value] : [];
	});
}

/** One of them holds exactly, so a form needs no more than each value with its title. */
function withTitles(property: JsonSchema, titles: Readonly<Record<string, string>>): JsonSchema {
	const values = choicesOf(property);
	if (values.length === 0) {
		return property;
	}
	const { anyOf: _, ...others } = property;
	return { type: "string", ...others, oneOf: values.map((value) => ({ const: value, title: titles[value] ?? value })) };
}
