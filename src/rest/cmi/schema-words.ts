// What the schemas of the Contact Management Interface are made of.

import { type TObject, type TProperties, type TSchema, Type } from "typebox";

/** Every object that comes in takes the fields named here and no other. */
export function strict<P extends TProperties>(properties: P): TObject<P> {
	return Type.Object(properties, { additionalProperties: false });
}

export function text(description: string, options: Record<string, unknown> = {}) {
	return Type.String({ description, ...options });
}

export function textOrNull(description: string) {
	return Type.Unsafe<string | null>({ type: ["string", "null"], description });
}

export function numberOrNull(description: string) {
	return Type.Unsafe<number | null>({ type: ["integer", "null"], description });
}

export function orNull<S extends TSchema>(schema: S, description: string) {
	return Type.Union([schema, Type.Null()], { description });
}

export function oneOf<const V extends readonly string[]>(values: V, description: string) {
	return Type.Unsafe<V[number]>({ type: "string", enum: [...values], description });
}

/** Facts whose fields depend on what they are about. */
export function facts(description: string) {
	return Type.Unsafe<Readonly<Record<string, unknown>>>({ type: "object", additionalProperties: true, description });
}

export function texts(description: string) {
	return Type.Unsafe<Readonly<Record<string, string>>>({
		type: "object",
		additionalProperties: { type: "string" },
		description,
	});
}

export const timeText = "RFC 3339, UTC with milliseconds";

// PostgreSQL's texts cannot hold U+0000; elsewhere it only ever hides something.
