// Goal S5: the rights matrix notices each guard that is missing or weaker than it should be. Method: every route is served
// once more for each way to spoil its `needs`, each time below an address of its own, and the matrix is asked about it as
// if it were sound. A guard nobody would miss fails the test.

import assert from "node:assert/strict";
import test from "node:test";
import type { FastifyInstance } from "fastify";
import { cmiRoutes } from "#rest/cmi/index.ts";
import type { RestDeps } from "#rest/deps.ts";
import { rciRoutes } from "#rest/rci/index.ts";
import type { Need, Needs, Route } from "#rest/route.ts";
import { serveRoutes } from "#rest/serve.ts";
import { castFor, deviates } from "#test/contract/rights-cast.ts";
import { readRights } from "#test/contract/rights-file.ts";

type Spoiled = { says: string; needs: Needs };

const anybody: Needs = { who: "anybody", because: "a guard was removed" };

function holders(rights: readonly Need[]): Needs {
	return rights.length === 0 ? { who: "signedIn" } : { who: "holders", rights };
}

/** Each way to remove or to weaken one guard of a route. */
function spoiledNeeds({ needs }: Route): readonly Spoiled[] {
	switch (needs.who) {
		case "anybody":
			return [];
		case "signedIn":
			return [{ says: "without a logon", needs: anybody }];
		case "holders":
			return [
				{ says: "without a logon", needs: anybody },
				...needs.rights.flatMap((need, index) => spoiledRights(needs.rights, need, index)),
			];
	}
}

function spoiledRights(rights: readonly Need[], need: Need, index: number): readonly Spoiled[] {
	const { objectType, access, on } = need;
	const name = `${access} on ${objectType}`;
	const withOther = (says: string, other: Need): Spoiled => ({ says, needs: holders(rights.with(index, other)) });
	const reaches = typeof on === "object" || on === "every";
	return [
		{ says: `without ${name}`, needs: holders(rights.toSpliced(index, 1)) },
		...(reaches ? [withOther(`with ${name} of any object`, { ...need, on: "some" })] : []),
		...(typeof on === "object" ? [withOther(`with ${name} of another parameter`, { ...need, on: otherThan(on) })] : []),
		...(access === "view" ? [] : [withOther(`with View for ${name}`, { ...need, access: "view" })]),
		...(need.or === undefined ? [] : [withOther(`with only ${name}`, { objectType, access, on })]),
	];
}

function otherThan({ param }: { param: string }): { param: string } {
	return { param: param === "id" ? "memberId" : "id" };
}

for (const [base, routes] of [
	["/RI/rci", rciRoutes],
	["/RI/cmi", cmiRoutes],
] as const) {
	const rights = readRights();
	const spoiled = routes.flatMap((route) => spoiledNeeds(route).map((one) => ({ ...one, route })));

	test(`the matrix notices each of ${spoiled.length} spoiled guards of ${base}`, async (t) => {
		const cast = await castFor(t, async (app: FastifyInstance, deps: RestDeps) => {
			for (const [index, { route, needs }] of spoiled.entries()) {
				await app.register((scope) => serveRoutes(scope, { base, routes: [{ ...route, needs }], deps }), {
					prefix: `/spoiled-${index}`,
				});
			}
		});
		const unnoticed: string[] = [];
		for (const [index, { says, route }] of spoiled.entries()) {
			const { method } = route;
			const needs = rights.get(`${method} ${base}${route.path}`);
			assert.ok(needs !== undefined);
			const path = `/spoiled-${index}${base}${route.path}`;
			if (!(await deviates(cast, { method, path, needs }))) {
				unnoticed.push(`${method} ${base}${route.path} ${says}`);
			}
		}
		assert.deepEqual(unnoticed, []);
	});
}
