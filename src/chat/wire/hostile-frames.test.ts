// Goal: whatever a client sends, it gets one answer in its place that keeps the rules, or its connection ends. Method: a
// connection without a network; texts by example and by chance.

import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { connectionStage, kinds, settled } from "#test/connection-stage.ts";
import { transactionsOf } from "#test/wire-scene.ts";

const wrong: readonly [text: string, status: number, id: string | null][] = [
	["", 400, null],
	["null", 400, null],
	["[]", 400, null],
	['"X"', 400, null],
	["{", 400, null],
	['{"a":1,"a":2}', 400, null],
	['{"__proto__":{}}', 400, null],
	["[".repeat(1000), 400, null],
	['{"client_req_id":"i"}', 400, "i"],
	['{"client_req_id":1,"method":"GET","uri":"/users/me"}', 400, null],
	['{"client_req_id":"i","method":"PATCH","uri":"/users/me"}', 405, "i"],
	['{"client_req_id":"i","method":"GET","uri":"/users/you"}', 404, "i"],
	['{"client_req_id":"i","method":"GET","uri":"/users/me/a%2Fb"}', 404, "i"],
	['{"client_req_id":"i","method":"GET","uri":"/users/me//a"}', 404, "i"],
	[`{"client_req_id":"i","method":"GET","uri":"/users/me${"/a".repeat(21)}"}`, 404, "i"],
	['{"client_req_id":"i","method":"PUT","uri":"/users/me/properties","body":{"alias":"a\\u0000b"}}', 400, "i"],
	['{"client_req_id":"i","method":"PUT","uri":"/users/me/properties","body":{"a\\u0000":1}}', 400, "i"],
];
for (const [text, status, id] of wrong) {
	test(`${text.slice(0, 60) || "nothing"} is answered ${status}`, async () => {
		const { connection, sent, asked } = connectionStage();
		connection.hear(text);
		await settled();
		const [, answer] = sent;
		assert.deepEqual([answer?.["status_code"], answer?.["client_req_id"]], [status, id]);
		const { error, message } = (answer?.["body"] ?? {}) as { error: string; message: string };
		assert.match(error, /^[a-z_]+$/);
		assert.match(message, /\.$/);
		assert.equal(asked.length, 0);
	});
}

test("ten texts that are no objects close the connection, nine do not", async () => {
	const { connection, closed } = connectionStage();
	for (let round = 1; round <= 9; round++) {
		connection.hear("X");
	}
	await settled();
	assert.deepEqual(closed, []);
	connection.hear("X");
	await settled();
	assert.deepEqual(closed, [1008]);
});

test("whatever a client sends, each text gets one answer in order, and every frame keeps the rules", async () => {
	const piece = fc.oneof(
		fc.string(),
		fc.json(),
		fc
			.record({
				client_req_id: fc.oneof(fc.string(), fc.integer()),
				method: fc.constantFrom("GET", "POST", "PUT", "DELETE", "SUBSCRIBE", "UNSUBSCRIBE", "HACK"),
				uri: fc.oneof(
					fc.webPath().map((path) => `/users/me${path}`),
					fc.string(),
					fc.constant("/users/me/queues"),
				),
				body: fc.jsonValue(),
			})
			.map((frame) => JSON.stringify(frame)),
	);
	await fc.assert(
		fc.asyncProperty(fc.array(piece, { maxLength: 30 }), async (texts) => {
			const { connection, sent, closed } = connectionStage({ noiseMax: 1000 });
			texts.forEach((text) => connection.hear(text));
			await settled();
			await settled();
			const answers = sent.slice(1).filter((frame) => "status_code" in frame);
			assert.equal(answers.length, texts.length);
			assert.deepEqual(closed, []);
			for (const frame of sent.slice(1)) {
				assert.ok(!("sessionid" in frame));
				if (!("status_code" in frame)) {
					transactionsOf(frame);
				}
			}
		}),
		{ numRuns: 200 },
	);
});

test("frames that come too fast are answered 429, in their place; then the connection is closed", async () => {
	const { ask, sent, closed, clock } = connectionStage({ framesPerSecond: 10, framesAtOnce: 3, framesRefusedMax: 2 });
	for (let index = 0; index < 5; index++) {
		ask("GET", "/users/me/properties");
	}
	await settled();
	assert.deepEqual(kinds(sent.slice(1)), ["r1 200", "r2 200", "r3 200", "r4 429", "r5 429"]);
	clock.advance(100);
	ask("GET", "/users/me/properties");
	await settled();
	assert.deepEqual(kinds(sent.slice(6)), ["r6 200"]);
	ask("GET", "/users/me/properties");
	await settled();
	assert.deepEqual(closed, [1013]);
});
