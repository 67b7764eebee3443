// Pages by a stable position instead of an offset: what is added meanwhile moves nothing.

import { Problem } from "#platform/problems.ts";
import type { AnyContext } from "../route.ts";

export const limitDefault = 100;

/** @param order names the list's order: a cursor of another order is refused. */
export function toCursor(order: string, position: string): string {
	return Buffer.from(`${order} ${position}`, "utf8").toString("base64url");
}

/** The position in the cursor, or undefined without one. Throws `invalid_query` for what is not a cursor of this order. */
export function fromCursor(order: string, cursor: string | undefined, position: RegExp): string | undefined {
	if (cursor === undefined) {
		return undefined;
	}
	const [found, place = "", ...rest] = Buffer.from(cursor, "base64url").toString("utf8").split(" ");
	if (found !== order || rest.length > 0 || !position.test(place)) {
		const message = "is not a cursor of this list in this order; take it from the header Link of the page before";
		throw new Problem("invalid_query", "The cursor does not belong to this list.", [{ pointer: "/cursor", message }]);
	}
	return place;
}

export const idPosition = /^[A-F0-9]{32}$/;

export type Page<T> = { items: readonly T[]; next: string | undefined };

/** @param found one more than the limit, where there are more */
export function toPage<T>(found: readonly T[], limit: number, cursorOf: (last: T) => string): Page<T> {
	const items = found.slice(0, limit);
	const last = items.at(-1);
	return { items, next: found.length > limit && last !== undefined ? cursorOf(last) : undefined };
}

type Query = Readonly<Record<string, string | number | undefined>>;

/** `Link: <…>; rel="next"` (RFC 8288): the same query with the cursor of the next page. */
export function linkHeaders(
	ctx: Pick<AnyContext, "deps">,
	path: string,
	query: Query,
	next: string | undefined,
): { headers?: Readonly<Record<string, string>> } {
	if (next === undefined) {
		return {};
	}
	const parameters = new URLSearchParams();
	for (const [name, value] of Object.entries({ ...query, cursor: next })) {
		if (value !== undefined) {
			parameters.set(name, String(value));
		}
	}
	const { publicBaseUrl, basePath } = ctx.deps.settings;
	return { headers: { link: `<${publicBaseUrl}${basePath}/RI/cmi${path}?${parameters.toString()}>; rel="next"` } };
}

/** A time of the query that the schema let through. Throws for the few that no calendar has. */
export function toDate(value: string | undefined, name: string): Date | undefined {
	if (value === undefined) {
		return undefined;
	}
	const date = new Date(value);
	if (Number.isNaN(date.getTime())) {
		const message = "must be a date and time that exists";
		throw new Problem("invalid_query", "A time of the query does not exist.", [{ pointer: `/${name}`, message }]);
	}
	return date;
}
