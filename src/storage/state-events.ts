// The ledger's lines about parts of outgoing messages: each move from state to state, with its cause.

import type { OutgoingState } from "#domain/delivery.ts";
import { appendEvents } from "./events.ts";
import type { Tx } from "./storage.ts";

export type PartRef = {
	partId: string;
	part: number;
	messageId: string;
	conversationId: string | null;
	serviceId: string;
};

export type StateChange = PartRef & {
	from: OutgoingState;
	to: OutgoingState;
	cause: Readonly<Record<string, unknown>>;
};

export async function appendStateEvents(tx: Tx, changes: readonly StateChange[], now: Date): Promise<void> {
	await appendEvents(
		tx,
		changes.map((change) => ({
			at: now,
			type: "message.state",
			serviceId: change.serviceId,
			messageId: change.messageId,
			conversationId: change.conversationId,
			data: { part: change.part, from: change.from, to: change.to, ...change.cause },
		})),
	);
}
