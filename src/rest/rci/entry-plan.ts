// What a change does to each authentication of a messaging service: which stored entry it is about, and what becomes of
// its secret and of the one before it. Pure; nothing here sees a stored secret.

import type { AuthenticationEntry, Direction } from "#storage/services.ts";
import { validPrevious } from "#storage/service-secrets.ts";

/** As entered. `password` absent keeps, null clears; `previousValidUntil` lets the replaced one go on until then. */
export type EnteredEntry = {
	id?: string;
	authenticationId: string;
	password?: string | null;
	previousValidUntil?: string | null;
};

export type PlannedEntry = {
	/** The stored entry it continues; undefined: a new one. */
	before: AuthenticationEntry | undefined;
	authenticationId: string;
	direction: Direction;
	secret: { kind: "keep" } | { kind: "clear" } | { kind: "set"; value: string };
	/** `kept`: the secret that is replaced now stays valid until then. `until`: the rotation going on ends then. */
	previous: { kind: "keep" | "drop" } | { kind: "kept" | "until"; validUntil: Date };
};

export type FieldProblem = { pointer: string; message: string };
export type EntryPlan = { planned: PlannedEntry; notes: readonly string[]; problems: readonly FieldProblem[] };

/** Finds the stored entry of each entered one: by its id, else by its Authentication ID. */
export function matchEntries(
	entered: readonly EnteredEntry[],
	stored: readonly AuthenticationEntry[],
): { matches: readonly (AuthenticationEntry | undefined)[]; problems: readonly FieldProblem[] } {
	const named = new Set(entered.flatMap(({ id }) => id ?? []));
	const problems: FieldProblem[] = [];
	const matches = entered.map((entry, index) => {
		if (entry.id === undefined) {
			return stored.find(({ id, authenticationId }) => authenticationId === entry.authenticationId && !named.has(id));
		}
		const match = stored.find(({ id }) => id === entry.id);
		const isRepeated = entered.findIndex(({ id }) => id === entry.id) < index;
		if (match === undefined || isRepeated) {
			const message = isRepeated
				? "is given to two entries; leave it out of the new one."
				: "is no authentication of this service; leave it out to add a new one.";
			problems.push({ pointer: `/authentications/${index}/id`, message });
		}
		return match;
	});
	return { matches, problems };
}

export type EntryChange = {
	entered: EnteredEntry;
	before: AuthenticationEntry | undefined;
	direction: Direction;
	/** Why a secret that is not entered anew may not be kept, or undefined when it may. */
	clearedBecause: string | undefined;
	/** JSON pointer of the entry. */
	pointer: string;
	now: Date;
};

export function planEntry(change: EntryChange): EntryPlan {
	const secret = planSecret(change);
	const { previous, note, problem } = planPrevious(change, secret.kind);
	const { entered, before, direction, clearedBecause } = change;
	const isCleared = secret.kind === "clear" && hasSecret(before) && entered.password === undefined;
	return {
		planned: { before, authenticationId: entered.authenticationId, direction, secret, previous },
		notes: [
			...(isCleared && clearedBecause !== undefined ? [clearedNote(entered, clearedBecause)] : []),
			...(secret.kind === "set" && secret.value.trim() !== secret.value ? [spacesNote(entered)] : []),
			...(note === undefined ? [] : [note]),
		],
		problems: problem === undefined ? [] : [{ pointer: `${change.pointer}/previousValidUntil`, message: problem }],
	};
}

function hasSecret(entry: AuthenticationEntry | undefined): boolean {
	return entry !== undefined && entry.secret !== null;
}

function clearedNote({ authenticationId }: EnteredEntry, because: string): string {
	return `The secret of ${authenticationId} was cleared because ${because}; enter it again.`;
}

function spacesNote({ authenticationId }: EnteredEntry): string {
	return `The secret of ${authenticationId} begins or ends with a space or line break; check that it was pasted rightly.`;
}

function planSecret({ entered, clearedBecause }: EntryChange): PlannedEntry["secret"] {
	if (typeof entered.password === "string") {
		return { kind: "set", value: entered.password };
	}
	return entered.password === null || clearedBecause !== undefined ? { kind: "clear" } : { kind: "keep" };
}

type PreviousPlan = { previous: PlannedEntry["previous"]; note?: string; problem?: string };

const drop = { kind: "drop" } as const;
export const rotationDaysMax = 30;

function planPrevious(change: EntryChange, kind: PlannedEntry["secret"]["kind"]): PreviousPlan {
	switch (kind) {
		case "set":
			return planReplacement(change);
		case "keep":
			return planRotation(change);
		case "clear":
			return { previous: drop };
	}
}

/** A new secret comes: may the one it replaces go on for a while? */
function planReplacement({ entered, before, direction, clearedBecause, now }: EntryChange): PreviousPlan {
	const until = entered.previousValidUntil ?? undefined;
	if (until === undefined) {
		return { previous: drop };
	}
	if (direction === "outgoing") {
		return {
			previous: drop,
			problem: "is for secrets the provider proves itself with; leave it out: an outgoing one is replaced at once.",
		};
	}
	const validUntil = rotationEnd(until, now);
	if (validUntil === undefined) {
		return { previous: drop, problem: endRule };
	}
	if (!hasSecret(before) || clearedBecause !== undefined) {
		const because = clearedBecause ?? "none was set";
		return {
			previous: drop,
			note: `No earlier secret of ${entered.authenticationId} stays valid, because ${because}.`,
		};
	}
	const previous = { kind: "kept", validUntil } as const;
	return before === undefined || validPrevious(before, now) === null
		? { previous }
		: { previous, note: `Two secrets of ${entered.authenticationId} are valid at most; the oldest was dropped.` };
}

/** The secret stays: what about the rotation that may be going on? */
function planRotation({ entered, before, now }: EntryChange): PreviousPlan {
	const rotation = before === undefined ? null : validPrevious(before, now);
	const until = entered.previousValidUntil;
	if (until === null) {
		return { previous: drop };
	}
	if (until === undefined || Date.parse(until) === before?.previous?.validUntil.getTime()) {
		return { previous: rotation === null ? drop : { kind: "keep" } };
	}
	if (rotation === null) {
		return { previous: drop, problem: "needs the new password in the same call; the one before it then stays valid." };
	}
	const validUntil = rotationEnd(until, now);
	return validUntil === undefined ? { previous: drop, problem: endRule } : { previous: { kind: "until", validUntil } };
}

const endRule = `must be a time in the future, at most ${rotationDaysMax} days from now.`;

function rotationEnd(text: string, now: Date): Date | undefined {
	const end = new Date(text);
	const aheadMs = end.getTime() - now.getTime();
	return aheadMs > 0 && aheadMs <= rotationDaysMax * 86_400_000 ? end : undefined;
}
