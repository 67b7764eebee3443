// /schedules: when a queue is open, and which prompt it says when. One per kind, queue and calendar; of prompts, one per type.

import { defaultCalendar, type ServiceHours } from "#domain/chat-configuration.ts";
import { idPattern } from "#domain/ids.ts";
import { type PromptType, promptTypes } from "#domain/queues.ts";
import { Problem } from "#platform/problems.ts";
import { configuredStore } from "#storage/configured.ts";
import { objectExists } from "#storage/object-exists.ts";
import { schedulesNamed } from "#storage/queue-dependents.ts";
import type { Tx } from "#storage/storage.ts";
import { Type } from "typebox";
import type { Route } from "../route.ts";
import { closed, orNull } from "../schemas.ts";
import { brokenRule, configuredRoutes, type ConfiguredKind } from "./configured.ts";

type Fields = {
	kind: "serviceTimes" | "chatPrompts";
	queueId: string | null;
	calendarId: string;
	isOpenElse: boolean;
	hours: readonly ServiceHours[];
	promptType: PromptType | null;
	promptId: string | null;
};

const id = Type.String({ pattern: idPattern });
const time = (last: string) => Type.String({ pattern: `^([01]\\d|2[0-3]):[0-5]\\d$${last}`, description: "HH:MM" });

export const scheduleKind: ConfiguredKind<Fields> = {
	objectType: "schedule",
	path: "/schedules",
	noun: "schedule",
	schema: {
		kind: Type.Enum(["serviceTimes", "chatPrompts"]),
		queueId: orNull(
			Type.String({ pattern: idPattern, description: "Null: the contact centre, for queues without their own." }),
		),
		calendarId: Type.String({
			pattern: idPattern,
			description: "On which days; 32 zeros: the built-in calendar Default.",
		}),
		isOpenElse: Type.Boolean({ description: "Service times: whether it is open outside the hours." }),
		hours: Type.Array(Type.Object({ from: time(""), until: time("|^24:00$"), isOpen: Type.Boolean() }, closed), {
			maxItems: 48,
			description: "Service times: in the queue's own time; they do not overlap.",
		}),
		promptType: orNull(Type.Enum([...promptTypes])),
		promptId: orNull(id),
	},
	required: ["kind"],
	defaults: {
		kind: "serviceTimes",
		queueId: null,
		calendarId: defaultCalendar.id,
		isOpenElse: false,
		hours: [],
		promptType: null,
		promptId: null,
	},
	columns: { kind: "kind", queueId: "queue_id", calendarId: "calendar_id", promptType: "prompt_type" },
	sort: "kind",
	store: configuredStore<Fields>({
		table: "schedules",
		objectType: "schedule",
		toColumns: (fields) => ({
			kind: fields.kind,
			queue_id: fields.queueId ?? "",
			calendar_id: fields.calendarId,
			prompt_type: promptTypeOf(fields),
			settings: JSON.stringify(
				fields.kind === "chatPrompts"
					? { promptId: fields.promptId }
					: { isOpenElse: fields.isOpenElse, hours: fields.hours },
			),
		}),
		toFields: (row) => ({
			kind: row["kind"] as Fields["kind"],
			queueId: row["queue_id"] === "" ? null : String(row["queue_id"]),
			calendarId: String(row["calendar_id"]),
			isOpenElse: false,
			hours: [],
			promptType: row["prompt_type"] === "" ? null : (row["prompt_type"] as PromptType),
			promptId: null,
			...(JSON.parse(String(row["settings"])) as Partial<Fields>),
		}),
	}),
	nameOf: ({ kind: what, promptType }) => (promptType === null ? what : `${what} ${promptType}`),
	async check(tx, { id: ownId, fields }) {
		await demandExisting(tx, fields);
		if (fields.kind === "serviceTimes") {
			checkHours(fields.hours);
		} else {
			await checkPrompt(tx, fields);
		}
		await demandAlone(tx, ownId, fields);
	},
	taken: () => inTheWay("one of this kind for this queue and calendar"),
};

async function demandExisting(tx: Tx, { queueId, calendarId }: Fields): Promise<void> {
	if (queueId !== null && !(await objectExists(tx, "queue", queueId))) {
		throw brokenRule("/queueId", "There is no queue with this id.");
	}
	if (calendarId !== defaultCalendar.id && !(await objectExists(tx, "calendar", calendarId))) {
		throw brokenRule("/calendarId", "There is no calendar with this id.");
	}
}

/** The one in the way is named, so that people find it and programs can change it. */
async function demandAlone(tx: Tx, ownId: string, fields: Fields): Promise<void> {
	const other = await tx
		.selectFrom("schedules")
		.select("id")
		.where("kind", "=", fields.kind)
		.where("queue_id", "=", fields.queueId ?? "")
		.where("calendar_id", "=", fields.calendarId)
		.where("prompt_type", "=", promptTypeOf(fields))
		.where("id", "<>", ownId)
		.executeTakeFirst();
	if (other !== undefined) {
		const [named] = await schedulesNamed(tx, other);
		throw inTheWay(`${named?.name}, ${other.id}`);
	}
}

function inTheWay(what: string): Problem {
	const message = `There is already ${what}. Change or delete that one.`;
	return new Problem("conflict", message, [{ pointer: "/calendarId", message }]);
}

function promptTypeOf({ kind, promptType }: Fields): string {
	return kind === "chatPrompts" ? (promptType ?? "") : "";
}

function checkHours(hours: readonly ServiceHours[]): void {
	for (const [index, { from, until }] of hours.entries()) {
		if (until <= from) {
			throw brokenRule(`/hours/${index}/until`, "must be after from; a night is two entries");
		}
		if (hours.some((other, place) => place !== index && other.from < until && from < other.until)) {
			throw brokenRule(`/hours/${index}`, "overlaps with another entry");
		}
	}
}

async function checkPrompt(tx: Tx, { promptType, promptId }: Fields): Promise<void> {
	if (promptType === null || promptId === null) {
		throw brokenRule(promptType === null ? "/promptType" : "/promptId", "is required for chat prompts");
	}
	const prompt = await tx.selectFrom("prompts").select("type").where("id", "=", promptId).executeTakeFirst();
	if (prompt?.type !== promptType) {
		throw brokenRule("/promptId", `There is no prompt of the type ${promptType} with this id.`);
	}
}

export const scheduleRoutes: readonly Route[] = configuredRoutes(scheduleKind);
