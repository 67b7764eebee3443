// The desk as one value that changes: the line, the tree it tells, and what the agent has written. Screens draw what it is
// now and call what it can do.

import { basePath } from "#web/api/base.ts";
import { randomHex } from "#web/api/random.ts";
import {
	type Answer,
	type Link,
	type LinkState,
	openLink,
	SessionEnded,
	Unanswered,
	Unsent,
} from "#web/realtime/link.ts";
import { applyAll, emptyTree, type Tree } from "#web/realtime/tree.ts";
import {
	changed,
	type Kind,
	parseWords,
	type Pending,
	restored,
	stillPending,
	withDraft,
	without,
	withPending,
	type Words,
} from "./pending.ts";

export type DeskState = {
	link: LinkState;
	/** The line was lost and is back: for a moment. */
	isCaughtUp: boolean;
	/** The first snapshots are here. */
	isLoaded: boolean;
	tree: Tree;
	words: Words;
	/** Number of the last line seen, by chat. */
	seen: Readonly<Record<string, number>>;
};

export type Asked = { ok: true; body: unknown } | { ok: false; because: string };

export type Desk = {
	now(): DeskState;
	subscribe(run: () => void): () => void;
	/** Never throws: what went wrong is told in words. */
	ask(method: string, uri: string, body?: unknown): Promise<Asked>;
	draft(chatId: string, text: string): void;
	say(chatId: string, kind: Kind, text: string): void;
	sayAgain(chatId: string, clientId: string): void;
	drop(chatId: string, clientId: string): void;
	see(chatId: string): void;
	retry(): void;
};

const caughtUpMs = 6000;
const keptAs = "parley.desk.words";

export function openDesk(): Desk {
	let state: DeskState = {
		link: "connecting",
		isCaughtUp: false,
		isLoaded: false,
		tree: emptyTree,
		words: parseWords(localStorage.getItem(keptAs)),
		seen: {},
	};
	const hearers = new Set<() => void>();
	const set = (change: Partial<DeskState>): void => {
		state = { ...state, ...change };
		hearers.forEach((run) => run());
	};
	const setWords = (words: Words): void => {
		localStorage.setItem(keptAs, JSON.stringify(words));
		set({ words });
	};
	const link: Link = openLink({
		address: newAddress,
		openSocket: (address) => new WebSocket(address),
		after(delayMs, run) {
			const timer = setTimeout(run, delayMs);
			return () => clearTimeout(timer);
		},
		random: () => Math.random(),
		subscriptions: ["/properties", "/interactions", "/queues", "/statistics/queues", "/supervisor_sessions"],
		onTransactions: (transactions) => set({ tree: applyAll(state.tree, transactions) }),
		onState: (next) => follow(next),
	});

	function follow(next: LinkState): void {
		const isBack = next === "open" && state.link === "lost";
		set({ link: next, isCaughtUp: isBack, isLoaded: state.isLoaded || next === "open" });
		if (isBack) {
			setTimeout(() => set({ isCaughtUp: false }), caughtUpMs);
		}
		if (next === "open") {
			const ids = state.tree.interactions.map(({ id }) => id);
			setWords(restored(state.words, ids));
			ids.forEach((id) => void sendWaiting(id));
		}
	}

	/** One after the other, so that they arrive in the order they were written. */
	async function sendWaiting(chatId: string): Promise<void> {
		for (;;) {
			const chat = state.tree.interactions.find(({ id }) => id === chatId);
			const all = stillPending(state.words.pending[chatId] ?? [], chat?.transcript.messages ?? []);
			const next = all.find((one) => one.state === "waiting");
			if (next === undefined || all.some((one) => one.state === "sending")) {
				return;
			}
			setWords(changed(state.words, chatId, next.clientId, { state: "sending" }));
			if (!(await sendOne(chatId, next))) {
				return;
			}
		}
	}

	/** False: there is no line now. */
	async function sendOne(chatId: string, { clientId, kind, text }: Pending): Promise<boolean> {
		const body = { type: kind, message: text, client_message_id: clientId };
		try {
			const { status, body: answer } = await link.ask("POST", `/interactions/${chatId}/transcript/messages`, body);
			setWords(
				status === 200
					? without(state.words, chatId, clientId)
					: changed(state.words, chatId, clientId, { state: "refused", because: reasonIn(answer) }),
			);
			return true;
		} catch (error) {
			if (!(error instanceof Unsent || error instanceof Unanswered)) {
				throw error;
			}
			setWords(changed(state.words, chatId, clientId, { state: "waiting" }));
			return false;
		}
	}

	return {
		now: () => state,
		subscribe(run) {
			hearers.add(run);
			return () => hearers.delete(run);
		},
		ask: (method, uri, body) => link.ask(method, uri, body).then(toAsked, toUnasked),
		draft: (chatId, text) => setWords(withDraft(state.words, chatId, text)),
		say(chatId, kind, text) {
			const pending: Pending = { clientId: randomHex(16), kind, text, state: "waiting" };
			setWords(
				withPending(withDraft(state.words, chatId, ""), chatId, [...(state.words.pending[chatId] ?? []), pending]),
			);
			void sendWaiting(chatId);
		},
		sayAgain(chatId, clientId) {
			setWords(changed(state.words, chatId, clientId, { state: "waiting" }));
			void sendWaiting(chatId);
		},
		drop: (chatId, clientId) => setWords(without(state.words, chatId, clientId)),
		see(chatId) {
			const last = state.tree.interactions.find(({ id }) => id === chatId)?.transcript.messages.at(-1)?.seq ?? 0;
			if (state.seen[chatId] !== last) {
				set({ seen: { ...state.seen, [chatId]: last } });
			}
		},
		retry: () => link.retry(),
	};
}

/** The browser's session becomes one of the Chat Server; a ticket opens one socket. */
async function newAddress(): Promise<string> {
	const ticket = (await post("ecfs/ticket")) ?? (await ticketAfterLogIn());
	return `${location.origin.replace(/^http/, "ws")}${basePath}/ecfs/ws_endpoint/;ticket=${ticket.ticket}`;
}

async function ticketAfterLogIn(): Promise<{ ticket: string }> {
	const started = await post("ecfs/authentication", { authorization: "Session" });
	const ticket = started === undefined ? undefined : await post("ecfs/ticket");
	if (ticket === undefined) {
		throw new SessionEnded("Nobody is signed in.");
	}
	return ticket;
}

/** Undefined: there is no session. */
async function post(path: string, headers: Record<string, string> = {}): Promise<{ ticket: string } | undefined> {
	const answer = await fetch(`${basePath}/${path}`, { method: "POST", headers, credentials: "same-origin" });
	if (answer.status === 401 || answer.status === 403) {
		return undefined;
	}
	if (!answer.ok) {
		throw new Error(`The server answered ${answer.status}.`);
	}
	return (await answer.json()) as { ticket: string };
}

function toAsked({ status, body }: Answer): Asked {
	return status === 200 ? { ok: true, body } : { ok: false, because: reasonIn(body) };
}

function toUnasked(error: unknown): Asked {
	return { ok: false, because: error instanceof Error ? error.message : String(error) };
}

/** One plain sentence, as the server gives it. */
function reasonIn(body: unknown): string {
	const { message } = (typeof body === "object" && body !== null ? body : {}) as { message?: unknown };
	return typeof message === "string" ? message : "The server refused it.";
}
