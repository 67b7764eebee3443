// What is shown and what the newest page says, put together: rows stay where they are and are brought up to date, and what is
// new is counted. Pure.

type Row = { id: string };

/** The same rows in the same order, with what is known of them by now. */
export function upToDate<T extends Row>(shown: readonly T[], newest: readonly T[]): readonly T[] {
	const known = new Map(newest.map((row) => [row.id, row]));
	return shown.map((row) => known.get(row.id) ?? row);
}

/** How many are not shown yet. What is older than all that is shown comes with the pages that follow. */
export function countNew(shown: readonly Row[], newest: readonly Row[], hasMorePages: boolean): number {
	const ids = new Set(shown.map(({ id }) => id));
	const oldest = shown.at(-1)?.id ?? "";
	return newest.filter(({ id }) => !ids.has(id) && (!hasMorePages || id > oldest)).length;
}

type Named = Row & { remoteIds: readonly string[] };

/** The one message that the text is an id of, its own or the provider's. */
export function messageMeant(find: string | undefined, rows: readonly Named[]): string | undefined {
	const text = find?.trim() ?? "";
	const [only, ...others] = rows;
	if (only === undefined || others.length > 0) {
		return undefined;
	}
	return only.id === text.toUpperCase() || only.remoteIds.includes(text) ? only.id : undefined;
}

/** The beginning of a text, cut between code points. */
export function snippet(text: string, lengthMax: number): string {
	const points = Array.from(text.slice(0, lengthMax * 2 + 2));
	return points.length > lengthMax ? `${points.slice(0, lengthMax).join("")}…` : text;
}
