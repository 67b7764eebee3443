// Pieces of JSON Schema that several resources have.

import { idPattern } from "#domain/ids.ts";
import { type Access, type ObjectType, accesses, objectTypes } from "#domain/rights.ts";
import { Problem } from "#platform/problems.ts";
import { nameLine } from "#platform/text-patterns.ts";
import { type TSchema, Type } from "typebox";

export const closed = { additionalProperties: false } as const;

export const idSchema = Type.String({ pattern: idPattern, description: "32 upper-case hexadecimal characters." });
export const idParams = Type.Object({ id: idSchema }, closed);

/** Names are shown in lists, logs and the audit log. */
export function line(maxLength: number, description?: string) {
	return Type.String({
		minLength: 1,
		maxLength,
		pattern: nameLine,
		...(description === undefined ? {} : { description }),
	});
}

export function orNull<T extends TSchema>(schema: T) {
	return Type.Union([schema, Type.Null()]);
}

export const timestamp = Type.String({ description: "RFC 3339, UTC, with milliseconds." });

/** What `new Date` reads without doubt: RFC 3339 with an offset. */
export const givenTimestamp = Type.String({
	pattern: "^\\d{4}-\\d\\d-\\d\\d[Tt]\\d\\d:\\d\\d:\\d\\d(?:\\.\\d{1,9})?(?:[Zz]|[+-]\\d\\d:\\d\\d)$",
	description: "RFC 3339 with an offset.",
});

/** Throws a problem where the digits are no date, such as a 13th month. */
export function toMoment(text: string, code: "invalid_query" | "invalid_body", pointer: string): Date {
	const moment = new Date(text);
	if (Number.isNaN(moment.getTime())) {
		const message = "There is no such date.";
		throw new Problem(code, message, [{ pointer, message }]);
	}
	return moment;
}

export const accessSchema = Type.Unsafe<Access>({ type: "string", enum: [...accesses] });
export const objectTypeSchema = Type.Unsafe<ObjectType>({ type: "string", enum: [...objectTypes] });
export const allowedSchema = Type.Array(accessSchema, { description: "What the caller may do with this object." });

export function toTimestamp(date: Date): string;
export function toTimestamp(date: Date | null): string | null;
export function toTimestamp(date: Date | null): string | null {
	return date === null ? null : date.toISOString();
}
