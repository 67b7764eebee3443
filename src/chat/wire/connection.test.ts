// Goal: requests in order, a response before what it caused, each change once, none lost between a snapshot and what
// follows. Method: a connection without a network, a tree and a feed that the test moves.

import assert from "node:assert/strict";
import test from "node:test";
import { connectionStage, kinds, leaf, settled } from "#test/connection-stage.ts";
import { transactionsOf } from "#test/wire-scene.ts";
import type { Answer } from "../resource.ts";

test("four frames that were sent before anything was read are answered in order", async () => {
	const { ask, sent, asked } = connectionStage();
	ask("PUT", "/users/me/properties", { chat_address: "ann@home.test" });
	ask("SUBSCRIBE", "/users/me/properties");
	ask("SUBSCRIBE", "/users/me/interactions", {});
	ask("POST", "/users/me/interactions", { channel_type: "chat" });
	await settled();
	assert.deepEqual(kinds(sent.slice(1)), ["r1 200", "r2 200", "POST", "r3 200", "POST", "r4 200"]);
	assert.deepEqual(
		asked.map(({ method, path }) => [method, ...path]),
		[
			["PUT", "properties"],
			["POST", "interactions"],
		],
	);
});

test("a slow request holds up those behind it, however fast they would be", async () => {
	const { ask, sent, behind, asked } = connectionStage();
	let finish: (answer: Answer) => void = () => undefined;
	behind.answer = ({ path }) =>
		path[0] === "ui" ? new Promise((resolve) => (finish = resolve)) : Promise.resolve({ status: 200 });
	ask("PUT", "/users/me/ui", {});
	ask("GET", "/users/me/properties");
	await settled();
	assert.deepEqual([sent.length, asked.length], [1, 1]);
	finish({ status: 200 });
	await settled();
	assert.deepEqual(kinds(sent.slice(1)), ["r1 200", "r2 200"]);
});

test("a response stands before the changes its request caused", async () => {
	const { ask, sent, behind, tell } = connectionStage();
	ask("SUBSCRIBE", "/users/me/properties");
	await settled();
	behind.answer = async () => {
		tell(11, leaf("properties/work_status", "ready"));
		await settled();
		return { status: 200 };
	};
	ask("PUT", "/users/me/properties", { work_status: "ready" });
	await settled();
	await settled();
	assert.deepEqual(kinds(sent.slice(1)), ["r1 200", "POST", "r2 200", "PUT"]);
});

test("what is committed while a snapshot is taken is told after it, if it is not in it", async () => {
	const { ask, sent, behind, tell } = connectionStage();
	behind.snapshot = async () => {
		tell(9, leaf("interactions/A/status", "before"));
		tell(10, leaf("interactions/A/status", "in it"));
		tell(11, leaf("interactions/A/status", "after"));
		await settled();
		return { position: 10, value: ["A"] };
	};
	ask("SUBSCRIBE", "/users/me/interactions");
	await settled();
	await settled();
	assert.deepEqual(kinds(sent.slice(1)), ["r1 200", "POST", "PUT"]);
	const [, , snapshot, change] = sent;
	assert.ok(snapshot && change);
	assert.deepEqual(transactionsOf(snapshot)[0]?.subscribed_resource, ["A"]);
	assert.deepEqual(transactionsOf(change)[0]?.subscribed_resource, "after");
});

test("a change is told once, under the oldest subscription that covers it", async () => {
	const { ask, sent, tell } = connectionStage();
	ask("SUBSCRIBE", "/users/me/interactions/A");
	ask("SUBSCRIBE", "/users/me/interactions");
	await settled();
	tell(11, leaf("interactions/A/status"), leaf("interactions/B/status"), leaf("interactions/AB"), leaf("queues"));
	const [narrow, wide] = sent.slice(-2);
	assert.ok(narrow && wide);
	assert.deepEqual(
		[transactionsOf(narrow), transactionsOf(wide)].map((told) => told.map(({ uri }) => uri)),
		[["/users/me/interactions/A/status"], ["/users/me/interactions/B/status", "/users/me/interactions/AB"]],
	);
	assert.notEqual(narrow["uri"], wide["uri"]);
});

test("the same uri again gives the same subscription a new snapshot, and changes still come once", async () => {
	const { ask, sent, tell, behind } = connectionStage();
	ask("SUBSCRIBE", "/users/me/queues/");
	await settled();
	behind.snapshot = () => Promise.resolve({ position: 20, value: ["new"] });
	ask("SUBSCRIBE", "/users/me/queues");
	await settled();
	const [first, second] = sent.filter((frame) => "status_code" in frame);
	assert.deepEqual(first?.["body"], second?.["body"]);
	assert.equal(behind.listening, 1);
	tell(20, leaf("queues/A"));
	tell(21, leaf("queues/A"));
	assert.deepEqual(kinds(sent.slice(1)), ["r1 200", "POST", "r2 200", "POST", "PUT"]);
});

test("UNSUBSCRIBE by the resource or by the subscription; after it nothing is told", async () => {
	const { ask, sent, tell } = connectionStage();
	ask("SUBSCRIBE", "/users/me/queues");
	ask("SUBSCRIBE", "/users/me/properties");
	await settled();
	const { subscription_id } = (sent[1]?.["body"] ?? {}) as { subscription_id: string };
	ask("UNSUBSCRIBE", `/users/me/subscriptions/${subscription_id}`);
	ask("UNSUBSCRIBE", "/users/me/properties");
	ask("UNSUBSCRIBE", "/users/me/properties");
	await settled();
	tell(11, leaf("queues/A"), leaf("properties/alias"));
	assert.deepEqual(kinds(sent.slice(5)), ["r3 200", "r4 200", "r5 404"]);
});

test("the same id twice is two requests", async () => {
	const { connection, asked } = connectionStage();
	const text = JSON.stringify({
		client_req_id: "always the same",
		method: "POST",
		uri: "/users/me/interactions/A/transcript/messages",
		body: { message: "hello" },
		retries: 3,
	});
	connection.hear(text);
	connection.hear(text);
	await settled();
	assert.equal(asked.length, 2);
});

test("a participant's key is taken raw and percent-encoded", async () => {
	const { ask, asked } = connectionStage();
	ask("PUT", "/users/me/interactions/A/participants/mia+2@desk.test", {});
	ask("PUT", "/users/me/interactions/A/participants/mia%2B2%40desk.test/", {});
	ask("PUT", "/users/me/interactions/A/participants/100%@desk.test", {});
	await settled();
	assert.deepEqual(
		asked.map(({ path }) => path.at(-1)),
		["mia+2@desk.test", "mia+2@desk.test", "100%@desk.test"],
	);
});

test("while a request takes its time, reading stops; what was read is bounded", async () => {
	const { connection, ask, behind, closed, carrier } = connectionStage({ framesAtOnce: 10_000 });
	let finish: () => void = () => undefined;
	behind.answer = () => new Promise((resolve) => (finish = () => resolve({ status: 200 })));
	for (let index = 0; index < 17; index++) {
		ask("GET", "/users/me/properties");
	}
	assert.equal(carrier.paused, 1);
	behind.answer = () => Promise.resolve({ status: 200 });
	finish();
	await settled();
	assert.equal(carrier.paused, 0);
	behind.answer = () => new Promise(() => undefined);
	for (let index = 0; index < 1100 && closed.length === 0; index++) {
		connection.hear("{}");
		ask("GET", "/users/me/properties");
	}
	assert.deepEqual(closed, [1013]);
});

test("a visitor has ten messages in ten seconds", async () => {
	const { ask, sent, clock } = connectionStage({}, "visitor");
	const write = () => ask("POST", "/users/me/interactions/A/transcript/messages", { message: "x" });
	for (let index = 0; index < 11; index++) {
		write();
	}
	ask("PUT", "/users/me/interactions/A", { status: "ended" });
	await settled();
	assert.deepEqual(kinds(sent.slice(10)), ["r10 200", "r11 429", "r12 200"]);
	clock.advance(10_000);
	write();
	await settled();
	assert.deepEqual(kinds(sent.slice(13)), ["r13 200"]);
});

test("fifty subscriptions are enough", async () => {
	const { ask, sent } = connectionStage({ subscriptionsMax: 2 });
	ask("SUBSCRIBE", "/users/me/a");
	ask("SUBSCRIBE", "/users/me/b");
	ask("SUBSCRIBE", "/users/me/c");
	ask("SUBSCRIBE", "/users/me/a");
	await settled();
	assert.deepEqual(kinds(sent.slice(1)), ["r1 200", "POST", "r2 200", "POST", "r3 429", "r4 200", "POST"]);
});

test("a tree that takes too long is 408, one that fails 500, and the next request is heard", async () => {
	const { ask, sent, behind, clock } = connectionStage();
	behind.answer = () => new Promise(() => undefined);
	ask("GET", "/users/me/properties");
	await settled();
	clock.advance(15_000);
	await settled();
	behind.answer = () => Promise.reject(new Error("a bug with a secret in it"));
	behind.snapshot = () => Promise.reject(new Error("another"));
	ask("GET", "/users/me/properties");
	ask("SUBSCRIBE", "/users/me/properties");
	await settled();
	assert.deepEqual(kinds(sent.slice(1)), ["r1 408", "r2 500", "r3 500"]);
	assert.ok(!JSON.stringify(sent).includes("secret"));
});

test("logged_out ends the session after its answer", async () => {
	const { ask, sent, loggedOut, behind } = connectionStage();
	behind.answer = () => Promise.resolve({ status: loggedOut.length === 0 ? 200 : 500 });
	ask("PUT", "/users/me/properties", { login_status: "logged_out" });
	await settled();
	assert.deepEqual(kinds(sent.slice(1)), ["r1 200"]);
	assert.deepEqual(loggedOut, ["S1"]);
});

test("after its end a connection listens to nothing and says nothing", async () => {
	const { ask, connection, behind, sent, tell } = connectionStage();
	ask("SUBSCRIBE", "/users/me/queues");
	await settled();
	connection.end();
	assert.equal(behind.listening, 0);
	const before = sent.length;
	tell(11, leaf("queues/A"));
	ask("GET", "/users/me/queues");
	await settled();
	assert.equal(sent.length, before);
});

test("a transcript of 5000 messages: every frame stays below 1 MiB, the newest part is there", async () => {
	const messages = Array.from({ length: 5000 }, (_, index) => ({
		type: "text",
		message: `${"ä€".repeat(150)} ${index}`,
		originator: "ann@home.test",
		seq: index + 1,
	}));
	const { ask, texts, sent, behind, tell } = connectionStage();
	behind.snapshot = () =>
		Promise.resolve({ position: 10, value: [{ id: "A", transcript: { messages } }, { id: "B" }] });
	behind.answer = () => Promise.resolve({ status: 200, body: messages });
	ask("SUBSCRIBE", "/users/me/interactions");
	ask("GET", "/users/me/interactions/A/transcript/messages");
	behind.snapshot = () => Promise.resolve({ position: 10, value: messages });
	ask("SUBSCRIBE", "/users/me/interactions/A/transcript/messages");
	await settled();
	tell(11, ...messages.map((message, index) => leaf(`interactions/A/transcript/messages/${index}`, message)));
	assert.ok(texts.every((text) => Buffer.byteLength(text) < 1_048_576));
	const told = sent.filter((frame) => !("status_code" in frame) && !("sessionid" in frame)).map(transactionsOf);
	const last = (value: unknown) => (value as { seq: number }[]).at(-1)?.seq;
	const interactions = told[0]?.[0]?.subscribed_resource as { id: string; transcript: { messages: unknown[] } }[];
	assert.equal(last(interactions[0]?.transcript.messages), 5000);
	assert.ok((interactions[0]?.transcript.messages.length ?? 0) >= 100);
	assert.equal(interactions[1]?.id, "B");
	assert.equal(last(told[1]?.[0]?.subscribed_resource), 5000);
	assert.equal(told.slice(2).flat().length, 5000, "each change is told, in several frames");
	assert.ok(told.length > 3);
	assert.ok(kinds(sent).includes("r2 413"));
});
