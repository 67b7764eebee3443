// Names for what an object of one kind says of another: a schedule's queue, calendar and prompt.

import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { defaultCalendar } from "#domain/chat-configuration.ts";
import { readAll } from "#web/api/read.ts";
import { exactTime } from "#web/ui/moments.ts";
import { chatCalls, type ChatKind, type ChatObject } from "./kinds.ts";

export function useObjects(kind: ChatKind): readonly ChatObject[] {
	const asked = useQuery(readAll<ChatObject>([kind], (page, options) => chatCalls[kind].list(page, options)));
	return asked.data ?? [];
}

export type Choice = { value: string; label: string };

/** For fields that name an object; `none` is the choice of no object. */
export function useChoices(kind: "queues" | "calendars" | "prompts", none?: string): readonly Choice[] {
	const { t } = useTranslation("chats");
	const objects = useObjects(kind).map(({ id, name }) => ({ value: id, label: String(name) }));
	return [
		...(none === undefined ? [] : [{ value: "", label: none }]),
		...(kind === "calendars" ? [{ value: defaultCalendar.id, label: t("defaultCalendar") }] : []),
		...objects,
	];
}

/** What an object is called in lists and titles: schedules have no name of their own. */
export function useNaming(kind: ChatKind): (object: ChatObject) => string {
	const { t, i18n } = useTranslation("chats");
	const queues = useChoices("queues", t("contactCentre"));
	const calendars = useChoices("calendars");
	const labelOf = (choices: readonly Choice[], id: unknown): string =>
		choices.find(({ value }) => value === (id ?? ""))?.label ?? String(id);
	return (object) => {
		switch (kind) {
			case "schedules": {
				const what =
					object["kind"] === "chatPrompts"
						? t(`promptTypes.${String(object["promptType"]) as "welcome"}`)
						: t("kindsOfSchedules.serviceTimes");
				return `${labelOf(queues, object["queueId"])} · ${what} · ${labelOf(calendars, object["calendarId"])}`;
			}
			case "adHocSchedules":
				return `${labelOf(queues, object["queueId"])} · ${exactTime(new Date(String(object["from"])), i18n.language)}`;
			case "queues":
			case "prompts":
			case "calendars":
			case "replyTemplates":
				return String(object["name"]);
		}
	};
}
