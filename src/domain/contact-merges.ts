// Two contacts that are one person become one, and may become two again: what may be merged and undone, and what goes back
// to whom. Pure; what is read and written for it is in `storage/contact-merges.ts`.

import { addressKey } from "./chains.ts";

/** Services whose contact history somebody may manage. */
export type Managed = "every" | readonly string[];

export type MergeSide = {
	id: string;
	name: string | null;
	/** In which it has conversations. Of one that was merged into another: those of the other. */
	services: readonly string[];
	/** The contact it is part of by now; null: it stands for itself. */
	partOf: string | null;
	conversations: number;
	messages: number;
};

/**
 * `keptUnknown`, `otherUnknown`: no such contact, or not visible to the caller, or erased · `same`: with itself · `merged`:
 * with what it has taken in already · `keptMerged`, `otherMerged`: is part of a third by now · `keptPartly`, `otherPartly`:
 * also has conversations whose history the caller may not manage · `tooMuch`: more than one transaction moves.
 */
export type MergeRefusal =
	| "keptUnknown"
	| "otherUnknown"
	| "same"
	| "merged"
	| "keptMerged"
	| "otherMerged"
	| "keptPartly"
	| "otherPartly"
	| "tooMuch";

/** Moved in one transaction, during which nobody else writes on SQLite; 100,000 messages take about a second. */
export const movedMax = { conversations: 5000, messages: 100_000 };

/** Undefined: they may be merged. `other` is what `kept` would take in. */
export function whyNotMerge(
	kept: MergeSide | undefined,
	other: MergeSide | undefined,
	managed: Managed,
): MergeRefusal | undefined {
	if (kept === undefined || !isSeen(kept, managed)) {
		return "keptUnknown";
	}
	if (other?.id === kept.id) {
		return "same";
	}
	if (other === undefined || !isSeen(other, managed)) {
		return "otherUnknown";
	}
	return mergedBefore(kept, other) ?? tooFar(kept, other, managed);
}

function mergedBefore(kept: MergeSide, other: MergeSide): MergeRefusal | undefined {
	if (other.partOf === kept.id) {
		return "merged";
	}
	if (kept.partOf !== null) {
		return "keptMerged";
	}
	return other.partOf === null ? undefined : "otherMerged";
}

function tooFar(kept: MergeSide, other: MergeSide, managed: Managed): MergeRefusal | undefined {
	if (!isWhole(kept, managed)) {
		return "keptPartly";
	}
	if (!isWhole(other, managed)) {
		return "otherPartly";
	}
	const isTooMuch = other.conversations > movedMax.conversations || other.messages > movedMax.messages;
	return isTooMuch ? "tooMuch" : undefined;
}

function isSeen({ services }: MergeSide, managed: Managed): boolean {
	return managed === "every" ? services.length > 0 : services.some((id) => managed.includes(id));
}

function isWhole({ services }: MergeSide, managed: Managed): boolean {
	return managed === "every" || services.every((id) => managed.includes(id));
}

/** The kept contact's own name; only who has none takes the other's. */
export function mergedName(kept: { name: string | null }, other: { name: string | null }): string | null {
	return kept.name ?? other.name;
}

/** `before` and `given`: the kept contact's name before the merge and after it. A name learnt since stays. */
export function nameAfterUndo(now: string | null, { before, given }: { before: string | null; given: string | null }) {
	return now === given ? before : now;
}

/** `mergedAgain`: the kept contact is part of another one by now · `erased`: not everything that moved is there any more. */
export type UndoRefusal = "unknown" | "undone" | "mergedAgain" | "erased" | "partly";

export type UndoFacts = {
	isUndone: boolean;
	kept: MergeSide | undefined;
	/** Every address that moved is the kept contact's. */
	areAddressesThere: boolean;
};

/** Undefined: it may be undone. */
export function whyNotUndo(facts: UndoFacts | undefined, managed: Managed): UndoRefusal | undefined {
	if (facts?.kept === undefined || !isSeen(facts.kept, managed)) {
		return "unknown";
	}
	if (facts.isUndone) {
		return "undone";
	}
	if (facts.kept.partOf !== null) {
		return "mergedAgain";
	}
	if (!facts.areAddressesThere) {
		return "erased";
	}
	return isWhole(facts.kept, managed) ? undefined : "partly";
}

export type MovedAddress = { channel: string; scope: string; key: string };
/** What came from the contact that was taken in. `chats`: those of no conversation; the others follow theirs. */
export type Moved = {
	addresses: readonly MovedAddress[];
	conversations: readonly string[];
	chats: readonly string[];
};

export type Placed = { id: string; chainKey: string; channel: string; contactAddress: string };

/**
 * Which of the kept contact's conversations go back: those that came, and those begun since at an address that goes back.
 * Else a chain would go on in a conversation of one contact with messages of another.
 */
export function goingBack(
	conversations: readonly Placed[],
	moved: Moved,
	staying: readonly Omit<MovedAddress, "scope">[],
): string[] {
	const came = new Set(moved.conversations);
	const chains = new Set(conversations.filter(({ id }) => came.has(id)).map(({ chainKey }) => chainKey));
	const back = new Set(moved.addresses.map(placeOf));
	// One address may mean two people, in two accounts of ours: where it is also one that stays, only its chains tell.
	const here = new Set(staying.map(placeOf));
	const isBack = (one: Placed): boolean => {
		const place = placeOf({ channel: one.channel, key: addressKey(one.contactAddress) });
		return came.has(one.id) || chains.has(one.chainKey) || (back.has(place) && !here.has(place));
	};
	return conversations.filter(isBack).map(({ id }) => id);
}

function placeOf({ channel, key }: Omit<MovedAddress, "scope">): string {
	return JSON.stringify([channel.toLowerCase(), key]);
}
