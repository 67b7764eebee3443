// What a reader of the messages' events is told: the ledger from a place on, of the messaging services they may read.

import { visibleObjects } from "#rights/decide.ts";
import { type EventCursor, eventsAfter, type StoredEvent } from "#storage/events.ts";
import type { StreamDeps, StreamEvent, StreamSource } from "../event-stream.ts";
import { doorkeepers, readers, type Services, visibleServices } from "./access.ts";
import { toTime } from "./views.ts";

const batchSize = 100; // Events per read.

export function ledgerSource(
	{ storage }: Pick<StreamDeps, "storage">,
	start: { cursor: EventCursor; sight: Sight },
): StreamSource {
	let { cursor, sight } = start;
	return {
		lane: "events",
		start: toId(cursor),
		async next() {
			const seen = sight;
			const options = { limit: batchSize, serviceIds: together(seen) };
			const found = await eventsAfter(storage.db, storage.dialect, cursor, options);
			cursor = found.at(-1)?.cursor ?? cursor;
			const events = found.filter((event) => isInSight(event, seen)).map(toStreamEvent);
			return { events, isAll: found.length < batchSize };
		},
		know(caller) {
			sight = sightOf({ visible: (access, type) => visibleObjects(caller.grants, access, type) });
		},
	};
}

/** The services of whose messages the caller hears, and those of whose quarantine. */
export type Sight = { messages: Services; quarantine: Services };

export function sightOf(caller: Parameters<typeof visibleServices>[0]): Sight {
	return { messages: visibleServices(caller, readers), quarantine: visibleServices(caller, doorkeepers) };
}

function together({ messages, quarantine }: Sight): Services {
	return messages === "every" || quarantine === "every" ? "every" : [...new Set([...messages, ...quarantine])];
}

function isInSight({ type, serviceId }: StoredEvent, { messages, quarantine }: Sight): boolean {
	const services = type.startsWith("request.") ? quarantine : messages;
	return services === "every" || serviceId === "" || services.includes(serviceId);
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
