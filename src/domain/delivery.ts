// The states of a message and of its parts, and the only moves that exist.
//
// Outgoing, per part: queued → sending → sent → delivered → read. A part that will never arrive ends `failed`; one whose
// time ran out before it was handed over ends `expired`. A part whose outcome stays unknown is `held` for a person, who
// sends it again (→ queued, marked as a possible duplicate) or gives up (→ failed); a receipt may settle it meanwhile.
// `sending` goes back to `queued` only when the provider certainly did not take it. A receipt of an earlier attempt may
// show that a queued part did arrive: then it is not sent again.
// Incoming: received → matched, or parked; a parked one that a person retries is received again.

/** Codes as stored. The state of a whole message is the smallest code among its parts, so trouble outranks progress. */
const outgoingCodes = {
	failed: 0,
	expired: 1,
	held: 2,
	queued: 3,
	sending: 4,
	sent: 5,
	delivered: 6,
	read: 7,
} as const;

export type OutgoingState = keyof typeof outgoingCodes;
export type OutgoingStateCode = (typeof outgoingCodes)[OutgoingState];
export const outgoingStates = Object.keys(outgoingCodes) as OutgoingState[];

export type IncomingState = "received" | "matched" | "parked";
export const incomingStates: readonly IncomingState[] = ["received", "matched", "parked"];

const moves: Record<OutgoingState, readonly OutgoingState[]> = {
	queued: ["sending", "sent", "delivered", "read", "failed", "expired"],
	sending: ["queued", "sent", "delivered", "read", "failed", "expired", "held"],
	sent: ["delivered", "read", "failed", "expired"],
	delivered: ["read"],
	held: ["queued", "sent", "delivered", "read", "failed"],
	read: [],
	failed: [],
	expired: [],
};

export function codeOf(state: OutgoingState): OutgoingStateCode {
	return outgoingCodes[state];
}

const statesByCode = new Map<number, OutgoingState>(outgoingStates.map((state) => [outgoingCodes[state], state]));

export function stateOf(code: number): OutgoingState {
	const state = statesByCode.get(code);
	if (state === undefined) {
		throw new RangeError(`no outgoing state has the code ${code}`);
	}
	return state;
}

export function canMove(from: OutgoingState, to: OutgoingState): boolean {
	return moves[from].includes(to);
}

/** What an event that says `to` makes of a part that is `from`: the new state, or the old one where there is no such move. */
export function advance(from: OutgoingState, to: OutgoingState): OutgoingState {
	return canMove(from, to) ? to : from;
}

export function isTerminal(state: OutgoingState): boolean {
	return moves[state].length === 0;
}

/** The state of a message of several parts. An empty list is a bug: a message has at least one part. */
export function messageState(parts: readonly OutgoingState[]): OutgoingState {
	return stateOf(Math.min(...parts.map(codeOf)));
}
