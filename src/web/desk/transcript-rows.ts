// The rows of a transcript: messages with the days between them, why one was not delivered beside it, and at the end what is
// still on its way. Pure.

import { type Message, momentOf } from "#web/realtime/tree.ts";
import { contentOf, textOf } from "./chat-facts.ts";
import { type Pending, stillPending } from "./pending.ts";

export type Row =
	| { kind: "day"; key: string; at: number }
	/** `isGoingOn`: by the same as the line before, shortly after: it needs no name again. */
	| { kind: "line"; key: string; message: Message; isGoingOn: boolean; cause?: string }
	| { kind: "notice"; key: string; message: Message }
	| { kind: "pending"; key: string; pending: Pending };

const sameTalkMs = 5 * 60_000;

export function rowsOf(
	messages: readonly Message[],
	pending: readonly Pending[],
	dayOf: (at: number) => string,
): readonly Row[] {
	const causes = causesOf(messages);
	const rows: Row[] = [];
	let day = "";
	let before: Message | undefined;
	for (const message of messages) {
		if (causes.isTold(message)) {
			continue;
		}
		const at = momentOf(message.timestamp);
		if (!Number.isNaN(at) && dayOf(at) !== day) {
			day = dayOf(at);
			rows.push({ kind: "day", key: `day ${message.id}`, at });
			before = undefined;
		}
		rows.push(rowOf(message, before, causes.of(message)));
		before = message;
	}
	return [...rows, ...stillPending(pending, messages).map(toPendingRow)];
}

function toPendingRow(pending: Pending): Row {
	return { kind: "pending", key: pending.clientId, pending };
}

function rowOf(message: Message, before: Message | undefined, cause: string | undefined): Row {
	// Our own message keeps its place on the screen when the server's copy of it comes.
	const key = message.client_message_id ?? message.id;
	if (message.type === "state" || message.type === "error") {
		return { kind: "notice", key, message };
	}
	const isGoingOn =
		before !== undefined &&
		before.originator === message.originator &&
		before.type === message.type &&
		momentOf(message.timestamp) - momentOf(before.timestamp) < sameTalkMs;
	return { kind: "line", key, message, isGoingOn, ...(cause === undefined ? {} : { cause }) };
}

/** An error that names a message of ours is told there, not where it came in. */
function causesOf(messages: readonly Message[]) {
	const ids = new Set(messages.map(({ id }) => id));
	const causes = new Map<string, string>();
	const told = new Set<string>();
	for (const { id, type, message } of messages) {
		const { message_id: about, error_description: description } = type === "error" ? contentOf(message) : {};
		if (typeof about === "string" && ids.has(about)) {
			told.add(id);
			causes.set(about, textOf(description));
		}
	}
	return {
		isTold: ({ id }: Message): boolean => told.has(id),
		of: ({ id, delivery_status: status }: Message): string | undefined =>
			status === "failed" ? causes.get(id) : undefined,
	};
}

/** Lines that were asked for besides those of the snapshot, each once. */
export function withOlder(older: readonly Message[], messages: readonly Message[]): readonly Message[] {
	const first = messages[0]?.seq ?? Number.POSITIVE_INFINITY;
	return older.length === 0 ? messages : [...older.filter(({ seq }) => seq < first), ...messages];
}
