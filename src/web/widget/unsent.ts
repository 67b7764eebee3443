// What the visitor wrote and the server does not have yet: each kept under a name of its own, so that pages of one browser do
// not overwrite each other's, and sent under an id of its own, so that it arrives once whoever sends it.

import { keep, kept, keptNames } from "./kept.ts";

export type Unsent = { clientId: string; chatId: string; text: string; at: number; because?: string };

const start = "parley.unsent.";

export function isUnsentName(name: string): boolean {
	return name.startsWith(start);
}

/** In the order they were written. */
export function readUnsent(): readonly Unsent[] {
	return keptNames(start)
		.flatMap((name) => unsentIn(kept(name)))
		.toSorted((a, b) => a.at - b.at || (a.clientId < b.clientId ? -1 : 1));
}

export function keepUnsent(one: Unsent): void {
	keep(start + one.clientId, JSON.stringify(one));
}

export function dropUnsent(clientId: string): void {
	keep(start + clientId, null);
}

export function unsentIn(text: string | null): readonly Unsent[] {
	try {
		const { clientId, chatId, text: written, at, because } = JSON.parse(text ?? "") as Partial<Unsent>;
		return typeof clientId === "string" && typeof chatId === "string" && typeof written === "string"
			? [
					{
						clientId,
						chatId,
						text: written,
						at: typeof at === "number" ? at : 0,
						...(typeof because === "string" ? { because } : {}),
					},
				]
			: [];
	} catch {
		return []; // Another version kept it otherwise.
	}
}

/** Those of the chat that its transcript does not show. */
export function still(
	all: readonly Unsent[],
	chatId: string,
	saidIds: ReadonlySet<string | undefined>,
): readonly Unsent[] {
	return all.filter((one) => one.chatId === chatId && !saidIds.has(one.clientId));
}
