// What refers to a queue, prompt or calendar, by names that people know: told to who is about to delete one.

import { defaultCalendar } from "#domain/chat-configuration.ts";
import type { ObjectType } from "#domain/rights.ts";
import type { Db } from "./storage.ts";

/** `name` as in "the schedule of Sales on Holidays for welcome". */
export type Dependent = { objectType: ObjectType; id: string; name: string };

/** Schedules that name the prompt. */
export function dependentsOfPrompt(db: Db, promptId: string): Promise<Dependent[]> {
	return schedulesNamed(db, { promptId });
}

/** Schedules that count on the calendar's days. */
export function dependentsOfCalendar(db: Db, calendarId: string): Promise<Dependent[]> {
	return schedulesNamed(db, { calendarId });
}

/** Reply templates and event subscriptions that are for this queue, and queues that it is behind. Its schedules are part of it. */
export async function dependentsOfQueue(db: Db, queueId: string): Promise<Dependent[]> {
	const named = `%"${queueId}"%`;
	const templates = await db
		.selectFrom("reply_templates")
		.select(["id", "name"])
		.where("queue_ids", "like", named)
		.orderBy("name_key")
		.execute();
	const subscriptions = await db
		.selectFrom("event_subscriptions")
		.select(["id", "name"])
		.where("queue_ids", "like", named)
		.orderBy("name")
		.execute();
	const before = await db
		.selectFrom("queues")
		.select(["id", "name"])
		.where("settings", "like", `%"overflowQueueId":"${queueId}"%`)
		.orderBy("name_key")
		.execute();
	return [
		...before.map(({ id, name }) => ({ objectType: "queue" as const, id, name: `the queue ${name}` })),
		...templates.map(({ id, name }) => ({
			objectType: "replyTemplate" as const,
			id,
			name: `the reply template ${name}`,
		})),
		...subscriptions.map(({ id, name }) => ({
			objectType: "eventSubscription" as const,
			id,
			name: `the event subscription ${name}`,
		})),
	];
}

type Asked = { id?: string; promptId?: string; calendarId?: string };

export async function schedulesNamed(db: Db, { id, promptId, calendarId }: Asked): Promise<Dependent[]> {
	const rows = await db
		.selectFrom("schedules")
		.leftJoin("queues", "queues.id", "schedules.queue_id")
		.leftJoin("calendars", "calendars.id", "schedules.calendar_id")
		.select(["schedules.id", "prompt_type", "queues.name as queue", "calendars.name as calendar"])
		.$if(id !== undefined, (query) => query.where("schedules.id", "=", id ?? ""))
		.$if(calendarId !== undefined, (query) => query.where("schedules.calendar_id", "=", calendarId ?? ""))
		.$if(promptId !== undefined, (query) =>
			query.where("schedules.kind", "=", "chatPrompts").where("schedules.settings", "like", `%"${promptId}"%`),
		)
		.orderBy("schedules.id")
		.execute();
	return rows.map((row) => ({
		objectType: "schedule",
		id: row.id,
		name: [
			`the schedule of ${row.queue ?? "the contact centre"} on ${row.calendar ?? defaultCalendar.name}`,
			...(row.prompt_type === "" ? [] : [`for ${row.prompt_type}`]),
		].join(" "),
	}));
}
