// Ids and addresses that fit into the indexes. PostgreSQL refuses an index row above 2,704 bytes: an event with a longer id
// could never be stored, and the provider would repeat its request for ever.

import { createHash } from "node:crypto";
import type { ChannelEvent } from "#domain/messages.ts";

const idLengthMax = 512; // At most 1,536 bytes of UTF-8. Meta's ids, the longest known, have about 200.
const addressLengthMax = 255; // Two of them make the key of a chain.

/** The event itself, or an unreadable one in its place: kept for a person, with its request. */
export function fitting(event: ChannelEvent): ChannelEvent {
	const ids = [event.dedupKey, ...idsIn(event)];
	if (
		ids.every((id) => id.length <= idLengthMax) &&
		addressesIn(event).every((text) => text.length <= addressLengthMax)
	) {
		return event;
	}
	const fingerprint = createHash("sha256").update(JSON.stringify(event)).digest("hex");
	return { kind: "unreadable", dedupKey: `unreadable:${fingerprint}`, reason: "An id or address in it is too long." };
}

function idsIn(event: ChannelEvent): string[] {
	switch (event.kind) {
		case "message":
			return [event.remoteId];
		case "receipt":
			return "remoteId" in event.target && event.target.remoteId !== undefined ? [event.target.remoteId] : [];
		case "activity":
		case "unreadable":
		case "foreign":
			return [];
	}
}

function addressesIn(event: ChannelEvent): string[] {
	if (event.kind === "message") {
		return [event.channel, event.ourAddress, event.contact.address, event.contact.scope ?? ""];
	}
	return event.kind === "activity" && event.consent !== undefined
		? [event.consent.channel, event.contact?.address ?? ""]
		: [];
}
