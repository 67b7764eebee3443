// What an agent has written and the server does not have yet. It is kept in the browser, so that neither a reload nor a lost
// connection takes a word away, and it goes out under an id of its own, so that nothing is said twice. Pure.

import type { Message } from "#web/realtime/tree.ts";

export type Kind = "text" | "note" | "template";

export type Pending = {
	clientId: string;
	kind: Kind;
	text: string;
	/** `waiting`: goes out as soon as there is a line · `refused`: will not, unless somebody changes it. */
	state: "waiting" | "sending" | "refused";
	/** In words, of what was refused. */
	because?: string;
};

/** By chat. */
export type Words = {
	drafts: Readonly<Record<string, string>>;
	pending: Readonly<Record<string, readonly Pending[]>>;
};

export const noWords: Words = { drafts: {}, pending: {} };

export function withDraft(words: Words, chatId: string, draft: string): Words {
	const { [chatId]: _before, ...others } = words.drafts;
	return { ...words, drafts: draft === "" ? others : { ...others, [chatId]: draft } };
}

export function withPending(words: Words, chatId: string, pending: readonly Pending[]): Words {
	const { [chatId]: _before, ...others } = words.pending;
	return { ...words, pending: pending.length === 0 ? others : { ...others, [chatId]: pending } };
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
	const said = new Set(messages.map(({ client_message_id }) => client_message_id));
	return pending.filter(({ clientId }) => !said.has(clientId));
}

/** Only of chats that are still there; what was on its way is waiting again. */
export function restored(stored: Words, chatIds: readonly string[]): Words {
	const keep = <T>(all: Readonly<Record<string, T>>): Record<string, T> =>
		Object.fromEntries(Object.entries(all).filter(([id]) => chatIds.includes(id)));
	return {
		drafts: keep(stored.drafts),
		pending: Object.fromEntries(
			Object.entries(keep(stored.pending)).map(([id, all]) => [
				id,
				all.map((one) => (one.state === "sending" ? { ...one, state: "waiting" as const } : one)),
			]),
		),
	};
}

export function parseWords(text: string | null): Words {
	try {
		const { drafts, pending } = JSON.parse(text ?? "") as Partial<Words>;
		return { drafts: drafts ?? {}, pending: pending ?? {} };
	} catch {
		return noWords; // Nothing is kept yet, or another version kept it otherwise.
	}
}
