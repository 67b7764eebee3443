// Values from elsewhere, read piece by piece. Pure.

import { fieldsOf } from "#web/realtime/fields.ts";
import type { FileLimits } from "#web/realtime/file-limits.ts";

/** Empty where it is no text; longer ones are cut. */
export function textIn(value: unknown, max: number): string {
	return typeof value === "string" ? value.slice(0, max) : "";
}

export function isOneOf<Word extends string>(words: readonly Word[], value: unknown): value is Word {
	return (words as readonly unknown[]).includes(value);
}

/** The value of JSON; undefined: it is none. */
export function jsonIn(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

/** Undefined: it is none. */
export function fileLimitsIn(value: unknown): FileLimits | undefined {
	const { size, types } = fieldsOf(value);
	const isAll = typeof size === "number" && Array.isArray(types) && types.every((type) => typeof type === "string");
	return isAll ? { size, types } : undefined;
}
