// What the visitor wrote and the server does not have yet: kept in storage under an id of its own, so that it goes out once
// whatever happens to page and connection. Pure, but for reading and writing the storage.

import { keep, kept } from "./kept.ts";

export type Unsent = { clientId: string; chatId: string; text: string; because?: string };

const keptAs = "parley.unsent";

export function readUnsent(): readonly Unsent[] {
	try {
		return JSON.parse(kept(keptAs) ?? "[]") as Unsent[];
	} catch {
		return []; // Another version kept it otherwise.
	}
}

export function keepUnsent(all: readonly Unsent[]): void {
	keep(keptAs, JSON.stringify(all));
}

/** Those that the transcript does not show. */
export function still(all: readonly Unsent[], saidIds: ReadonlySet<string | undefined>): readonly Unsent[] {
	return all.filter(({ clientId }) => !saidIds.has(clientId));
}
