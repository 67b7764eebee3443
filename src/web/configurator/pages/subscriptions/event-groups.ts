// The types of events, grouped as people choose them.

import type { CmiGetSubscriptionsId200 } from "#web/api/cmi.ts";

export type Subscription = CmiGetSubscriptionsId200;
export type EventType = Subscription["events"][number];

export const groupNames = ["messages", "trouble", "requests", "conversations", "contacts", "chats"] as const;
export type GroupName = (typeof groupNames)[number];

/** A type of the interface that is missing here does not compile. */
const groupOf: Readonly<Record<EventType, GroupName>> = {
	"message.received": "messages",
	"message.matched": "messages",
	"message.queued": "messages",
	"message.state": "messages",
	"attachment.state": "messages",
	"message.parked": "trouble",
	"message.retried": "trouble",
	"message.leftOut": "trouble",
	"request.quarantined": "requests",
	"request.changed": "requests",
	"message.released": "requests",
	"conversation.started": "conversations",
	"conversation.reopened": "conversations",
	"conversation.closed": "conversations",
	"contact.optedOut": "contacts",
	"contact.optedIn": "contacts",
	"chat.started": "chats",
	"chat.offered": "chats",
	"chat.accepted": "chats",
	"chat.transferred": "chats",
	"chat.returned": "chats",
	"chat.ended": "chats",
	"chat.handled": "chats",
	"chat.message": "chats",
};

export const eventTypes = Object.keys(groupOf) as readonly EventType[];
export const testType = "subscription.test" as const;

export function typesOf(group: GroupName): readonly EventType[] {
	return eventTypes.filter((type) => groupOf[type] === group);
}

export function isKnownType(type: string): type is EventType | typeof testType {
	return type === testType || type in groupOf;
}

/** How many of each group are chosen, without the groups of which there is none. */
export function countedGroups(
	events: readonly EventType[],
): readonly { group: GroupName; count: number; of: number }[] {
	return groupNames
		.map((group) => {
			const types = typesOf(group);
			return { group, count: types.filter((type) => events.includes(type)).length, of: types.length };
		})
		.filter(({ count }) => count > 0);
}
