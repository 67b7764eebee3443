// What a reader of the messages' events is told: the ledger from a place on, of the messaging services they may read.

import { visibleObjects } from "#rights/decide.ts";
import { type EventCursor, eventsAfter, type StoredEvent } from "#storage/events.ts";
import type { StreamDeps, StreamEvent, StreamSource } from "../event-stream.ts";
import { readers, type Services, visibleServices } from "./access.ts";
import { toTime } from "./views.ts";

const batchSize = 100; // Events per read.

export function ledgerSource(
	{ storage }: Pick<StreamDeps, "storage">,
	start: { cursor: EventCursor; services: Services },
): StreamSource {
	let { cursor, services } = start;
	return {
		lane: "events",
		start: toId(cursor),
		async next() {
			const options = { limit: batchSize, serviceIds: services };
			const found = await eventsAfter(storage.db, storage.dialect, cursor, options);
			cursor = found.at(-1)?.cursor ?? cursor;
			return { events: found.map(toStreamEvent), isAll: found.length < batchSize };
		},
		know(caller) {
			services = visibleServices({ visible: (access, type) => visibleObjects(caller.grants, access, type) }, readers);
		},
	};
}

function toStreamEvent(event: StoredEvent): StreamEvent {
	const id = toId(event.cursor);
	const { type, serviceId: service, messageId: message, conversationId: conversation } = event;
	const { user: _user, because: _because, ...detail } = event.data; // A person's words are for the trace.
	return { id, type, data: { id, type, at: toTime(event.at), service, message, conversation, detail } };
}

function toId({ tx, seq }: EventCursor): string {
	return `${tx}.${seq}`;
}
