// Refuses, at the start, routes whose schemas would let unknown fields in.

import assert from "node:assert/strict";
import type { Route } from "./route.ts";

/** Every object with named fields must refuse others. Maps of free names (patternProperties) are allowed inside. */
export function assertStrict(route: Route): void {
	const name = `${route.method} ${route.path}`;
	assert(isRecord(route.needs), `${name} states who may call it`);
	if (route.needs.who === "holders") {
		assert(route.needs.rights.length > 0, `${name} lists the rights its holders need`);
	}
	for (const [part, schema] of Object.entries({ params: route.params, query: route.query, body: route.body })) {
		for (const path of openObjects(schema, part)) {
			assert.fail(`${name}: ${path} must have additionalProperties: false`);
		}
	}
}

function openObjects(schema: unknown, path: string): string[] {
	if (Array.isArray(schema)) {
		return schema.flatMap((inner, index) => openObjects(inner, `${path}/${index}`));
	}
	if (!isRecord(schema)) {
		return [];
	}
	const hasFields = isRecord(schema["properties"]);
	const isOpen = hasFields && schema["additionalProperties"] !== false;
	const inner = Object.entries(schema).flatMap(([keyword, value]) =>
		keyword === "default" || keyword === "examples" ? [] : openObjects(value, `${path}/${keyword}`),
	);
	return isOpen ? [path, ...inner] : inner;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
	return typeof value === "object" && value !== null;
}
