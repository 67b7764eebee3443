// The desk as one value that changes: the line, the tree it tells, and what the agent has written. Screens draw what it is
// now and call what it can do.

import { after } from "#web/realtime/after.ts";
import { type Link, type LinkState, openLink, type Transaction } from "#web/realtime/link.ts";
import { applyAll, emptyTree, type Tree } from "#web/realtime/tree.ts";
import { type Asked, toAsked, toUnasked } from "./asked.ts";
import { userIn } from "./chat-facts.ts";
import { keepSeen, keptOf, onOtherWindow, type Seen } from "./kept.ts";
import { type Letter, type Letters, openLetters } from "./letters.ts";
import { type Mouth, openMouth } from "./mouth.ts";
import { isPanel, openAwaitedAddresses } from "./panel.ts";
import { noWords, type Words } from "./pending.ts";
import { openStore, type Store } from "./store.ts";
import { openAddresses } from "./ticket.ts";

export type DeskState = {
	link: LinkState;
	/** The line was lost and is back: for a moment. */
	isCaughtUp: boolean;
	/** The first snapshots are here. */
	isLoaded: boolean;
	/** In a panel: the page around has not logged in yet, or not any more. */
	isAwaited: boolean;
	tree: Tree;
	words: Words;
	seen: Seen;
	/** That is being written to somebody who has not written. */
	letter: Letter | undefined;
};

export type Desk = Pick<Store<DeskState>, "now" | "subscribe"> &
	Omit<Mouth, "goOn" | "sweep" | "hear"> & {
		/** Never throws: what went wrong is told in words. */
		ask(method: string, uri: string, body?: unknown): Promise<Asked>;
		see(chatId: string): void;
		letters: Letters;
		retry(): void;
		/** Calls back with what the server tells, and the tree before it. */
		onTold(hear: Hear): void;
	};

type Hear = (before: Tree, transactions: readonly Transaction[]) => void;

const caughtUpMs = 6000;

/** Nobody's desk. */
const nobody = { isLoaded: false, tree: emptyTree, words: noWords, seen: {}, letter: undefined };

export function openDesk(): Desk {
	const store = openStore<DeskState>({ link: "connecting", isCaughtUp: false, isAwaited: false, ...nobody });
	const { now, set } = store;
	const ask: Link["ask"] = (method, uri, body) => link.ask(method, uri, body);
	const { goOn, sweep, hear, ...mouth } = openMouth(store, ask);
	onOtherWindow(
		() => userIn(now().tree),
		(change) => ("words" in change ? hear(change.words) : set(change)),
	);
	const follower = openFollower(ask);
	const hearers: Hear[] = [];
	const link: Link = openLink({
		address: isPanel ? openAwaitedAddresses(setAwaited) : openAddresses(),
		openSocket: (address) => new WebSocket(address),
		after,
		random: () => Math.random(),
		subscriptions: ["/properties", "/interactions", "/queues", "/statistics/queues", "/supervisor_sessions"],
		onTransactions(transactions) {
			const before = now().tree;
			const tree = applyAll(before, transactions);
			const user = userIn(tree);
			set({ tree, ...(user === userIn(before) ? {} : keptOf(user)) });
			hearers.forEach((hear) => hear(before, transactions));
			sweep();
			follower.follow(now().tree);
		},
		onState: turn,
	});

	/** Whoever logs in next may be somebody else: nothing stays on the screen. */
	function setAwaited(isAwaited: boolean): void {
		if (isAwaited !== now().isAwaited) {
			set({ isAwaited, ...(isAwaited ? nobody : {}) });
		}
	}

	function turn(next: LinkState): void {
		const isBack = next === "open" && now().link === "lost";
		set({ link: next, isCaughtUp: isBack, isLoaded: now().isLoaded || next === "open" });
		if (isBack) {
			setTimeout(() => set({ isCaughtUp: false }), caughtUpMs);
		}
		if (next === "open") {
			goOn();
		} else {
			follower.forget();
		}
	}

	return {
		...mouth,
		now,
		subscribe: store.subscribe,
		ask: (method, uri, body) => ask(method, uri, body).then(toAsked, toUnasked),
		see: (chatId) => see(store, chatId),
		letters: openLetters(store),
		retry: () => link.retry(),
		onTold: (hear) => void hearers.push(hear),
	};
}

/** Only of chats that are there. */
function see({ now, set }: Store<DeskState>, chatId: string): void {
	const { tree, seen: before } = now();
	const last = tree.interactions.find(({ id }) => id === chatId)?.transcript.messages.at(-1)?.seq ?? 0;
	if ((before[chatId] ?? 0) < last) {
		const here = new Set(tree.interactions.map(({ id }) => id));
		const all = Object.entries({ ...before, [chatId]: last });
		const seen = Object.fromEntries(all.filter(([id]) => here.has(id)));
		keepSeen(userIn(tree), seen);
		set({ seen });
	}
}

/** Subscribes to the chats of each agent whom one supervises; a session in which one is supervised has no agent. */
function openFollower(ask: Link["ask"]) {
	let followed = new Set<string>();
	return {
		follow({ supervisions }: Tree): void {
			const fresh = supervisions.filter(({ id, agent }) => agent !== undefined && !followed.has(id));
			for (const { id } of fresh) {
				followed.add(id);
				// Where the line is lost meanwhile, it is asked for anew with the rest.
				void ask("SUBSCRIBE", `/supervisor_sessions/${id}/agent/model/interactions`).catch(() => undefined);
			}
		},
		/** Subscriptions die with the connection. */
		forget(): void {
			followed = new Set();
		},
	};
}
