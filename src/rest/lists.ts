// The query parameters every list has (limit, offset, sort, field filters) and their way into a ListRequest.

import { Problem } from "#platform/problems.ts";
import type { ListRequest } from "#storage/list.ts";
import { type TInteger, type TObject, type TOptional, type TString, Type } from "typebox";

/** A column of texts; or of numbers, which sort by value; or of moments, which only sort: nobody knows them as numbers. */
type ListColumn = string | { number: string } | { moment: string };

/** Field of the REST object → column of the table. */
export type ListFields = Readonly<Record<string, ListColumn>>;

type ListProperties<F extends ListFields> = {
	limit: TOptional<TInteger>;
	offset: TOptional<TInteger>;
	sort: TOptional<TString>;
} & { [Field in keyof F as F[Field] extends { moment: string } ? never : Field]: TOptional<TString> };

export const limitDefault = 100;
export const limitMax = 1000;

export function listQuery<const F extends ListFields>(fields: F): TObject<ListProperties<F>> {
	const filters = Object.fromEntries(
		Object.entries(fields)
			.filter(([, column]) => !isMoment(column))
			.map(([field]) => [
				field,
				Type.Optional(Type.String({ maxLength: 400, description: "Filter; patterns with * and ?." })),
			]),
	);
	return Type.Object(
		{
			limit: Type.Optional(Type.Integer({ minimum: 1, maximum: limitMax, default: limitDefault })),
			offset: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000, default: 0 })),
			sort: Type.Optional(
				Type.String({ maxLength: 400, description: "Fields, comma-separated; - in front: descending." }),
			),
			...filters,
		},
		{ additionalProperties: false },
	) as unknown as TObject<ListProperties<F>>;
}

/** The query as validated by the route's schema. */
export type ListQuery = { limit?: number; offset?: number; sort?: string };

export function toListRequest(
	query: ListQuery,
	fields: ListFields,
	defaultSort: string,
	only: ListRequest["only"],
): ListRequest {
	const values = query as Readonly<Record<string, unknown>>;
	return {
		limit: query.limit ?? limitDefault,
		offset: query.offset ?? 0,
		sort: toSort(query.sort ?? defaultSort, fields),
		filters: Object.entries(fields).flatMap(([field, column]) => {
			const pattern = values[field];
			// `*` alone shows the field in the original without filtering by it; rows without a value stay.
			return typeof pattern === "string" && pattern !== "*" ? [{ column: nameOf(column), pattern }] : [];
		}),
		only,
	};
}

function toSort(sort: string, fields: ListFields): ListRequest["sort"] {
	// The original's postfix `,LOCALE-xx` chooses a collation; ours is one for all, so it is read and has no effect.
	const entries = sort.split(",").filter((entry) => !entry.startsWith("LOCALE-"));
	return entries.map((entry) => {
		const descending = entry.startsWith("-");
		const field = descending ? entry.slice(1) : entry;
		const column = Object.hasOwn(fields, field) ? fields[field] : undefined;
		if (column === undefined) {
			const message = `Sort by ${Object.keys(fields).join(", ")}; "-" in front sorts descending.`;
			throw new Problem("invalid_query", "The list cannot be sorted by that field.", [{ pointer: "/sort", message }]);
		}
		return { column: nameOf(column), descending, ...(typeof column === "string" ? {} : { isNumber: true as const }) };
	});
}

function isMoment(column: ListColumn): boolean {
	return typeof column !== "string" && "moment" in column;
}

function nameOf(column: ListColumn): string {
	if (typeof column === "string") {
		return column;
	}
	return "moment" in column ? column.moment : column.number;
}
