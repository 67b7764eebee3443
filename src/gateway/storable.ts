// Texts as every database can keep them. PostgreSQL has no NUL in texts; a message with one must not be refused for ever.
// Half of a surrogate pair has no UTF-8: it would come back as something else than was asked for.

/** The same value with U+FFFD for every NUL and every lone surrogate, in any depth. */
export function storable<T>(value: T): T {
	return needsMending.test(JSON.stringify(value)) ? (mended(value) as T) : value;
}

const needsMending = /\\u0000|\\ud[89a-f]/; // JSON escapes surrogates only where they stand alone.

function mended(value: unknown): unknown {
	if (typeof value === "string") {
		return value.replaceAll("\u0000", "\ufffd").toWellFormed();
	}
	if (Array.isArray(value)) {
		return value.map(mended);
	}
	return typeof value === "object" && value !== null && !(value instanceof Date)
		? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, mended(inner)]))
		: value;
}
