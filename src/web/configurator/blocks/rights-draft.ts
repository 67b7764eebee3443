// The list of rights while it is edited: rows, what is wrong with them, what would change. Pure.

import { accessesOf } from "#domain/rights.ts";
import type { Change } from "#web/ui/diff.tsx";
import type { Access, GivenRight, ObjectType } from "./people-objects.ts";

/** `objectId` null: all objects of the type; empty: not chosen yet. */
export type Row = { key: number; objectType: ObjectType; objectId: string | null; access: readonly Access[] };

type RowMistake = "noObject" | "noAccess" | "twice";

export function rowsFrom(rights: readonly GivenRight[]): readonly Row[] {
	return rights.map((right, key) => ({ key, ...right }));
}

export function rightsFrom(rows: readonly Row[]): GivenRight[] {
	return rows.map(({ objectType, objectId, access }) => ({ objectType, objectId, access: [...access] }));
}

/** What the server would refuse with a sentence that says less than we know. */
export function mistakeOfRow(rows: readonly Row[], row: Row): RowMistake | undefined {
	if (row.objectId === "") {
		return "noObject";
	}
	const twin = rows.find((one) => one.objectType === row.objectType && one.objectId === row.objectId);
	if (twin !== undefined && twin.key !== row.key) {
		return "twice";
	}
	return row.access.length === 0 ? "noAccess" : undefined;
}

/** In the order of the vocabulary. */
export function withAccess(row: Row, access: Access, isOn: boolean): Row {
	const wanted = isOn ? [...row.access, access] : row.access.filter((one) => one !== access);
	return { ...row, access: accessesOf[row.objectType].filter((one) => wanted.includes(one)) };
}

/** Accesses that the other type has too stay. */
export function withType(row: Row, objectType: ObjectType, hasObjects: boolean): Row {
	const access = accessesOf[objectType].filter((one) => row.access.includes(one));
	return { ...row, objectType, objectId: hasObjects && row.objectId !== null ? "" : null, access };
}

export function needsView({ objectType, access }: Row): boolean {
	const sees = access.includes("view") || access.includes("modify"); // Modify includes View.
	return accessesOf[objectType].includes("view") && access.includes("delete") && !sees;
}

/** What is held already may stay and come back; what is new must be held by who hands it out. */
export function wasGiven(stored: readonly GivenRight[], row: Row, access: Access): boolean {
	return stored.some(
		(one) => one.objectType === row.objectType && one.objectId === row.objectId && one.access.includes(access),
	);
}

export type Words = {
	object: (objectType: ObjectType, objectId: string | null) => string;
	access: (access: readonly Access[]) => string;
};

export function rightsDiff(
	before: readonly GivenRight[],
	after: readonly GivenRight[],
	words: Words,
): readonly Change[] {
	const nameOf = ({ objectType, objectId }: GivenRight) => `${objectType} ${objectId ?? ""}`;
	const told = ({ access = [] }: Partial<GivenRight>) => words.access(access);
	const kept = before.map((one) => [one, after.find((other) => nameOf(other) === nameOf(one))] as const);
	const added = after.filter((one) => !before.some((other) => nameOf(other) === nameOf(one)));
	return [
		...kept.map(([one, now]) => ({ one, before: told(one), after: told(now ?? {}) })),
		...added.map((one) => ({ one, before: "", after: told(one) })),
	]
		.filter((change) => change.before !== change.after)
		.map(({ one, ...change }) => ({
			...change,
			path: nameOf(one),
			label: words.object(one.objectType, one.objectId),
		}));
}
