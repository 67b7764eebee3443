// The desk as one value that changes: the line, the tree it tells, and what the agent has written. Screens draw what it is
// now and call what it can do.

import { type LinkState, openLink } from "#web/realtime/link.ts";
import { applyAll, emptyTree, type Tree } from "#web/realtime/tree.ts";
import { type Asked, toAsked, toUnasked } from "./asked.ts";
import { keptAs, type Mouth, openMouth } from "./mouth.ts";
import { parseWords, type Words } from "./pending.ts";
import { openStore, type Store } from "./store.ts";
import { newAddress } from "./ticket.ts";

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

export type Desk = Pick<Store<DeskState>, "now" | "subscribe"> &
	Omit<Mouth, "goOn"> & {
		/** Never throws: what went wrong is told in words. */
		ask(method: string, uri: string, body?: unknown): Promise<Asked>;
		see(chatId: string): void;
		retry(): void;
	};

const caughtUpMs = 6000;

export function openDesk(): Desk {
	const store = openStore<DeskState>({
		link: "connecting",
		isCaughtUp: false,
		isLoaded: false,
		tree: emptyTree,
		words: parseWords(localStorage.getItem(keptAs)),
		seen: {},
	});
	const { now, set } = store;
	const link = openLink({
		address: newAddress,
		openSocket: (address) => new WebSocket(address),
		after(delayMs, run) {
			const timer = setTimeout(run, delayMs);
			return () => clearTimeout(timer);
		},
		random: () => Math.random(),
		subscriptions: ["/properties", "/interactions", "/queues", "/statistics/queues", "/supervisor_sessions"],
		onTransactions: (transactions) => set({ tree: applyAll(now().tree, transactions) }),
		onState: follow,
	});
	const { goOn, ...mouth } = openMouth(store, (method, uri, body) => link.ask(method, uri, body));

	function follow(next: LinkState): void {
		const isBack = next === "open" && now().link === "lost";
		set({ link: next, isCaughtUp: isBack, isLoaded: now().isLoaded || next === "open" });
		if (isBack) {
			setTimeout(() => set({ isCaughtUp: false }), caughtUpMs);
		}
		if (next === "open") {
			goOn();
		}
	}

	return {
		...mouth,
		now,
		subscribe: store.subscribe,
		ask: (method, uri, body) => link.ask(method, uri, body).then(toAsked, toUnasked),
		see(chatId) {
			const { tree, seen } = now();
			const last = tree.interactions.find(({ id }) => id === chatId)?.transcript.messages.at(-1)?.seq ?? 0;
			if (seen[chatId] !== last) {
				set({ seen: { ...seen, [chatId]: last } });
			}
		},
		retry: () => link.retry(),
	};
}
