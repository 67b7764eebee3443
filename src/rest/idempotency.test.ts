import assert from "node:assert/strict";
import test from "node:test";
import { restScene } from "#test/rest-scene.ts";
import { onBothDialects } from "#test/storage-on-both.ts";
import { codeOf, made, post, thingRoutes } from "#test/thing-routes.ts";

onBothDialects("a repeated key gets the same answer, byte for byte, and makes nothing again", async (openStorage) => {
	const scene = await restScene({ after: () => undefined }, { routes: thingRoutes, storage: await openStorage() });
	const ada = await scene.person();
	const first = await scene.call(post("x", "key 1"), ada);
	const again = await scene.call(post("x", "key 1", { accept: "text/html" }), ada);
	assert.deepEqual(
		[again.statusCode, again.body, again.headers["location"]],
		[201, first.body, first.headers["location"]],
	);
	assert.equal(again.headers["etag"], first.headers["etag"]);
	assert.equal(await made(scene), 1);
	assert.deepEqual(await codeOf(scene.call(post("y", "key 1"), ada)), [422, "idempotency_mismatch"]);
	assert.equal((await scene.call(post("x", "key 2"), ada)).statusCode, 201);
	assert.equal(
		(await scene.call(post("x", "key 1"), await scene.person())).statusCode,
		201,
		"keys of others are others",
	);
	assert.equal((await scene.call(post("x"), ada)).statusCode, 201);
	assert.equal(await made(scene), 4);
	scene.clock.advance(24 * 3_600_000 - 1);
	assert.equal((await scene.call(post("x", "key 1"), ada)).body, first.body);
	scene.clock.advance(2);
	assert.notEqual((await scene.call(post("x", "key 1"), ada)).body, first.body, "after a day the key is new");
	assert.equal(await made(scene), 5);
	await scene.app.close();
});

onBothDialects(
	"of calls with one key at the same time, also on two nodes, one makes something",
	async (openStorage) => {
		const storage = await openStorage();
		const [one, two] = await Promise.all([
			restScene({ after: () => undefined }, { routes: thingRoutes, storage }),
			restScene({ after: () => undefined }, { routes: thingRoutes, storage }),
		]);
		const ada = await one.person();
		const answers = await Promise.all(
			Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? one : two).call(post("x", "key"), ada)),
		);
		const done = answers.filter(({ statusCode }) => statusCode === 201);
		const waiting = answers.filter((answer) => answer.statusCode === 409);
		assert.equal(done.length + waiting.length, 20);
		assert.ok(done.length >= 1);
		assert.equal(new Set(done.map(({ body }) => body)).size, 1);
		assert.ok(waiting.every((answer) => answer.json<{ code: string }>().code === "idempotency_running"));
		assert.equal(await made(one), 1);
		await Promise.all([one.app.close(), two.app.close()]);
	},
);

test("a failed call leaves neither effect nor answer, and its key is free again", async (t) => {
	const scene = await restScene(t, { routes: thingRoutes });
	const ada = await scene.person();
	for (const _again of [1, 2]) {
		assert.deepEqual(await codeOf(scene.call(post("fails", "key"), ada)), [500, "internal"]);
	}
	assert.equal(await made(scene), 0);
	assert.equal((await scene.call(post("x", "key"), ada)).statusCode, 201);
});

const keys: readonly [key: string, status: number][] = [
	["x".repeat(255), 201],
	["x".repeat(256), 400],
	["a key with ~ and spaces", 201],
	["schlüssel", 400],
	["", 400],
];
for (const [key, status] of keys) {
	test(`an Idempotency-Key of ${key.length} characters (${key.slice(0, 10)}) gets ${status}`, async (t) => {
		const scene = await restScene(t, { routes: thingRoutes });
		assert.equal((await scene.call(post("x", key), await scene.person())).statusCode, status);
	});
}

test("a secret that is shown once is kept sealed for a repeated key", async (t) => {
	const scene = await restScene(t, { routes: thingRoutes });
	const ada = await scene.person();
	const request = { method: "POST", url: "/RI/rci/secrets", headers: { "idempotency-key": "k" } } as const;
	const first = await scene.call(request, ada);
	assert.equal((await scene.call(request, ada)).body, first.body);
	const row = await scene.storage.db.selectFrom("idempotency").selectAll().executeTakeFirstOrThrow();
	const shownSecret = first.json<{ secret: string }>().secret;
	assert.equal(Buffer.from(row.body, "base64").toString("latin1").includes(shownSecret), false);
	assert.equal(JSON.stringify(row).includes(shownSecret), false);
});
