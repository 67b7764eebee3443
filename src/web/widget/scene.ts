// The visitor's chat as the frame shows it, made from what the server tells. Pure: nothing is lost by a reconnect, nothing is
// there twice, and a chat that the server takes away stays to be read until the visitor leaves it.

import type { Transaction } from "#web/realtime/link.ts";
import { apply, emptyTree, type Interaction, type Message, type Tree } from "#web/realtime/tree.ts";

export type Scene = {
	tree: Tree;
	/** The one that is shown. */
	chat: Interaction | undefined;
	/** Those that were over when the visitor went away are not shown any more, though the server still has them. */
	left: readonly string[];
	/** Its lines from before the snapshot's first, asked for besides. */
	older: readonly Message[];
	/** The server has told which chats there are. */
	isLoaded: boolean;
	/** Number of the last line that the page was told of. */
	toldSeq: number;
	/** Number of the last line that the visitor has seen. */
	seenSeq: number;
};

export const emptyScene: Scene = {
	tree: emptyTree,
	chat: undefined,
	left: [],
	older: [],
	isLoaded: false,
	toldSeq: 0,
	seenSeq: 0,
};

export const chatsUri = "/users/me/interactions";

type SeenOf = (chatId: string) => number;

/**
 * One after the other: a chat that begins, fails and goes in one frame has still been there.
 * `seenOf`: what is remembered of a chat from earlier pages.
 */
export function advance(scene: Scene, transactions: readonly Transaction[], seenOf: SeenOf): Scene {
	return transactions.reduce((now, transaction) => advanceOne(now, transaction, seenOf), scene);
}

function advanceOne(scene: Scene, transaction: Transaction, seenOf: SeenOf): Scene {
	const tree = apply(scene.tree, transaction);
	const isLoaded = scene.isLoaded || transaction.uri === chatsUri;
	const present = tree.interactions.filter(({ id }) => !scene.left.includes(id));
	const chat = shownOf(scene.chat, present, isLoaded);
	if (chat === undefined || chat.id === scene.chat?.id) {
		return { ...scene, tree, chat, isLoaded };
	}
	// What was said before this page was there is no news to it.
	const toldSeq = scene.isLoaded ? 0 : lastSeq(chat);
	return { ...scene, tree, chat, older: [], isLoaded, toldSeq, seenSeq: seenOf(chat.id) };
}

/** The visitor goes away from a chat that is over. */
export function leave(scene: Scene): Scene {
	const over = scene.tree.interactions.filter(({ status }) => status === "ended").map(({ id }) => id);
	return {
		...scene,
		chat: undefined,
		left: [...over, ...(scene.chat === undefined ? [] : [scene.chat.id])],
		older: [],
	};
}

type Present = readonly Interaction[];

function shownOf(shown: Interaction | undefined, present: Present, isLoaded: boolean): Interaction | undefined {
	const newest = present.findLast(({ status }) => status !== "ended") ?? present.at(-1);
	const same = present.find(({ id }) => id === shown?.id);
	if (newest !== undefined && newest.id !== shown?.id && (same === undefined || same.status === "ended")) {
		return newest;
	}
	if (same !== undefined || shown === undefined || !isLoaded) {
		return same ?? shown;
	}
	return shown.status === "ended" ? shown : { ...shown, status: "ended", channel_status: "disconnected" };
}

export function linesOf({ chat, older }: Scene): readonly Message[] {
	const messages = chat?.transcript.messages ?? [];
	const first = messages[0]?.seq ?? Number.POSITIVE_INFINITY;
	return older.length === 0 ? messages : [...older.filter(({ seq }) => seq < first), ...messages];
}

/** A snapshot of a long chat begins in its middle. */
export function lacksOlder({ chat, older }: Scene): boolean {
	const [first] = chat?.transcript.messages ?? [];
	return older.length === 0 && first !== undefined && first.seq > 1 && !first.message.includes("CHAT_STARTED");
}

export function isOfOthers(message: Message, chat: Interaction): boolean {
	return message.originator !== chat.originator && !message.system_message && message.type !== "state";
}

export function unreadIn({ chat, seenSeq }: Scene): number {
	return chat === undefined
		? 0
		: chat.transcript.messages.filter((one) => one.seq > seenSeq && isOfOthers(one, chat)).length;
}

export function lastSeq(chat: Interaction | undefined): number {
	return chat?.transcript.messages.at(-1)?.seq ?? 0;
}

/** Lines of others that the page does not know yet. */
export function untold({ chat, toldSeq }: Scene): readonly Message[] {
	return (chat?.transcript.messages ?? []).filter(
		(one) => one.seq > toldSeq && chat !== undefined && isOfOthers(one, chat),
	);
}

/** From 1 on; null: the chat does not wait, or it is not known. What the server has counted may outlast the wait by a moment. */
export function placeOf({ chat }: Scene): number | null {
	const place = chat?.status === "queued" ? chat.queue_position : undefined;
	return Number.isSafeInteger(place) ? (place ?? null) : null;
}

export type ChatState = "none" | "proceeding" | "connected" | "completed";

export function isGoingOn(scene: Scene): boolean {
	const state = stateOf(scene);
	return state === "proceeding" || state === "connected";
}

/** In the original's words. */
export function stateOf({ chat }: Scene): ChatState {
	if (chat === undefined) {
		return "none";
	}
	switch (chat.status) {
		case "queued":
			return "proceeding";
		case "accepted":
			return "connected";
		default:
			return "completed";
	}
}
