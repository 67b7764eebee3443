// Query and path parameters are text; a schema may want a number or a boolean. Only the plain spellings are read, so
// that nothing is guessed: what does not fit stays text, and the schema refuses it by name.

import { type FieldProblem, Problem } from "./problems.ts";

type Values = Record<string, unknown>;

/** A parameter given twice would be read differently by different programs on the way: refused. */
export function refuseRepeated(query: Values): void {
	const repeated = Object.keys(query).filter((name) => Array.isArray(query[name]));
	if (repeated.length > 0) {
		const errors = repeated.map((name): FieldProblem => ({ pointer: `/${name}`, message: "is given more than once" }));
		throw new Problem("invalid_query", "A parameter of the query is given more than once.", errors.slice(0, 20));
	}
}

/** PostgreSQL has no NUL in texts: looking for one there would be an error of ours. */
export function refuseNul(query: Values): void {
	const names = Object.keys(query).filter((name) => typeof query[name] === "string" && query[name].includes("\u0000"));
	if (names.length > 0) {
		const errors = names.map((name): FieldProblem => ({ pointer: `/${name}`, message: "contains U+0000" }));
		throw new Problem("invalid_query", "A parameter of the query contains U+0000.", errors.slice(0, 20));
	}
}

/** Turns, in place, the texts whose property in `schema` has a plain type into that type. */
export function readPlainTypes(values: Values, schema: unknown): void {
	const properties = (schema as { properties?: Record<string, { type?: unknown }> } | undefined)?.properties ?? {};
	for (const [name, { type }] of Object.entries(properties)) {
		const value = values[name];
		if (typeof value === "string") {
			values[name] = plainValue(value, type);
		}
	}
}

function plainValue(text: string, type: unknown): unknown {
	if (type === "integer" && /^-?\d{1,15}$/.test(text)) {
		return Number(text);
	}
	if (type === "number" && /^-?\d{1,15}(\.\d{1,15})?$/.test(text)) {
		return Number(text);
	}
	if (type === "boolean" && (text === "true" || text === "false")) {
		return text === "true";
	}
	return text;
}
