// What the page around the panel is told of chats as they go. Pure: each transaction by itself, since an offer that is
// rejected has both its last status and its end in one notification.

import type { Transaction } from "#web/realtime/link.ts";
import { apply, type Interaction, type Tree } from "#web/realtime/tree.ts";

export type HostState = {
	attribute: "activeInteraction" | "status" | "channel_status";
	value: unknown;
	interaction?: Partial<Interaction>;
};

export function statesIn(before: Tree, transactions: readonly Transaction[]): readonly HostState[] {
	let tree = before;
	return transactions.flatMap((transaction) => {
		const next = apply(tree, transaction);
		const states = statesBetween(tree.interactions, next.interactions);
		tree = next;
		return states;
	});
}

/** What is on the screen now. */
export function activeState(chatId: string | undefined): HostState {
	return { attribute: "activeInteraction", value: chatId === undefined ? null : { id: chatId } };
}

const told = ["incoming", "outgoing", "accepted", "rejected", "ended", "handled"];

function statesBetween(before: readonly Interaction[], after: readonly Interaction[]): readonly HostState[] {
	if (before === after) {
		return [];
	}
	const was = new Map(before.map((one) => [one.id, one]));
	const is = new Set(after.map(({ id }) => id));
	return [
		...after.flatMap((one) => changesOf(was.get(one.id), one)),
		...before.filter(({ id }) => !is.has(id)).flatMap(partingOf),
	];
}

function changesOf(was: Interaction | undefined, is: Interaction): readonly HostState[] {
	if (was === is || isLookedOn(is)) {
		return [];
	}
	const began = was === undefined && isOwnBeginning(is) ? [statusState("outgoing", is)] : [];
	const isKnown = was !== undefined && !isLookedOn(was);
	const status = isKnown && was.status === is.status ? [] : [statusState(is.status, is)];
	const channel =
		was === undefined || was.channel_status === is.channel_status
			? []
			: [{ attribute: "channel_status" as const, value: is.channel_status, interaction: factsOf(is) }];
	return [...began, ...status.filter(({ value }) => told.includes(value)), ...channel];
}

function isOwnBeginning(chat: Interaction): boolean {
	const { direction } = chat as { direction?: unknown };
	return direction === "outbound" && chat.status === "accepted";
}

/** An offer that went elsewhere has ended for this agent. Only by `handled` does the library forget a chat: it comes last, always. */
function partingOf(chat: Interaction): readonly HostState[] {
	if (isLookedOn(chat) || chat.status === "handled") {
		return [];
	}
	return [...(chat.status === "incoming" ? ["ended"] : []), "handled"].map((value) => statusState(value, chat));
}

function isLookedOn({ role }: Interaction): boolean {
	return role === "supervisor";
}

function statusState(value: string, chat: Interaction) {
	return { attribute: "status" as const, value, interaction: factsOf(chat) };
}

/** Without what was said: that is had by asking. */
function factsOf(chat: Interaction): Partial<Interaction> {
	return Object.fromEntries(Object.entries(chat).filter(([name]) => name !== "transcript"));
}
