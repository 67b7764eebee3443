// Goal S15: no text becomes SQL, no body of another type is read, no input ends in an error of ours. Method: over all
// routes (they are data) of both interfaces, as an administrator: texts that mean something to SQL in every parameter of
// query and path, every Content-Type that is not JSON with a body that would be right, bent bodies under the right type.
// Afterwards every table has the rows it had. More with `--bodies`.

import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import { sql } from "kysely";
import type { Route } from "#rest/route.ts";
import { cmiRoutes } from "#rest/cmi/index.ts";
import { accessesOf, separateTypes } from "#domain/rights.ts";
import { rciRoutes } from "#rest/rci/index.ts";
import { startRest } from "#rest/start.ts";
import { numberFlag, seedFlag } from "#test/flags.ts";
import { administratorGrants, restScene, type Person, type RestScene } from "#test/rest-scene.ts";
import { seededRandom } from "#test/scene.ts";
import { onBothDialects, type OpenStorage } from "#test/storage-on-both.ts";
import { bentJson, oddText, sqlTexts } from "./odd-inputs.ts";
import { below } from "./wire.ts";

const seed = seedFlag();
const bodyCount = numberFlag("bodies", 3000);

type Placed = { route: Route; base: string };
const placed: readonly Placed[] = [
	...rciRoutes.map((route) => ({ route, base: "/RI/rci" })),
	...cmiRoutes.map((route) => ({ route, base: "/RI/cmi" })),
];
const someId = "A".repeat(32);

type Stage = { scene: RestScene; admin: Person };

async function openStage(t: Pick<TestContext, "after">, open?: OpenStorage): Promise<Stage> {
	const storage = open === undefined ? {} : { storage: await open() };
	const scene = await restScene(t, { serve: startRest, ...storage });
	const separate = separateTypes.map((objectType) => ({ objectType, objectId: null, access: accessesOf[objectType] }));
	return { scene, admin: await scene.person({ login: "admin", grants: [...administratorGrants, ...separate] }) };
}

function pathOf({ route, base }: Placed, parameter: (name: string) => string): string {
	return (
		base +
		route.path.replaceAll(/:([A-Za-z]+)/g, (_, name: string) => encodeURIComponent(parameter(name).toWellFormed()))
	);
}

function parametersOf({ path }: Route): readonly string[] {
	return [...path.matchAll(/:([A-Za-z]+)/g)].map(([, name = ""]) => name);
}

/** Tables that count what was tried; they may grow. */
const ledgers = new Set(["security_events", "logon_failures"]);

async function rowCounts({ scene }: Stage): Promise<Readonly<Record<string, number>>> {
	const { db, dialect } = scene.storage;
	const { rows } = await (
		dialect === "sqlite"
			? sql<{ name: string }>`SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'`
			: sql<{ name: string }>`SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'`
	).execute(db);
	const counts: Record<string, number> = {};
	for (const { name } of rows.filter((row) => !ledgers.has(row.name))) {
		const counted = await sql<{ n: number }>`SELECT count(*) AS n FROM ${sql.table(name)}`.execute(db);
		counts[name] = Number(counted.rows[0]?.n);
	}
	assert.ok(Object.keys(counts).length > 20, "there are tables");
	return counts;
}

onBothDialects("a text of SQL in any parameter of any route is a text", async (open, dialect) => {
	const texts = sqlTexts.filter((_, index) => dialect === "sqlite" || index % 3 === 0);
	const stage = await openStage({ after: () => undefined }, open);
	const { scene, admin } = stage;
	const before = await rowCounts(stage);
	let asked = 0;
	const ask = async (method: Route["method"], url: string) => {
		const answer = await scene.call({ method, url }, admin);
		asked += 1;
		assert.ok(answer.statusCode < 500, `${method} ${url} answered ${answer.statusCode}`);
		return answer;
	};
	for (const place of placed) {
		const { route } = place;
		const names = route.method === "GET" ? Object.keys(route.query?.properties ?? {}) : [];
		for (const name of names) {
			for (const text of texts) {
				const url = `${pathOf(place, () => someId)}?${name}=${encodeURIComponent(text.toWellFormed())}`;
				const { statusCode } = await ask(route.method, url);
				assert.ok(route.path !== "/events" || statusCode === 400, url);
			}
		}
		for (const name of parametersOf(route)) {
			// The paths' ids have a pattern, which is asked before anything else: a few texts are enough.
			for (const text of texts.filter((_, index) => index % 8 === 0)) {
				const url = pathOf(place, (other) => (other === name ? text : someId));
				const { statusCode } = await ask(route.method, url);
				assert.ok(statusCode >= 400 || route.method === "GET", `${route.method} ${url} answered ${statusCode}`);
			}
		}
	}
	assert.deepEqual(await rowCounts(stage), before);
	assert.ok(asked > 1000, `${asked} calls`);
	await scene.app.close();
});

test("a filter matches what it says: no text of SQL finds a row that it does not name", async (t) => {
	const { scene, admin } = await openStage(t);
	await scene.person({ login: "o'brien" });
	await scene.person({ login: "percent%under_score!" });
	const found = async (login: string) => {
		const answer = await scene.call({ method: "GET", url: `/RI/rci/users?login=${encodeURIComponent(login)}` }, admin);
		assert.equal(answer.statusCode, 200, answer.body);
		return answer.json<{ login: string }[]>().map((user) => user.login);
	};
	assert.deepEqual(await found("o'brien"), ["o'brien"]);
	assert.deepEqual(await found("percent%under_score!"), ["percent%under_score!"]);
	assert.equal((await found("*")).length, 3);
	const literal = sqlTexts.filter((text) => !/[*?]/.test(text) && text.length < 400 && !text.includes("\u0000"));
	for (const text of literal) {
		assert.deepEqual(await found(text.toWellFormed()), [], text);
	}
});

const wrongTypes: readonly string[] = [
	"text/plain",
	"text/plain; charset=utf-8",
	"text/json",
	"text/html",
	"application/x-www-form-urlencoded",
	"multipart/form-data; boundary=x",
	"multipart/mixed; boundary=x",
	"application/octet-stream",
	"application/xml",
	"application/jsonp",
	"application/json5",
	"application/json-patch+json",
	"application/vnd.api+json",
	"application/x-json",
	"application/json, text/plain",
	"text/plain, application/json",
	"text/plain; application/json",
	"text/plain; x=application/json",
	"application/json; charset=utf-16",
	"application/json; charset=iso-8859-1",
	"application/json; charset=utf-8; charset=utf-7",
	"application/json; boundary=x",
	"application/json;x",
	"application/jsonx",
	"xapplication/json",
	"application /json",
	"application/json/x",
	"json",
	"*/*",
	"",
	";",
];

test("a body under any other Content-Type than JSON is refused by every route, and changes nothing", async (t) => {
	const stage = await openStage(t);
	const { scene, admin } = stage;
	const before = await rowCounts(stage);
	// A file may be of any type; what such a route takes is its own test's business.
	const writing = placed.filter(({ route }) => route.body !== undefined && route.takesFile !== true);
	assert.ok(writing.length > 15, "there are routes with a body");
	for (const place of writing) {
		for (const type of wrongTypes) {
			const body = bodies[place.base + place.route.path] ?? { files: { path: "/etc/passwd" }, name: "x" };
			const answer = await scene.call(
				{
					method: place.route.method,
					url: pathOf(place, () => someId),
					headers: { "content-type": type },
					payload: JSON.stringify(body),
				},
				admin,
			);
			assert.equal(answer.statusCode, 415, `${place.route.method} ${place.route.path} as "${type}": ${answer.body}`);
		}
	}
	assert.deepEqual(await rowCounts(stage), before);
});

/** Bodies that are right under the right type, so that a refusal is the type's doing, or the one text's that is changed. */
const bodies: Readonly<Record<string, object>> = {
	"/RI/rci/messagingServices": {
		type: "facebook",
		name: "Shop",
		serviceConnection: "https://graph.example/v25.0",
		authentications: [{ authenticationId: "1", password: "x" }],
	},
	"/RI/rci/users": { firstName: "A", surname: "B", login: "c", email: "a@example.org", title: "Dr", location: "Here" },
	"/RI/rci/userGroups": { name: "Group", description: "All of them" },
	"/RI/rci/roles": { name: "Role", description: "Nothing" },
	"/RI/rci/apiTokens": { name: "For a program" },
};

/** A lone surrogate has no UTF-8 and comes back as U+FFFD; a secret does not come back. */
function isShown(payload: unknown, text: string, answer: string): boolean {
	const isSecret = JSON.stringify(payload).includes(`"password":${JSON.stringify(text)}`);
	const spellings = [text, text.toWellFormed()].map((one) => JSON.stringify(one).slice(1, -1));
	return isSecret || spellings.some((spelling) => answer.includes(spelling));
}

/** The body with each of its texts replaced in turn. */
function* withText(value: unknown, text: string): Generator<unknown> {
	if (typeof value === "string") {
		yield text;
		return;
	}
	for (const [name, inner] of typeof value === "object" && value !== null ? Object.entries(value) : []) {
		for (const changed of withText(inner, text)) {
			yield Array.isArray(value) ? [changed] : { ...(value as object), [name]: changed };
		}
	}
}

onBothDialects("a text of SQL in any field of a body is kept as it is or refused", async (open) => {
	const { scene, admin } = await openStage({ after: () => undefined }, open);
	let taken = 0;
	const calls = Object.entries(bodies).flatMap(([url, right]) =>
		sqlTexts.flatMap((text) => [...withText(right, text)].map((payload) => ({ url, text, payload }))),
	);
	for (const { url, text, payload } of calls) {
		const headers = { "content-type": "application/json", accept: "application/json" };
		const answer = await scene.call({ method: "POST", url, headers, payload: JSON.stringify(payload) }, admin);
		const said = `${url} ${JSON.stringify(payload)}: ${answer.statusCode} ${answer.body}`;
		assert.ok(answer.statusCode < 500, said);
		assert.ok(answer.statusCode !== 201 || isShown(payload, text, answer.body), said);
		taken += answer.statusCode === 201 ? 1 : 0;
	}
	assert.ok(taken > 100, "many are taken, as texts");
	await scene.app.close();
});

test("the bodies above are right: under JSON they are taken", async (t) => {
	const { scene, admin } = await openStage(t);
	for (const [url, payload] of Object.entries(bodies)) {
		assert.equal((await scene.call({ method: "POST", url, payload }, admin)).statusCode, 201, url);
	}
});

const samples: readonly object[] = [
	{ type: "facebook", name: "Shop", authentications: [{ authenticationId: "1", password: "x" }], settings: {} },
	{ firstName: "A", surname: "B", login: "c", externalUser: true, enabled: true, email: "a@example.org" },
	{ service: someId, to: "+491701234567", text: "hi", attachments: [{ url: "https://x.example/a.png" }] },
	[{ objectType: "messagingService", objectId: someId, access: ["use"] }],
	{ name: "Group", members: [someId], description: "x" },
];

onBothDialects(`${bodyCount} bent bodies to all routes end in no error of ours, seed ${seed}`, async (open) => {
	const { scene, admin } = await openStage({ after: () => undefined }, open);
	const random = seededRandom(seed);
	const writing = placed.filter(({ route }) => route.body !== undefined && !/logoff|session/i.test(route.path));
	const statuses = new Map<number, number>();
	for (let count = 0; count < bodyCount; count++) {
		const place = writing[below(random, writing.length)];
		assert.ok(place);
		const answer = await scene.call(
			{
				method: place.route.method,
				url: pathOf(place, () => (random.fraction() < 0.9 ? someId : oddText(random) || "x")),
				headers: { "content-type": "application/json", accept: "application/json" },
				payload: Buffer.from(bentJson(samples[below(random, samples.length)], random)),
			},
			admin,
		);
		statuses.set(answer.statusCode, (statuses.get(answer.statusCode) ?? 0) + 1);
		assert.ok(
			answer.statusCode < 500,
			`${place.route.method} ${place.route.path}: ${answer.statusCode} ${answer.body}`,
		);
	}
	assert.ok((statuses.get(400) ?? 0) > bodyCount / 4, "most are refused for what they say");
	assert.ok((statuses.get(201) ?? 0) > 0, "some are taken");
	assert.equal(({} as { polluted?: unknown }).polluted, undefined);
	await scene.app.close();
});
