// The line to the Chat Server: one socket that comes back by itself, requests with their answers, and what changes. It
// knows the envelope of the real-time protocol and nothing of chats.

export type Transaction = { method: "POST" | "PUT" | "DELETE"; uri: string; subscribed_resource: unknown };

export type Answer = { status: number; body: unknown };

/** `open`: everything on the screen is as the server has it · `ended`: there is no session any more. */
export type LinkState = "connecting" | "open" | "lost" | "ended";

/** What of a WebSocket is used. */
export type Socket = {
	send(text: string): void;
	close(): void;
	onmessage: ((event: { data: unknown }) => unknown) | null;
	onclose: ((event: never) => unknown) | null;
};

export type LinkDeps = {
	/** A new address for each try, with a ticket that counts once. Rejects with `SessionEnded` where nobody is signed in. */
	address(): Promise<string>;
	openSocket(address: string): Socket;
	/** Calls back once; the function returned cancels. */
	after(delayMs: number, run: () => void): () => void;
	/** From 0 to 1. */
	random(): number;
	/** Below /users/me, in the order in which their first values are wanted. */
	subscriptions: readonly string[];
	onTransactions(transactions: readonly Transaction[]): void;
	onState(state: LinkState): void;
};

export type Link = {
	/** Rejects with `Unsent` where there is no line: nothing has gone out. After `Unanswered` nobody knows. */
	ask(method: string, uri: string, body?: unknown): Promise<Answer>;
	/** Tries at once: the browser is online again, somebody has signed in again, or wants it. */
	retry(): void;
	close(): void;
};

export class SessionEnded extends Error {}
export class Unsent extends Error {}
export class Unanswered extends Error {}

const answerMs = 15_000;
const firstWaitMs = 500;
const longestWaitMs = 15_000;

type Frame = { client_req_id?: string | null; status_code?: number; body?: unknown; sessionid?: string };
type Waiting = { resolve(answer: Answer): void; reject(error: Error): void; cancel(): void };

export function openLink(deps: LinkDeps): Link {
	const waiting = new Map<string, Waiting>();
	let socket: Socket | undefined;
	let isReady = false;
	let failures = 0;
	let number = 0;
	let cancelRetry: (() => void) | undefined;
	let isClosed = false;
	let isEnded = false;

	async function connect(): Promise<void> {
		cancelRetry?.();
		cancelRetry = undefined;
		isEnded = false;
		deps.onState(failures === 0 ? "connecting" : "lost");
		let address: string;
		try {
			address = await deps.address();
		} catch (error) {
			return error instanceof SessionEnded ? end() : tryLater();
		}
		if (!isClosed && socket === undefined) {
			listen(deps.openSocket(address));
		}
	}

	function listen(opened: Socket): void {
		socket = opened;
		opened.onmessage = ({ data }) => take(String(data));
		opened.onclose = (): void => {
			if (socket === opened) {
				lose();
			}
		};
	}

	/** The hello tells that the server listens: then everything is asked for anew. */
	async function begin(): Promise<void> {
		isReady = true;
		try {
			for (const uri of deps.subscriptions) {
				await ask("SUBSCRIBE", uri);
			}
		} catch {
			socket?.close(); // Lost again meanwhile: the next try begins from the start.
			return;
		}
		failures = 0;
		deps.onState("open");
	}

	function take(text: string): void {
		const frame = JSON.parse(text) as Frame;
		if (frame.sessionid !== undefined) {
			void begin();
			return;
		}
		const transactions = (frame.body as { transactions?: Transaction[] } | undefined)?.transactions;
		if (transactions !== undefined) {
			deps.onTransactions(transactions);
			return;
		}
		const asked = waiting.get(frame.client_req_id ?? "");
		if (asked !== undefined) {
			waiting.delete(frame.client_req_id ?? "");
			asked.cancel();
			asked.resolve({ status: frame.status_code ?? 500, body: frame.body });
		}
	}

	function lose(): void {
		socket = undefined;
		isReady = false;
		for (const [id, { reject, cancel }] of waiting) {
			waiting.delete(id);
			cancel();
			reject(new Unanswered("The connection was lost before the answer came."));
		}
		if (!isClosed) {
			tryLater();
		}
	}

	function tryLater(): void {
		failures += 1;
		deps.onState("lost");
		const wait = Math.min(longestWaitMs, firstWaitMs * 2 ** (failures - 1));
		// Half of it by chance, so that not all come back at once after a restart.
		cancelRetry = deps.after(wait / 2 + (deps.random() * wait) / 2, () => void connect());
	}

	function end(): void {
		isEnded = true;
		deps.onState("ended");
	}

	function ask(method: string, uri: string, body?: unknown): Promise<Answer> {
		const line = socket;
		if (line === undefined || !isReady) {
			return Promise.reject(new Unsent("There is no connection."));
		}
		number += 1;
		const client_req_id = `r${number}`;
		return new Promise((resolve, reject) => {
			const cancel = deps.after(answerMs, () => {
				waiting.delete(client_req_id);
				reject(new Unanswered("The server did not answer in time."));
			});
			waiting.set(client_req_id, { resolve, reject, cancel });
			line.send(
				JSON.stringify({ client_req_id, method, uri: `/users/me${uri}`, ...(body === undefined ? {} : { body }) }),
			);
		});
	}

	void connect();
	return {
		ask,
		retry() {
			if (socket === undefined && !isClosed && (isEnded || cancelRetry !== undefined)) {
				void connect();
			}
		},
		close() {
			isClosed = true;
			cancelRetry?.();
			socket?.close();
		},
	};
}
