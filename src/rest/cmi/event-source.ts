// What a reader of the messages' events is told: the ledger from a place on, of the messaging services they may read.

import { type EventSight, eventSightOf, isInSight, type Objects } from "#rights/event-sight.ts";
import { type EventCursor, eventsAfter, queuesOfChats, type StoredEvent, toEventObject } from "#storage/events.ts";
import type { StreamDeps, StreamEvent, StreamSource } from "../event-stream.ts";

const batchSize = 100; // Events per read.

export function ledgerSource(
	{ storage }: Pick<StreamDeps, "storage">,
	start: { cursor: EventCursor; sight: EventSight },
): StreamSource {
	let { cursor, sight } = start;
	return {
		lane: "events",
		start: `${cursor.tx}.${cursor.seq}`,
		async next() {
			const seen = sight;
			const options = { limit: batchSize, serviceIds: together(seen) };
			const found = await eventsAfter(storage.db, storage.dialect, cursor, options);
			const queuesOf = await queuesOfChats(storage.db, found);
			cursor = found.at(-1)?.cursor ?? cursor;
			const isSeen = (event: StoredEvent): boolean =>
				queuesOf(event).some((queueId) => isInSight({ ...event, queueId }, seen));
			return { events: found.filter(isSeen).map(toStreamEvent), isAll: found.length < batchSize };
		},
		know(caller) {
			sight = eventSightOf(caller.grants);
		},
	};
}

function together({ messages, quarantine }: EventSight): Objects {
	return messages === "every" || quarantine === "every" ? "every" : [...new Set([...messages, ...quarantine])];
}

function toStreamEvent(event: StoredEvent): StreamEvent {
	const shown = toEventObject(event);
	return { id: shown.id, type: shown.type, data: shown };
}
