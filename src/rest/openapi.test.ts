import assert from "node:assert/strict";
import test from "node:test";
import { cmiRoutes } from "./cmi/index.ts";
import { openApiOf } from "./openapi.ts";
import { rciRoutes } from "./rci/index.ts";
import type { Route } from "./route.ts";

type Operation = {
	operationId: string;
	summary: string;
	security: readonly object[];
	"x-parley-needs": unknown;
	parameters?: readonly { in: string; name: string }[];
	requestBody?: object;
	responses: Readonly<Record<string, { content?: Readonly<Record<string, unknown>> }>>;
};
type Document = { paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>; servers: { url: string }[] };

const interfaces = { rci: rciRoutes, cmi: cmiRoutes } as const;

function operationOf(document: Document, { method, path }: Route): Operation {
	const found = document.paths[path.replaceAll(/:(\w+)/g, "{$1}")]?.[method.toLowerCase()];
	assert.ok(found, `${method} ${path}`);
	return found;
}

for (const [name, routes] of Object.entries(interfaces) as ["rci" | "cmi", readonly Route[]][]) {
	test(`the document of ${name} has every route with its needs, parameters, body and problems, and no more`, async () => {
		const document = (await openApiOf(name, routes, "/acme")) as Document;
		assert.deepEqual(document.servers, [{ url: `/acme/RI/${name}` }]);
		const ids = new Set<string>();
		for (const route of routes) {
			const operation = operationOf(document, route);
			assert.deepEqual(operation["x-parley-needs"], route.needs);
			assert.equal(operation.security.length, route.needs.who === "anybody" ? 0 : 3);
			assert.equal(operation.summary, route.summary);
			assert.ok("application/problem+json" in (operation.responses["default"]?.content ?? {}));
			assert.ok(operation.responses[String(route.status)]);
			assert.equal(operation.requestBody === undefined, route.body === undefined);
			const named = (operation.parameters ?? []).map((parameter) => `${parameter.in} ${parameter.name}`);
			for (const parameter of Object.keys(route.query?.properties ?? {})) {
				assert.ok(named.includes(`query ${parameter}`), parameter);
			}
			assert.equal(named.includes("header idempotency-key"), route.idempotent === true);
			ids.add(operation.operationId);
		}
		assert.equal(ids.size, routes.length);
		const operations = Object.values(document.paths).flatMap((path) => Object.keys(path));
		assert.equal(operations.length, routes.length);
	});
}

test("the same routes give the same document", async () => {
	const [one, other] = [await openApiOf("rci", rciRoutes, ""), await openApiOf("rci", rciRoutes, "")];
	assert.equal(JSON.stringify(one), JSON.stringify(other));
});
