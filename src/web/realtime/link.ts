// The line to the Chat Server: one socket that comes back by itself, requests with their answers, and what changes. It
// knows the envelope of the real-time protocol and nothing of chats.

export type Transaction = { method: "POST" | "PUT" | "DELETE"; uri: string; subscribed_resource: unknown };

export type Answer = { status: number; body: unknown };

/** `open`: everything on the screen is as the server has it · `ended`: there is no session any more. */
export type LinkState = "connecting" | "open" | "lost" | "ended";

/** What of a WebSocket is used. */
export type Socket = Pick<WebSocket, "send" | "close" | "onmessage" | "onclose">;

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

/** Longer than the server takes to say that it was too slow. */
const answerMs = 20_000;
/** So long may nothing come before it is tried whether the line holds. */
const quietMs = 40_000;
const firstWaitMs = 500;
const longestWaitMs = 15_000;

type Frame = { client_req_id?: string | null; status_code?: number; body?: unknown; sessionid?: string };
type Waiting = { resolve(answer: Answer): void; reject(error: Error): void; cancel(): void };

export function openLink(deps: LinkDeps): Link {
	const line = new Line(deps);
	void line.connect();
	return line;
}

class Line implements Link {
	readonly #deps: LinkDeps;
	readonly #waiting = new Map<string, Waiting>();
	#socket: Socket | undefined;
	#isReady = false;
	#isClosed = false;
	#isEnded = false;
	#failures = 0;
	#number = 0;
	#cancelRetry: (() => void) | undefined;
	#cancelQuiet: (() => void) | undefined;

	constructor(deps: LinkDeps) {
		this.#deps = deps;
	}

	async connect(): Promise<void> {
		this.#cancelRetry?.();
		this.#cancelRetry = undefined;
		this.#isEnded = false;
		this.#deps.onState(this.#failures === 0 ? "connecting" : "lost");
		let address: string;
		try {
			address = await this.#deps.address();
		} catch (error) {
			if (this.#isClosed) {
				return;
			}
			return error instanceof SessionEnded ? this.#end() : this.#tryLater();
		}
		if (!this.#isClosed && this.#socket === undefined) {
			this.#listen(this.#deps.openSocket(address));
		}
	}

	ask(method: string, uri: string, body?: unknown): Promise<Answer> {
		const socket = this.#socket;
		if (socket === undefined || !this.#isReady) {
			return Promise.reject(new Unsent("There is no connection."));
		}
		this.#number += 1;
		const client_req_id = `r${this.#number}`;
		return new Promise((resolve, reject) => {
			const cancel = this.#deps.after(answerMs, () => {
				this.#waiting.delete(client_req_id);
				reject(new Unanswered("The server did not answer in time."));
				// Answers come in order: whoever waits behind this one waits in vain.
				this.#drop(socket);
			});
			this.#waiting.set(client_req_id, { resolve, reject, cancel });
			const request = { client_req_id, method, uri: `/users/me${uri}`, ...(body === undefined ? {} : { body }) };
			socket.send(JSON.stringify(request));
		});
	}

	retry(): void {
		if (this.#socket === undefined && !this.#isClosed && (this.#isEnded || this.#cancelRetry !== undefined)) {
			void this.connect();
		}
	}

	close(): void {
		this.#isClosed = true;
		this.#cancelRetry?.();
		this.#cancelQuiet?.();
		this.#socket?.close();
	}

	#listen(socket: Socket): void {
		this.#socket = socket;
		this.#cancelQuiet = this.#deps.after(answerMs, () => this.#drop(socket));
		socket.onmessage = ({ data }) => {
			this.#awaitQuiet();
			this.#take(String(data));
		};
		socket.onclose = () => {
			if (this.#socket === socket) {
				this.#lose();
			}
		};
	}

	/** A network that went away in silence tells nobody: not even the socket. */
	#awaitQuiet(): void {
		this.#cancelQuiet?.();
		// Of a subscription that nobody has: the smallest question there is.
		const prove = (): void => void this.ask("UNSUBSCRIBE", "/subscriptions/none").catch(() => undefined);
		this.#cancelQuiet = this.#deps.after(quietMs, prove);
	}

	/** Does not wait for the socket to close, which takes minutes where nobody answers. */
	#drop(socket: Socket): void {
		if (this.#socket === socket) {
			this.#lose();
			socket.close();
		}
	}

	#take(text: string): void {
		const frame = JSON.parse(text) as Frame;
		if (frame.sessionid !== undefined) {
			void this.#begin();
			return;
		}
		const { transactions } = (frame.body ?? {}) as { transactions?: Transaction[] };
		if (transactions !== undefined) {
			this.#deps.onTransactions(transactions);
			return;
		}
		const asked = this.#waiting.get(frame.client_req_id ?? "");
		if (asked !== undefined) {
			this.#waiting.delete(frame.client_req_id ?? "");
			asked.cancel();
			asked.resolve({ status: frame.status_code ?? 500, body: frame.body });
		}
	}

	/** The hello tells that the server listens: then everything is asked for anew. */
	async #begin(): Promise<void> {
		this.#isReady = true;
		const socket = this.#socket;
		try {
			for (const uri of this.#deps.subscriptions) {
				const { status } = await this.ask("SUBSCRIBE", uri);
				if (status === 408 || status >= 429) {
					throw new Unanswered("The server is too busy to tell what there is.");
				}
			}
		} catch {
			socket?.close(); // Lost again meanwhile, or to be tried again: the next try begins from the start.
			return;
		}
		this.#failures = 0;
		this.#deps.onState("open");
	}

	#lose(): void {
		this.#cancelQuiet?.();
		this.#socket = undefined;
		this.#isReady = false;
		for (const [id, { reject, cancel }] of this.#waiting) {
			this.#waiting.delete(id);
			cancel();
			reject(new Unanswered("The connection was lost before the answer came."));
		}
		if (!this.#isClosed) {
			this.#tryLater();
		}
	}

	#tryLater(): void {
		this.#failures += 1;
		this.#deps.onState("lost");
		const wait = Math.min(longestWaitMs, firstWaitMs * 2 ** (this.#failures - 1));
		// Half of it by chance, so that not all come back at once after a restart.
		const delay = wait / 2 + (this.#deps.random() * wait) / 2;
		this.#cancelRetry = this.#deps.after(delay, () => void this.connect());
	}

	#end(): void {
		this.#isEnded = true;
		this.#deps.onState("ended");
	}
}
