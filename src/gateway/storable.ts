// Texts as every database can keep them. PostgreSQL has no NUL in texts; a message with one must not be refused for ever.

/** The same value with U+FFFD for every NUL, in any depth. */
export function storable<T>(value: T): T {
	return hasNul(value) ? (mended(value) as T) : value;
}

function hasNul(value: unknown): boolean {
	return JSON.stringify(value).includes("\\u0000");
}

function mended(value: unknown): unknown {
	if (typeof value === "string") {
		return value.replaceAll("\u0000", "\ufffd");
	}
	if (Array.isArray(value)) {
		return value.map(mended);
	}
	return typeof value === "object" && value !== null && !(value instanceof Date)
		? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, mended(inner)]))
		: value;
}
