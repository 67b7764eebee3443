// What is read off a chat: its name, its kind, what is unread, how long something still takes. Pure.

import { aliasIn, type Interaction, type Message, momentOf, type Tree } from "#web/realtime/tree.ts";

export function nameOf({ customer, participants, originator }: Interaction): string {
	const contact = participants.find(({ uniquekey }) => uniquekey === originator);
	return customer?.name ?? (contact?.alias === undefined || contact.alias === "" ? originator : contact.alias);
}

/** Who said it, as those in the chat call them, also when they have left. */
export function authorOf({ originator }: Message, chat: Interaction): string {
	return originator === chat.originator ? nameOf(chat) : aliasIn(chat, originator);
}

export function channelOf({ attached_data: attached }: Interaction): string {
	const { channel } = attached;
	return typeof channel === "string" ? channel : "web";
}

export const stages = ["offered", "open", "supervised", "wrapUp"] as const;
export type Stage = (typeof stages)[number];

export function stageOf({ status, role }: Pick<Interaction, "status" | "role">): Stage {
	if (status === "incoming") {
		return "offered";
	}
	if (status === "ended") {
		return "wrapUp";
	}
	return role === "supervisor" ? "supervised" : "open";
}

/** As the list shows them: by stage, in each the one that waits longest first. */
export function inListOrder(chats: readonly Interaction[]): readonly Interaction[] {
	const since = (chat: Interaction): number => momentOf(chat.waiting_since ?? chat.date_created);
	return chats.toSorted((a, b) => stages.indexOf(stageOf(a)) - stages.indexOf(stageOf(b)) || since(a) - since(b));
}

/** What the contact said since it was seen. */
export function unreadOf(chat: Interaction, seen: Readonly<Record<string, number>>): number {
	const last = seen[chat.id] ?? 0;
	return chat.transcript.messages.filter((one) => one.seq > last && isOfContact(one, chat)).length;
}

export function isOfContact({ originator, system_message: isSystem }: Message, chat: Interaction): boolean {
	return !isSystem && originator === chat.originator;
}

/** Milliseconds; 0: it is over; undefined: there is no such end. */
export function leftUntil(text: string | null | undefined, nowMs: number): number | undefined {
	const at = momentOf(text);
	return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}

/** `4:05`, or `1:02:03`. */
export function clockText(ms: number): string {
	const seconds = Math.ceil(ms / 1000);
	const parts = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60), seconds % 60];
	const [hours = 0, minutes = 0, rest = 0] = parts;
	const two = (number: number): string => String(number).padStart(2, "0");
	return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** Whether free text may be sent: the window is open, or there is none. */
export function isWindowOpen({ window_until: until }: Interaction, nowMs: number): boolean {
	return until === undefined || (until !== null && momentOf(until) > nowMs);
}

export type Parsed = Readonly<Record<string, unknown>>;

/** A message's JSON; what is none is empty. */
export function contentOf(message: string): Parsed {
	try {
		const parsed: unknown = JSON.parse(message);
		return typeof parsed === "object" && parsed !== null ? (parsed as Parsed) : {};
	} catch {
		return {}; // Shown as a line without facts.
	}
}

/** What the server gave as a text or number; nothing else is shown. */
export function textOf(value: unknown): string {
	return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

/** The chat that is open there. */
export function chatOn({ interactions }: Pick<Tree, "interactions">, { chatId }: { chatId?: string }) {
	return interactions.find(({ id }) => id === chatId);
}

/** Whose tree it is; empty: nobody's yet. */
export function userIn({ properties }: Pick<Tree, "properties">): string {
	return textOf(properties["id"]);
}
