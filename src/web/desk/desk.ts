// The desk as one value that changes: the line, the tree it tells, and what the agent has written. Screens draw what it is
// now and call what it can do.

import { randomHex } from "#web/api/random.ts";
import { type Answer, type Link, type LinkState, openLink, Unanswered, Unsent } from "#web/realtime/link.ts";
import { applyAll, emptyTree, type Interaction, type Tree } from "#web/realtime/tree.ts";
import { openAddresses } from "./address.ts";
import { keepSeen, keepWords, keptSeen, keptWords, onOtherWindow, type Seen } from "./kept.ts";
import {
	changed,
	type Draft,
	type Kind,
	noDraft,
	type Pending,
	resumed,
	swept,
	withDraft,
	without,
	withoutChat,
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
	seen: Seen;
};

/** `code` is for programs, `because` for people. */
export type Asked = { ok: true; body: unknown } | { ok: false; code: string; because: string };

export type Desk = {
	now(): DeskState;
	subscribe(run: () => void): () => void;
	/** Never throws: what went wrong is told in words. */
	ask(method: string, uri: string, body?: unknown): Promise<Asked>;
	draft(chatId: string, change: Partial<Draft>): void;
	say(chatId: string, kind: Kind, text: string): void;
	sayAgain(chatId: string, clientId: string): void;
	/** Back into the draft, to be changed. */
	takeBack(chatId: string, pending: Pending): void;
	drop(chatId: string, clientId: string): void;
	dropChat(chatId: string): void;
	see(chatId: string): void;
	retry(): void;
};

const caughtUpMs = 6000;
const againMs = 5000; // No answer came though the line holds; the server drops a repetition by its id.
const subscriptions = ["/properties", "/interactions", "/queues", "/statistics/queues", "/supervisor_sessions"];

export function openDesk(): Desk {
	let state: DeskState = {
		link: "connecting",
		isCaughtUp: false,
		isLoaded: false,
		tree: emptyTree,
		words: keptWords(),
		seen: keptSeen(),
	};
	const hearers = new Set<() => void>();
	const set = (change: Partial<DeskState>): void => {
		state = { ...state, ...change };
		hearers.forEach((run) => run());
	};
	const setWords = (words: Words): void => {
		if (words !== state.words) {
			keepWords(words);
			set({ words });
		}
	};
	onOtherWindow(set);
	const link: Link = openLink({
		address: openAddresses(),
		openSocket: (address) => new WebSocket(address),
		after(delayMs, run) {
			const timer = setTimeout(run, delayMs);
			return () => clearTimeout(timer);
		},
		random: () => Math.random(),
		subscriptions,
		onTransactions(transactions) {
			set({ tree: applyAll(state.tree, transactions) });
			setWords(swept(state.words, state.tree.interactions));
			follower.follow(state.tree);
		},
		onState: (next) => turn(next),
	});
	const follower = openFollower(link);
	const sender = openSender(link, { words: () => state.words, setWords, chats: () => state.tree.interactions });

	function turn(next: LinkState): void {
		const isBack = next === "open" && state.link === "lost";
		set({ link: next, isCaughtUp: isBack, isLoaded: state.isLoaded || next === "open" });
		if (isBack) {
			setTimeout(() => set({ isCaughtUp: false }), caughtUpMs);
		}
		if (next === "open") {
			setWords(resumed(state.words));
			sender.sendAll();
			follower.follow(state.tree);
		} else {
			follower.forget();
		}
	}

	return {
		now: () => state,
		subscribe(run) {
			hearers.add(run);
			return () => hearers.delete(run);
		},
		ask: (method, uri, body) => link.ask(method, uri, body).then(toAsked, toUnasked),
		draft: (chatId, change) => setWords(withDraft(state.words, chatId, change)),
		say(chatId, kind, text) {
			const pending: Pending = { clientId: randomHex(16), kind, text, state: "waiting" };
			setWords(withPending(state.words, chatId, [...(state.words.pending[chatId] ?? []), pending]));
			sender.send(chatId);
		},
		sayAgain(chatId, clientId) {
			setWords(changed(state.words, chatId, clientId, { state: "waiting" }));
			sender.send(chatId);
		},
		takeBack(chatId, { clientId, kind, text }) {
			const written = kind === "note" ? "note" : "text";
			const before = (state.words.drafts[chatId] ?? noDraft)[written];
			const joined = before === "" ? text : `${text}\n${before}`;
			setWords(withDraft(without(state.words, chatId, clientId), chatId, { kind: written, [written]: joined }));
		},
		drop: (chatId, clientId) => setWords(without(state.words, chatId, clientId)),
		dropChat: (chatId) => setWords(withoutChat(state.words, chatId)),
		see(chatId) {
			const last = state.tree.interactions.find(({ id }) => id === chatId)?.transcript.messages.at(-1)?.seq ?? 0;
			if ((state.seen[chatId] ?? 0) < last) {
				const here = new Set(state.tree.interactions.map(({ id }) => id));
				const seen = { ...state.seen, [chatId]: last };
				const kept = Object.fromEntries(Object.entries(seen).filter(([id]) => here.has(id)));
				keepSeen(kept);
				set({ seen: kept });
			}
		},
		retry: () => link.retry(),
	};
}

/** Subscribes to the chats of each agent whom one supervises; what one is supervised by has no agent in it. */
function openFollower(link: Link) {
	let followed = new Set<string>();
	return {
		follow({ supervisions }: Tree): void {
			for (const { id, agent } of supervisions) {
				if (agent !== undefined && !followed.has(id)) {
					followed.add(id);
					void link
						.ask("SUBSCRIBE", `/supervisor_sessions/${id}/agent/model/interactions`)
						.catch(() => followed.delete(id));
				}
			}
		},
		/** Subscriptions die with the connection. */
		forget(): void {
			followed = new Set();
		},
	};
}

type Store = { words(): Words; setWords(words: Words): void; chats(): readonly Interaction[] };

/** One message after the other in each chat, so that they arrive in the order they were written. */
function openSender(link: Link, { words, setWords, chats }: Store) {
	async function send(chatId: string): Promise<void> {
		for (;;) {
			const all = words().pending[chatId] ?? [];
			const next = all.find((one) => one.state === "waiting");
			const isThere = chats().some(({ id }) => id === chatId);
			if (next === undefined || !isThere || all.some((one) => one.state === "sending")) {
				return;
			}
			setWords(changed(words(), chatId, next.clientId, { state: "sending" }));
			if (!(await sendOne(chatId, next))) {
				return;
			}
		}
	}

	/** False: it is not known to have arrived, and waits. */
	async function sendOne(chatId: string, { clientId, kind, text }: Pending): Promise<boolean> {
		const body = { type: kind, message: text, client_message_id: clientId };
		try {
			const asked = toAsked(await link.ask("POST", `/interactions/${chatId}/transcript/messages`, body));
			const change = asked.ok ? { state: "taken" as const } : { state: "refused" as const, because: asked.because };
			setWords(swept(changed(words(), chatId, clientId, change), chats()));
			return true;
		} catch (error) {
			if (!(error instanceof Unsent || error instanceof Unanswered)) {
				throw error;
			}
			setWords(changed(words(), chatId, clientId, { state: "waiting" }));
			if (error instanceof Unanswered) {
				setTimeout(() => void send(chatId), againMs);
			}
			return false;
		}
	}

	return {
		send: (chatId: string): void => void send(chatId),
		sendAll: (): void => Object.keys(words().pending).forEach((chatId) => void send(chatId)),
	};
}

function toAsked({ status, body }: Answer): Asked {
	return status === 200 ? { ok: true, body } : { ok: false, ...reasonIn(body) };
}

function toUnasked(error: unknown): Asked {
	return { ok: false, code: "no_line", because: error instanceof Error ? error.message : String(error) };
}

/** One plain sentence, as the server gives it. */
function reasonIn(body: unknown): { code: string; because: string } {
	const told = (typeof body === "object" && body !== null ? body : {}) as { error?: unknown; message?: unknown };
	return {
		code: typeof told.error === "string" ? told.error : "refused",
		because: typeof told.message === "string" ? told.message : "The server refused it.",
	};
}
