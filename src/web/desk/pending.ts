// What an agent has written and the server does not have yet. It is kept in the browser, so that neither a reload nor a lost
// connection takes a word away, and it goes out under an id of its own, so that nothing is said twice. Pure.

import { fieldsOf } from "#web/realtime/fields.ts";
import type { Interaction, Message } from "#web/realtime/tree.ts";

export type Kind = "text" | "note" | "template";
export type WrittenKind = Exclude<Kind, "template">;

export type Pending = {
	clientId: string;
	kind: Kind;
	text: string;
	/**
	 * `waiting`: goes out as soon as there is a line · `sending`: this window has asked, and waits for the answer · `taken`:
	 * the server has it, the transcript shows it in a moment · `refused`: will not go out, unless somebody changes it.
	 */
	state: "waiting" | "sending" | "taken" | "refused";
	/** In words, of what was refused. */
	because?: string;
};

/** Answer and note apart, so that a note never goes to the contact by mistake; `kind` is the one being written. */
export type Draft = { kind: WrittenKind; text: string; note: string };

/** By chat, the one that was written in last at the end. */
export type Words = {
	drafts: Readonly<Record<string, Draft>>;
	pending: Readonly<Record<string, readonly Pending[]>>;
};

export const noWords: Words = { drafts: {}, pending: {} };
/** One and the same list, so that what is made of it need not be made again. */
export const nothingPending: readonly Pending[] = [];
export const noDraft: Draft = { kind: "text", text: "", note: "" };

const chatsMax = 50; // Of gone chats too: one that is lost to another agent may come back.

export function withDraft(words: Words, chatId: string, change: Partial<Draft>): Words {
	const { [chatId]: before = noDraft, ...others } = words.drafts;
	const draft = { ...before, ...change };
	const isEmpty = draft.text === "" && draft.note === "" && draft.kind === "text";
	return { ...words, drafts: isEmpty ? others : newestOf({ ...others, [chatId]: draft }) };
}

export function withPending(words: Words, chatId: string, pending: readonly Pending[]): Words {
	const { [chatId]: _before, ...others } = words.pending;
	return { ...words, pending: pending.length === 0 ? others : newestOf({ ...others, [chatId]: pending }) };
}

function newestOf<T>(byChat: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
	return Object.fromEntries(Object.entries(byChat).slice(-chatsMax));
}

export function changed(words: Words, chatId: string, clientId: string, change: Partial<Pending>): Words {
	const all = (words.pending[chatId] ?? []).map((one) => (one.clientId === clientId ? { ...one, ...change } : one));
	return withPending(words, chatId, all);
}

export function without(words: Words, chatId: string, clientId: string): Words {
	return withPending(
		words,
		chatId,
		(words.pending[chatId] ?? []).filter((one) => one.clientId !== clientId),
	);
}

/** Those that the transcript does not show already. */
export function stillPending(pending: readonly Pending[], messages: readonly Message[]): readonly Pending[] {
	if (pending.length === 0) {
		return pending;
	}
	const said = new Set(messages.map(({ client_message_id }) => client_message_id));
	return pending.filter(({ clientId }) => !said.has(clientId));
}

/** Without what the transcripts show by now. */
export function swept(words: Words, chats: readonly Interaction[]): Words {
	return chats.reduce((left, { id, transcript }) => {
		const before = left.pending[id] ?? [];
		const after = stillPending(before, transcript.messages);
		return after.length === before.length ? left : withPending(left, id, after);
	}, words);
}

/** What was on its way is waiting again, what was taken has arrived. */
export function resumed(words: Words): Words {
	return Object.entries(words.pending).reduce((left, [id, all]) => {
		const kept = all
			.filter(({ state }) => state !== "taken")
			.map((one) => (one.state === "sending" ? { ...one, state: "waiting" as const } : one));
		return withPending(left, id, kept);
	}, words);
}

/**
 * What is kept in the browser and read by the other windows. Only who sends knows that it is being sent; should the window
 * die meanwhile, it waits again.
 */
export const toKept = resumed;

/** Another window has kept words: what this one is sending, or has sent, goes on. */
export function heard(own: Words, kept: Words): Words {
	return Object.entries(own.pending).reduce((left, [id, all]) => {
		const going = all.filter(({ state }) => state === "sending" || state === "taken");
		const ids = new Set(going.map(({ clientId }) => clientId));
		const others = (left.pending[id] ?? []).filter(({ clientId }) => !ids.has(clientId));
		return going.length === 0 ? left : withPending(left, id, [...going, ...others]);
	}, kept);
}

export type LeftOver = { chatId: string; texts: readonly string[] };

/** Written in chats that are gone, so that nobody reads it now. */
export function leftOver({ drafts, pending }: Words, chatIds: readonly string[]): readonly LeftOver[] {
	const gone = new Set([...Object.keys(pending), ...Object.keys(drafts)].filter((id) => !chatIds.includes(id)));
	return [...gone]
		.map((chatId) => {
			const unsent = (pending[chatId] ?? []).filter(({ kind, state }) => kind !== "template" && state !== "taken");
			const { text, note } = drafts[chatId] ?? noDraft;
			return { chatId, texts: [...unsent.map((one) => one.text), text, note].filter((one) => one.trim() !== "") };
		})
		.filter(({ texts }) => texts.length > 0);
}

export function withoutChat(words: Words, chatId: string): Words {
	const { [chatId]: _draft, ...drafts } = words.drafts;
	return withPending({ ...words, drafts }, chatId, []);
}

/** What another version kept otherwise is left out; the rest is read. */
export function parseWords(text: string | null): Words {
	try {
		const { drafts, pending } = (JSON.parse(text ?? "") ?? {}) as { drafts?: unknown; pending?: unknown };
		return resumed({ drafts: entriesOf(drafts, isDraft), pending: entriesOf(pending, isPendingList) });
	} catch {
		return noWords; // Nothing is kept yet.
	}
}

function entriesOf<T>(stored: unknown, isOne: (value: unknown) => value is T): Readonly<Record<string, T>> {
	const entries = Object.entries(fieldsOf(stored));
	return Object.fromEntries(entries.filter((entry): entry is [string, T] => isOne(entry[1])));
}

function isDraft(value: unknown): value is Draft {
	const { kind, text, note } = fieldsOf(value);
	return (kind === "text" || kind === "note") && typeof text === "string" && typeof note === "string";
}

function isPendingList(value: unknown): value is readonly Pending[] {
	return (
		Array.isArray(value) &&
		value.every((one) => {
			const { clientId, kind, text, state } = fieldsOf(one);
			return [clientId, kind, text, state].every((part) => typeof part === "string");
		})
	);
}
