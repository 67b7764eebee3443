// Why contacts are not merged, or a merge is not undone, in words: the same by the interface and at the desk.

import type { MergeRefusal, UndoRefusal } from "./contact-merges.ts";

export type RefusalWords = {
	/** `kept`: the contact that would stay; `other`: the one that would be taken in; `merge`: the merge itself. */
	about: "kept" | "other" | "merge";
	/** `hidden`: as if it did not exist · `forbidden`: needs more rights · `conflict`: as things are. */
	kind: "hidden" | "forbidden" | "conflict";
	says: string;
};

const otherServices = "also has conversations in messaging services whose contact history you may not manage";

export const mergeRefusals: Readonly<Record<MergeRefusal, RefusalWords>> = {
	keptUnknown: { about: "kept", kind: "hidden", says: "There is no such contact, or it is not visible to you." },
	otherUnknown: { about: "other", kind: "hidden", says: "names no contact that is visible to you" },
	same: { about: "other", kind: "conflict", says: "must be another contact: nobody is merged with themselves" },
	merged: { about: "other", kind: "conflict", says: "is part of this contact already" },
	keptMerged: { about: "kept", kind: "conflict", says: "This contact is part of another one by now; merge with that." },
	otherMerged: { about: "other", kind: "conflict", says: "is part of a third contact by now; merge with that" },
	keptPartly: { about: "kept", kind: "forbidden", says: `This contact ${otherServices}.` },
	otherPartly: { about: "other", kind: "forbidden", says: otherServices },
	tooMuch: {
		about: "other",
		kind: "conflict",
		says: "has more conversations or messages than are moved at once; keep this one and merge the smaller into it",
	},
};

export const undoRefusals: Readonly<Record<UndoRefusal, RefusalWords>> = {
	unknown: { about: "merge", kind: "hidden", says: "There is no such merge, or it is not visible to you." },
	undone: { about: "merge", kind: "conflict", says: "This merge was undone already." },
	mergedAgain: {
		about: "merge",
		kind: "conflict",
		says: "The contact was merged into another one since; undo that merge first.",
	},
	erased: {
		about: "merge",
		kind: "conflict",
		says: "Addresses that came with this merge were erased since, so it cannot be undone.",
	},
	partly: { about: "merge", kind: "forbidden", says: `This contact ${otherServices}.` },
};

/** One sentence, whatever it is about. */
export function sentenceOf({ about, says }: RefusalWords): string {
	return about === "other" ? `The other contact ${says}.` : says;
}
