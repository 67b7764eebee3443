// The plain fields of each kind, as schemas that draw themselves. Bounds are those of the interface.

import { useTranslation } from "react-i18next";
import { allocationKinds, pickRules, promptTypes } from "#domain/queues.ts";
import type { Fields, FieldSchema } from "#web/ui/form/schema.ts";
import type { ChatKind } from "./kinds.ts";
import { useChoices } from "./names.ts";

/** With the words of the catalogue; `x-group` names the block a field stands in. */
export function useFields(kind: ChatKind): Fields {
	const { t } = useTranslation("chats");
	const schemas = useSchemas()[kind];
	return Object.fromEntries(
		Object.entries(schemas).map(([name, schema]) => {
			const title = t(`fields.${kind}.${name}.title` as "fields.queues.name.title");
			const description = t(`fields.${kind}.${name}.help` as "fields.queues.name.help");
			return [name, { ...schema, title, description }];
		}),
	);
}

type Choices = readonly { value: string; label: string }[];

const number = (minimum: number, maximum: number, unit?: string): FieldSchema => ({
	type: "integer",
	minimum,
	maximum,
	...(unit === undefined ? {} : { "x-unit": unit }),
});
const text = (maxLength: number): FieldSchema => ({ type: "string", maxLength });
const flag: FieldSchema = { type: "boolean" };
const list: FieldSchema = { type: "array", items: { type: "string" } };
const oneOf = (choices: Choices): FieldSchema => ({
	oneOf: choices.map(({ value, label }) => ({ const: value, title: label })),
});

function inGroup(group: "allocation" | "course", schemas: Fields): Fields {
	return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, { ...schema, "x-group": group }]));
}

function useQueueFields(): Fields {
	const { t } = useTranslation("chats");
	const [seconds, minutes] = [t("units.seconds"), t("units.minutes")];
	return {
		name: text(200),
		addresses: list,
		priority: number(0, 100_000),
		size: number(-1, 1_000_000),
		timeZone: text(64),
		language: text(35),
		...inGroup("allocation", {
			allocation: oneOf(allocationKinds.map((one) => ({ value: one, label: t(`allocation.${one}`) }))),
			offerSeconds: number(5, 3600, seconds),
			notReadyAfterMiss: flag,
			preferredAgentSeconds: number(0, 86_400, seconds),
			pick: oneOf(pickRules.map((one) => ({ value: one, label: t(`pick.${one}`) }))),
			autoAccept: flag,
			forcedToServe: flag,
			overflowQueueId: oneOf(useChoices("queues", t("noQueue"))),
			overflowAfterSeconds: number(0, 86_400, seconds),
		}),
		...inGroup("course", {
			inactivityMinutes: number(0, 43_200, minutes),
			idleWarningMinutes: number(0, 43_200, minutes),
			reopenMinutes: number(0, 43_200, minutes),
			wrapUpSeconds: number(0, 86_400, seconds),
			wrapUpReasons: list,
		}),
	};
}

function useSchemas(): Readonly<Record<ChatKind, Fields>> {
	const { t } = useTranslation("chats");
	const queueFields = useQueueFields();
	const queues = useChoices("queues", t("contactCentre"));
	const calendars = useChoices("calendars");
	const prompts = useChoices("prompts");
	const types = promptTypes.map((one) => ({ value: one, label: t(`promptTypes.${one}`) }));
	const kinds = (["serviceTimes", "chatPrompts"] as const).map((one) => ({
		value: one,
		label: t(`kindsOfSchedules.${one}`),
	}));
	return {
		queues: queueFields,
		prompts: { name: text(200), type: oneOf(types), externalId: text(100) },
		calendars: { name: text(200), priority: number(1, 100_000) },
		schedules: {
			kind: oneOf(kinds),
			queueId: oneOf(queues),
			calendarId: oneOf(calendars),
			isOpenElse: { ...flag, "x-showIf": { kind: ["serviceTimes"] } },
			promptType: { ...oneOf(types), "x-showIf": { kind: ["chatPrompts"] } },
			promptId: { ...oneOf(prompts), "x-showIf": { kind: ["chatPrompts"] } },
		},
		adHocSchedules: { queueId: oneOf(queues), isOpen: flag },
		replyTemplates: {
			name: text(200),
			folder: text(200),
			language: text(35),
			text: { ...text(5000), "x-multiline": true },
		},
	};
}
