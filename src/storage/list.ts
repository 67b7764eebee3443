// Lists for REST: a page, an order and patterns, applied to a query. Columns come from the route's own table of fields,
// values are bound: nothing of a request becomes SQL.

import { type SelectQueryBuilder, type SqlBool, sql } from "kysely";

export type ListRequest = {
	limit: number;
	offset: number;
	/** Texts without regard to case; numbers by their value. */
	sort: readonly { column: string; descending: boolean; isNumber?: true }[];
	/** Patterns with `*` (any characters) and `?` (one), compared without regard to case. */
	filters: readonly { column: string; pattern: string }[];
	/** Ids of the rows the caller may see. */
	only: "every" | readonly string[];
};

export function applyList<DB, TB extends keyof DB, O>(
	query: SelectQueryBuilder<DB, TB, O>,
	request: ListRequest,
): SelectQueryBuilder<DB, TB, O> {
	const { only } = request;
	let limited = query;
	if (only !== "every") {
		limited = limited.where(only.length === 0 ? sql<SqlBool>`1 = 0` : sql<SqlBool>`id IN (${sql.join(only)})`);
	}
	for (const { column, pattern } of request.filters) {
		limited = limited.where(sql<SqlBool>`lower(CAST(${sql.ref(column)} AS TEXT)) LIKE ${toLike(pattern)} ESCAPE '!'`);
	}
	for (const { column, descending, isNumber } of request.sort) {
		const value = isNumber === true ? sql`${sql.ref(column)}` : sql`lower(CAST(${sql.ref(column)} AS TEXT))`;
		limited = limited.orderBy(value, descending ? "desc" : "asc");
	}
	return limited.orderBy(sql.ref("id")).limit(sql.lit(request.limit)).offset(sql.lit(request.offset));
}

export function toLike(pattern: string): string {
	return pattern
		.toLowerCase()
		.replaceAll(/[!%_]/g, (character) => `!${character}`)
		.replaceAll("*", "%")
		.replaceAll("?", "_");
}
