// What a merge would make of two contacts, before anything is done.

import { type Managed, mergedName, type MergeRefusal, whyNotMerge } from "#domain/contact-merges.ts";
import type { Consent } from "./consent-lists.ts";
import { consentsAt, countChats, mergeSide } from "./contact-facts.ts";
import { type Contact, findContact } from "./conversation-lists.ts";
import type { Db } from "./storage.ts";

export type PreviewSide = Contact & { conversations: number; chats: number; messages: number };

export type MergePreview = {
	kept: PreviewSide;
	other: PreviewSide;
	/** What the merged contact would be called. */
	name: string | null;
	/** What was said about messages to any of their addresses; a merge leaves it as it is. */
	consents: readonly Consent[];
};

export async function previewMerge(
	db: Db,
	{ keptId, otherId }: { keptId: string; otherId: string },
	managed: Managed,
): Promise<{ ok: true; preview: MergePreview } | { ok: false; why: MergeRefusal }> {
	const [keptSide, otherSide] = [await mergeSide(db, keptId), await mergeSide(db, otherId)];
	const why = whyNotMerge(keptSide, otherSide, managed);
	const [kept, other] = [await previewSide(db, keptSide), await previewSide(db, otherSide)];
	if (why !== undefined || kept === undefined || other === undefined) {
		return { ok: false, why: why ?? "otherUnknown" };
	}
	const consents = await consentsAt(db, [...kept.addresses, ...other.addresses]);
	const byId = new Map([...consents.values()].flat().map((consent) => [consent.id, consent]));
	return { ok: true, preview: { kept, other, name: mergedName(kept, other), consents: [...byId.values()] } };
}

/** Whole: that the caller manages every service of it was asked before it is shown. */
async function previewSide(db: Db, side: Awaited<ReturnType<typeof mergeSide>>): Promise<PreviewSide | undefined> {
	const contact = side === undefined ? undefined : await findContact(db, side.id, "every");
	return side === undefined || contact === undefined
		? undefined
		: {
				...contact,
				conversations: side.conversations,
				chats: await countChats(db, side.id),
				messages: side.messages,
			};
}
