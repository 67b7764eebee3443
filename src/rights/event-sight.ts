// Which events of the ledger somebody may be told of, by their grants: in the stream, and by the event webhooks they own.

import type { Access, Grant } from "#domain/rights.ts";
import { visibleObjects } from "./decide.ts";

/** Messages are read by who may send them, and by who may read the history. */
export const readers = ["messaging", "manageContactHistory"] as const;
/** Refused calls concern who reads the history, and who configures the service and mends its secret. */
export const doorkeepers = ["manageContactHistory", "modify"] as const;

export type Objects = "every" | readonly string[];

/** The services of whose messages they hear, those of whose quarantine, and the queues of whose chats. */
export type EventSight = { messages: Objects; quarantine: Objects; chats: Objects };

export function eventSightOf(grants: readonly Grant[]): EventSight {
	return {
		messages: objectsWith(grants, readers, "messagingService"),
		quarantine: objectsWith(grants, doorkeepers, "messagingService"),
		chats: objectsWith(grants, readers, "queue"),
	};
}

function objectsWith(
	grants: readonly Grant[],
	accesses: readonly Access[],
	type: "messagingService" | "queue",
): Objects {
	const lists = accesses.map((access) => visibleObjects(grants, access, type));
	return lists.includes("every") ? "every" : [...new Set(lists.flat())];
}

/** @param event `serviceId` is empty where it is of no service; `queueId` is that of its chat */
export function isInSight(
	{ type, serviceId, queueId }: { type: string; serviceId: string; queueId: string | null },
	{ messages, quarantine, chats }: EventSight,
): boolean {
	if (type.startsWith("request.")) {
		return includes(quarantine, serviceId);
	}
	if (serviceId !== "") {
		return includes(messages, serviceId);
	}
	// Of no service: a chat that began in a browser, or a contact's word that counts for all services.
	return type.startsWith("chat.") ? includes(chats, queueId ?? "") : messages === "every" || messages.length > 0;
}

function includes(objects: Objects, id: string): boolean {
	return objects === "every" || objects.includes(id);
}
