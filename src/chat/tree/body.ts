// Bodies of requests, read field by field: what is of the wrong type is told by name, what nobody asked for is left alone.

import { type Static, type TSchema, Type } from "typebox";
import { Compile, type Validator } from "typebox/compile";
import { type Answer, fault } from "../resource.ts";

export type Read<T> = { ok: true; body: T } | { ok: false; answer: Answer };

/** A reader of bodies of that shape. Members that the shape does not name are ignored, as the protocol demands. */
export function bodyOf<Schema extends TSchema>(schema: Schema): (body: unknown) => Read<Static<Schema>> {
	const compiled: Validator<Record<never, never>, Schema> = Compile(schema);
	return (body) => {
		if (compiled.Check(body)) {
			return { ok: true, body };
		}
		const [first] = compiled.Errors(body);
		const where = first === undefined || first.instancePath === "" ? "The body" : first.instancePath;
		return { ok: false, answer: fault(400, "invalid_body", `${where} ${first?.message ?? "has the wrong form"}.`) };
	};
}

/** Addresses as the protocol has them: like those of e-mail. Agents read them, so nothing may turn them around. */
export const addressSchema = Type.String({
	minLength: 1,
	maxLength: 254,
	pattern: "^[^\\s\\u0000-\\u001f\\u007f\\u202a-\\u202e\\u2066-\\u2069]+$",
});
/** Shown to others. */
export const aliasSchema = Type.String({
	maxLength: 100,
	pattern: "^[^\\u0000-\\u001f\\u007f\\u202a-\\u202e\\u2066-\\u2069]*$",
});
export const attachedSchema = Type.Record(Type.String({ minLength: 1, maxLength: 100 }), Type.Unknown());

export const attachedBytesMax = 16 * 1024;
const depthMax = 8;

/** Undefined: it is within the bounds. */
export function attachedTrouble(attached: Readonly<Record<string, unknown>>): Answer | undefined {
	if (Buffer.byteLength(JSON.stringify(attached)) > attachedBytesMax) {
		return fault(413, "attached_data", `Attached data may have ${attachedBytesMax} bytes.`);
	}
	return isDeep(attached, depthMax)
		? fault(400, "attached_data", `Attached data may be nested ${depthMax} levels deep.`)
		: undefined;
}

function isDeep(value: unknown, levels: number): boolean {
	return (
		typeof value === "object" &&
		value !== null &&
		(levels === 0 || Object.values(value).some((inner) => isDeep(inner, levels - 1)))
	);
}
