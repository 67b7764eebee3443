// Of a value from elsewhere the members that one may ask for. Pure.

/** None where it is no object. */
export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
	const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
	return isObject ? (value as Readonly<Record<string, unknown>>) : {};
}
