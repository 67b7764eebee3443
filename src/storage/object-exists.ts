// Whether there is an object that a grant may name.

import type { ObjectType } from "#domain/rights.ts";
import type { Db } from "./storage.ts";

const tables = {
	messagingService: "messaging_services",
	user: "users",
	userGroup: "user_groups",
	role: "roles",
	apiToken: "api_tokens",
	queue: "queues",
	prompt: "prompts",
	calendar: "calendars",
	schedule: "schedules",
	replyTemplate: "reply_templates",
	eventSubscription: "event_subscriptions",
} as const satisfies Partial<Record<ObjectType, string>>;

/** False for object types that have no rows. */
export async function objectExists(db: Db, objectType: ObjectType, id: string): Promise<boolean> {
	if (!(objectType in tables)) {
		return false;
	}
	const table = tables[objectType as keyof typeof tables];
	const row = await db.selectFrom(table).select("id").where("id", "=", id).executeTakeFirst();
	return row !== undefined;
}
