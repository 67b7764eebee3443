// Two people changed the same service: what each of them changed, seen from how it was before. What only one changed merges by
// itself; what both changed differently is a question to the person. Pure.

import type { Authentication, MessagingService, ServiceType } from "#web/api/objects.ts";
import type { Values } from "#web/ui/form/schema.ts";
import { draftOf, type FormDraft, type FormEntry, isBlank, isSame, plainFields, ruleOf } from "./draft.ts";

export type Side = "theirs" | "mine";
/** An entry that a side has not, or has no more, is undefined. */
export type Conflict =
	| { kind: "value"; pointer: string; before: unknown; theirs: unknown; mine: unknown }
	| {
			kind: "entry";
			pointer: string;
			role: string;
			before: Authentication | undefined;
			theirs: Authentication | undefined;
			mine: FormEntry | undefined;
	  };
export type Taken = { pointer: string; before: unknown; theirs: unknown };
export type Merge = {
	conflicts: readonly Conflict[];
	/** What they changed and you did not. */
	taken: readonly Taken[];
	/** @param choices By pointer of the conflict. */
	merged: (choices: Readonly<Record<string, Side>>) => FormDraft;
};

type MergeInput = { type: ServiceType; before: MessagingService; theirs: MessagingService; mine: FormDraft };

export function mergeOf(input: MergeInput): Merge {
	const values = mergedValues(input);
	const entries = mergedEntries(input);
	return {
		conflicts: [
			...values.flatMap(({ conflict }) => conflict ?? []),
			...entries.flatMap(({ conflict }) => conflict ?? []),
		],
		taken: [...values.flatMap(({ taken }) => taken ?? []), ...entries.flatMap(({ taken }) => taken ?? [])],
		merged: (choices) => assembled(input, { values, entries, choices }),
	};
}

type MergedValue = { pointer: string; mine: unknown; theirs: unknown; usual: Side; conflict?: Conflict; taken?: Taken };

function mergedValues({ type, before, theirs, mine }: MergeInput): readonly MergedValue[] {
	const theirDraft = draftOf(theirs, type);
	const names = [...new Set([before, theirs, mine].flatMap(({ settings }) => Object.keys(settings)))];
	return [
		...plainFields.map((field) =>
			mergedValue(`/${field}`, before[field] ?? "", theirDraft[field] ?? "", mine[field] ?? ""),
		),
		...names.map((name) =>
			mergedValue(
				`/settings/${name}`,
				before.settings[name] ?? null,
				theirs.settings[name] ?? null,
				mine.settings[name] ?? null,
			),
		),
	];
}

function mergedValue(pointer: string, before: unknown, theirs: unknown, mine: unknown): MergedValue {
	const isMine = !isSame(before, mine);
	const isTheirs = !isSame(before, theirs);
	const isConflict = isMine && isTheirs && !isSame(mine, theirs);
	return {
		pointer,
		mine,
		theirs,
		usual: isMine ? "mine" : "theirs",
		...(isConflict ? { conflict: { kind: "value", pointer, before, theirs, mine } } : {}),
		...(isTheirs && !isMine ? { taken: { pointer, before, theirs } } : {}),
	};
}

type MergedEntry = {
	pointer: string;
	mine: FormEntry | undefined;
	theirs: Authentication | undefined;
	usual: Side;
	conflict?: Conflict;
	taken?: Taken;
};

function mergedEntries(input: MergeInput): readonly MergedEntry[] {
	const { type, before, theirs, mine } = input;
	const given = mine.authentications.filter((entry) => !isBlank(entry, ruleOf(type, entry)));
	const ids = [...new Set([...before.authentications, ...theirs.authentications].map(({ id }) => id))];
	const stored = ids.map((id) => {
		const added = theirs.authentications.find((entry) => entry.id === id);
		const known = before.authentications.find((entry) => entry.id === id);
		const own = given.find(
			(entry) =>
				entry.id === id ||
				(entry.id === undefined && known === undefined && entry.authenticationId === added?.authenticationId),
		);
		return mergedEntry(known, added, own);
	});
	const used = new Set(stored.flatMap(({ mine: own }) => own?.key ?? []));
	const fresh = given
		.filter((entry) => entry.id === undefined && !used.has(entry.key))
		.map((entry): MergedEntry => ({
			pointer: `/authentications/${entry.key}`,
			mine: entry,
			theirs: undefined,
			usual: "mine",
		}));
	return [...stored, ...fresh];
}

function mergedEntry(
	before: Authentication | undefined,
	theirs: Authentication | undefined,
	mine: FormEntry | undefined,
): MergedEntry {
	const { id, role } = entryFrom(theirs ?? before);
	const pointer = `/authentications/${id}`;
	const isMine = isMineToo(before, mine);
	const merged: MergedEntry = { pointer, mine, theirs, usual: isMine ? "mine" : "theirs" };
	if (isSame(markOf(before), markOf(theirs))) {
		return merged;
	}
	if (!isMine) {
		const names = { before: entryFrom(before).name, theirs: entryFrom(theirs).name };
		return { ...merged, taken: { pointer, ...names } };
	}
	const isAgreed = mine === undefined && theirs === undefined;
	return isAgreed ? merged : { ...merged, conflict: { kind: "entry", pointer, role, before, theirs, mine } };
}

function entryFrom(entry: Authentication | undefined): { id: string; role: string; name: string } {
	return { id: entry?.id ?? "", role: entry?.role ?? "", name: entry?.authenticationId ?? "" };
}

function isMineToo(before: Authentication | undefined, mine: FormEntry | undefined): boolean {
	return mine === undefined ? before !== undefined : isTouched(before, mine);
}

function isTouched(before: Authentication | undefined, mine: FormEntry): boolean {
	return (
		before?.authenticationId !== mine.authenticationId ||
		(mine.password ?? "") !== "" ||
		mine.previousValidUntil !== undefined
	);
}

/** What a change of an entry shows by. */
function markOf(entry: Authentication | undefined): unknown {
	return entry === undefined
		? null
		: [entry.authenticationId, entry.passwordSet, entry.fingerprint, entry.changedAt, entry.previousValidUntil];
}

type Parts = {
	values: readonly MergedValue[];
	entries: readonly MergedEntry[];
	choices: Readonly<Record<string, Side>>;
};

function assembled({ type, theirs, mine }: MergeInput, { values, entries, choices }: Parts): FormDraft {
	const chosen = new Map(
		values.map((one) => [one.pointer, (choices[one.pointer] ?? one.usual) === "mine" ? one.mine : one.theirs]),
	);
	const settings = [...chosen].flatMap(([pointer, value]) =>
		pointer.startsWith("/settings/") ? [[pointer.slice("/settings/".length), value ?? undefined]] : [],
	);
	const text = (field: string): string => {
		const value = chosen.get(`/${field}`);
		return typeof value === "string" ? value : "";
	};
	const blanks = mine.authentications.filter((entry) => isBlank(entry, ruleOf(type, entry)));
	const taken = entries.flatMap((one) => entryOf(one, choices[one.pointer] ?? one.usual, theirs) ?? []);
	return {
		name: text("name"),
		serviceConnection: text("serviceConnection"),
		authenticationUrl: text("authenticationUrl") || null,
		authenticationScope: text("authenticationScope") || null,
		settings: Object.fromEntries(settings) as Values,
		authentications: [
			...taken,
			...blanks.filter((blank) => blank.authenticationId === "" || !taken.some((entry) => entry.role === blank.role)),
		],
	};
}

/** An entry that they removed and you keep is made anew. */
function entryOf({ mine, theirs }: MergedEntry, side: Side, now: MessagingService): FormEntry | undefined {
	if (side === "theirs") {
		return theirs === undefined
			? undefined
			: { key: theirs.id, id: theirs.id, authenticationId: theirs.authenticationId, role: theirs.role ?? "" };
	}
	if (mine === undefined) {
		return undefined;
	}
	const { id: _, ...others } = mine;
	const id = theirs?.id ?? mine.id;
	return id !== undefined && now.authentications.some((entry) => entry.id === id) ? { ...others, id } : others;
}
