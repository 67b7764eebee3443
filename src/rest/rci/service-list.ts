// Filters, sorts and cuts the list of messaging services. In memory, because the state is computed and never stored;
// an installation has as many services as somebody set up by hand.

import type { ListRequest } from "#storage/list.ts";

/** `toText` gives the field's value of an item, as patterns and order see it. */
export function selectRows<T>(
	items: readonly T[],
	request: Pick<ListRequest, "filters" | "sort" | "limit" | "offset">,
	toText: (item: T, field: string) => string,
): T[] {
	return items
		.filter((item) => request.filters.every(({ column, pattern }) => matchesPattern(toText(item, column), pattern)))
		.toSorted((one, other) => compare(one, other, request.sort, toText))
		.slice(request.offset, request.offset + request.limit);
}

function compare<T>(one: T, other: T, sort: ListRequest["sort"], toText: (item: T, field: string) => string): number {
	for (const { column, descending } of sort) {
		const [left, right] = [toText(one, column).toLowerCase(), toText(other, column).toLowerCase()];
		if (left !== right) {
			return left < right === descending ? 1 : -1;
		}
	}
	return 0;
}

/**
 * `*` is any text, `?` one character, without regard to case. Goes back to the last `*` only, so the time is bounded by
 * both lengths multiplied; a regular expression made of the pattern could be made to run for years.
 */
export function matchesPattern(text: string, pattern: string): boolean {
	const [letters, marks] = [Array.from(text.toLowerCase()), Array.from(pattern.toLowerCase())];
	let mark = 0;
	let starAt = -1;
	let starLetter = 0;
	for (let letter = 0; letter < letters.length;) {
		if (marks[mark] === "*") {
			starAt = mark;
			starLetter = letter;
			mark += 1;
		} else if (mark < marks.length && (marks[mark] === "?" || marks[mark] === letters[letter])) {
			mark += 1;
			letter += 1;
		} else if (starAt >= 0) {
			starLetter += 1;
			letter = starLetter;
			mark = starAt + 1;
		} else {
			return false;
		}
	}
	return marks.slice(mark).every((rest) => rest === "*");
}
