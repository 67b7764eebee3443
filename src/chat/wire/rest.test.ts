// Goal: the same resources by plain HTTP answer as they do by frames. Method: real calls, a tree that writes down what it
// was asked.

import assert from "node:assert/strict";
import test from "node:test";
import { wireScene } from "#test/wire-scene.ts";
import { countUploads } from "./media.ts";

test("what was asked reaches the tree as by a frame, without a connection", async (t) => {
	const scene = await wireScene(t);
	const me = await scene.logIn(await scene.person());
	const ask = (method: string, path: string, body?: unknown) =>
		fetch(`${scene.origin}/desk/ecfs/rest/users/me/${path}`, {
			method,
			headers: { cookie: me.cookie, ...(body === undefined ? {} : { "content-type": "application/json" }) },
			...(body === undefined ? {} : { body: JSON.stringify(body) }),
		});
	const done = await ask("PUT", "interactions/A/participants/mia%2B2%40desk.test/?x=1", { status: "typing" });
	assert.deepEqual([done.status, await done.text()], [200, ""]);
	const [asked] = scene.asked;
	assert.deepEqual(
		[asked?.method, asked?.path, asked?.body, asked?.caller.userId, asked?.caller.terminalId, asked?.caller.kind],
		["PUT", ["interactions", "A", "participants", "mia+2@desk.test"], { status: "typing" }, me.id, null, "agent"],
	);
	scene.tree.answer = () => Promise.resolve({ status: 403, body: { error: "no", message: "No." } });
	const refused = await ask("GET", "properties");
	assert.deepEqual([refused.status, await refused.json()], [403, { error: "no", message: "No." }]);
	scene.tree.answer = () => Promise.resolve({ status: 200, body: ["x".repeat(2_000_000)] });
	assert.equal((await (await ask("GET", "interactions/A/transcript/messages")).text()).length, 2_000_004);
	assert.equal((await ask("GET", "a%2Fb")).status, 404);
});

test("only JSON is read, and only with a session of that side", async (t) => {
	const scene = await wireScene(t);
	const [agent, visitor] = [await scene.logIn(await scene.person()), await scene.visit()];
	const at = `${scene.origin}/desk/visitor/ecfs/rest/users/me/interactions`;
	const post = (headers: Record<string, string>, body: string) => fetch(at, { method: "POST", headers, body });
	assert.equal((await post({ cookie: visitor.cookie, "content-type": "text/plain" }, "{}")).status, 415);
	assert.equal((await post({ cookie: visitor.cookie, "content-type": "application/json" }, "{")).status, 400);
	assert.equal((await post({ cookie: agent.cookie, "content-type": "application/json" }, "{}")).status, 401);
	assert.equal((await post({ "x-jsessionid": visitor.token, "content-type": "application/json" }, "{}")).status, 200);
	assert.equal(scene.asked.length, 1);
});

test("messages of a visitor are counted over frames and HTTP together", async (t) => {
	const scene = await wireScene(t);
	const visitor = await scene.visit();
	const client = await scene.enter(visitor, "visitor");
	const path = "interactions/A/transcript/messages";
	for (let index = 0; index < 10; index++) {
		client.ask("POST", `/users/me/${path}`, { message: "x" });
		assert.equal((await client.next())["status_code"], 200);
	}
	const response = await fetch(`${scene.origin}/desk/visitor/ecfs/rest/users/me/${path}`, {
		method: "POST",
		headers: { cookie: visitor.cookie, "content-type": "application/json" },
		body: '{"message":"x"}',
	});
	assert.equal(response.status, 429);
});

test("files come in whole and go out as something to save, never to run", async (t) => {
	const scene = await wireScene(t);
	const me = await scene.visit();
	const at = `${scene.origin}/desk/visitor/ecfs/media/${"A1".repeat(16)}`;
	const put = (body: string, headers: Record<string, string> = { cookie: me.cookie }) =>
		fetch(at, { method: "PUT", headers: { "content-type": "text/html", ...headers }, body });
	assert.equal((await put("<script>x</script>")).status, 200);
	const got = await fetch(at, { headers: { cookie: me.cookie } });
	assert.equal(await got.text(), "<script>x</script>");
	assert.match(got.headers.get("content-disposition") ?? "", /^attachment; filename="a file.html"/);
	assert.equal(got.headers.get("x-content-type-options"), "nosniff");
	assert.match(got.headers.get("content-security-policy") ?? "", /sandbox/);
	assert.equal((await put("x".repeat(1001))).status, 413);
	assert.equal((await put("x", {})).status, 401);
	assert.equal((await put("x".repeat(5_000_000), {})).status, 401, "before anything of it is read");
	const stream = new ReadableStream({ start: (pieces) => (pieces.enqueue(new Uint8Array(10)), pieces.close()) });
	const unannounced = { method: "PUT", headers: { cookie: me.cookie }, body: stream, duplex: "half" } as const;
	assert.equal((await fetch(at, unannounced)).status, 400);
	assert.equal((await fetch(at)).status, 401);
	const none = `${scene.origin}/desk/visitor/ecfs/media/`;
	for (const id of ["B2".repeat(16), "..%2f..", "x"]) {
		assert.equal((await fetch(none + id, { headers: { cookie: me.cookie } })).status, 404, id);
	}
});

test("a session sends three files at once, a node as many bytes as it can hold", () => {
	const uploads = countUploads();
	const ends = [1, 2, 3].map(() => uploads.begin("S1", 10));
	const refused = { name: "Problem", code: "overloaded" };
	assert.throws(() => uploads.begin("S1", 10), refused);
	assert.throws(() => uploads.begin("S2", 256 * 1024 * 1024), refused);
	uploads.begin("S2", 256 * 1024 * 1024 - 30)();
	ends.forEach((end) => end());
	uploads.begin("S2", 256 * 1024 * 1024);
});
