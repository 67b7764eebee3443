// The seam between the wire and what it shows: a tree of resources under /users/me that answers requests and gives
// snapshots, and a feed of what changes in it. A connection knows nothing else of chats.

export type CallerKind = "agent" | "visitor";

/** Who is at the other end of a connection, or of one request. */
export type Caller = {
	kind: CallerKind;
	/** The user's id, or the anonymous visitor's: 32 upper-case hexadecimal digits. */
	userId: string;
	/** The chat session's id; not a secret. */
	sessionId: string;
	/** Of this connection, e.g. TMP and 29 hexadecimal digits. Null: a request by plain REST. */
	terminalId: string | null;
	/** The network address, for limits. */
	address: string;
};

export type Method = "GET" | "POST" | "PUT" | "DELETE";

export type Asked = {
	method: Method;
	/** The steps below /users/me, percent-decoded: ["interactions", "<id>", "transcript", "messages"]. */
	path: readonly string[];
	body: unknown;
	caller: Caller;
};

/** Every code of the protocol; 200 is the only good one. */
export type Status = 200 | 400 | 403 | 404 | 405 | 408 | 413 | 429 | 500 | 503;

/** `body` of a fault: `{error, message}`. */
export type Answer = { status: Status; body?: unknown };

export function fault(status: Exclude<Status, 200>, error: string, message: string): Answer {
	return { status, body: { error, message } };
}

export const done: Answer = { status: 200 };
export const notThere: Answer = fault(404, "not_found", "There is no such resource.");

export type Transaction = { method: "POST" | "PUT" | "DELETE"; uri: string; subscribed_resource: unknown };

/** A place in the order of all commits. */
export type Position = number;

/** What one commit changed in the tree of one user; `uri`s begin with /users/me/. */
export type Change = { position: Position; transactions: readonly Transaction[] };

export type Snapshot = { position: Position; value: unknown };

export type Tree = {
	answer(asked: Asked): Promise<Answer>;
	/** The resource with everything below it, and the position it is true for; a fault where it cannot be subscribed. */
	snapshot(
		caller: Caller,
		path: readonly string[],
	): Promise<{ ok: true; snapshot: Snapshot } | { ok: false; answer: Answer }>;
};

export type Feed = {
	/**
	 * Calls back with each change of the user's tree, in commit order, each once. What was committed before the call may
	 * still come: a subscriber drops what is not after its snapshot. `miss`: a change could not be made out, so what the
	 * hearer has is wrong from then on.
	 */
	listen(userId: string, hear: (change: Change) => void, miss: () => void): () => void;
};
