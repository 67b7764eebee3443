// Texts as every database can keep them. PostgreSQL has no NUL in texts; a message with one must not be refused for ever.
// Half of a surrogate pair has no UTF-8: it would come back as something else than was asked for.

/** The same value with U+FFFD for every NUL and every lone surrogate, and without dates that are none, in any depth. */
export function storable<T>(value: T): T {
	return isStorable(value) ? value : (mended(value) as T);
}

function isStorable(value: unknown): boolean {
	if (typeof value === "string") {
		return value.isWellFormed() && !value.includes("\u0000");
	}
	if (typeof value !== "object" || value === null) {
		return true;
	}
	if (value instanceof Date) {
		return !Number.isNaN(value.getTime());
	}
	for (const name in value) {
		if (!isStorable((value as Record<string, unknown>)[name])) {
			return false;
		}
	}
	return true;
}

function mended(value: unknown): unknown {
	if (typeof value === "string") {
		return value.replaceAll("\u0000", "\ufffd").toWellFormed();
	}
	if (Array.isArray(value)) {
		return value.map(mended);
	}
	if (value instanceof Date) {
		return Number.isNaN(value.getTime()) ? undefined : value;
	}
	return typeof value === "object" && value !== null
		? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, mended(inner)]))
		: value;
}
