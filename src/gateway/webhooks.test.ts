// The doors over real storage and the real connectors, with signatures made here: what is let in, what is refused with
// which status, what is sealed, and what a person can release.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import test from "node:test";
import { wish } from "#storage/quarantine.ts";
import { claimUpkeep, settleUpkeep } from "#storage/upkeep.ts";
import { callsOf } from "#storage/vitals.ts";
import { facebookBody, metaSigned, openDoors, publicBaseUrl, sinchBody, sinchSigned } from "#test/doors.ts";

test("a signed message is stored before it is acknowledged; repeated, it is a 200 without effect", async (t) => {
	const doors = await openDoors(t);
	const id = await doors.add("facebook", { "111": "page-token", webhook: "app-secret" });
	const body = facebookBody({ "111": "m_1" });
	for (let times = 0; times < 3; times++) {
		assert.equal((await doors.post(`/sms/facebook/${id}`, body, metaSigned("app-secret", body))).status, 200);
		assert.equal(await doors.count("messages"), 1);
	}
	const row = await doors.storage.db
		.selectFrom("inbound_requests")
		.select(["body", "url", "verdict"])
		.executeTakeFirstOrThrow();
	assert.equal(Buffer.from(row.body).toString(), body);
	assert.equal(row.url, `${publicBaseUrl}/sms/facebook/${id}`);
});

test("a wrong signature is 401, sealed, and never shown; a missing one is 401 and not worth keeping", async (t) => {
	const doors = await openDoors(t);
	const id = await doors.add("facebook", { "111": "page-token", webhook: "app-secret" });
	const body = facebookBody({ "111": "m_1" });
	assert.equal((await doors.post(`/sms/facebook/${id}`, body, metaSigned("wrong", body))).status, 401);
	assert.equal((await doors.post(`/sms/facebook/${id}`, body, { "content-type": "application/json" })).status, 401);
	assert.deepEqual(
		[await doors.count("messages"), await doors.count("inbox"), await doors.count("quarantine")],
		[0, 0, 1],
	);
	const row = await doors.storage.db.selectFrom("quarantine").select(["sealed", "reason"]).executeTakeFirstOrThrow();
	assert.equal(Buffer.from(row.sealed).includes("m_1"), false, "sealed means sealed");
	assert.equal(row.reason, "signature_mismatch");
	for (let rounds = 0; rounds < 50 && (await doors.count("service_calls")) < 2; rounds++) {
		doors.clock.advance(1000);
		await new Promise((resolve) => setImmediate(resolve));
	}
	const calls = await callsOf(doors.storage.db, id, 10);
	const entry = await doors.storage.db.selectFrom("quarantine").select("id").executeTakeFirstOrThrow();
	assert.deepEqual(
		calls.map(({ status, mode, quarantineId }) => [status, mode, quarantineId]),
		[
			[401, "enforce", null],
			[401, "enforce", entry.id],
		],
	);
});

test("strangers before an open door fill no disk, and prove nothing of the service", async (t) => {
	const doors = await openDoors(t);
	const id = await doors.add("c4semail", { _PARLEY: "technical-user" });
	const now = doors.clock.now();
	const claim = await doors.storage.write((tx) => claimUpkeep(tx, { id, version: 1 }, now, 1000));
	assert.ok(claim);
	const end = { state: undefined, dueAt: new Date(now.getTime() + 3_600_000), finishedAt: now, trouble: null };
	assert.ok(await doors.storage.write((tx) => settleUpkeep(tx, claim, end)));
	for (let index = 0; index < 20; index++) {
		const objectId = index.toString(16).toUpperCase().padStart(32, "0");
		const body = JSON.stringify({ data: { "root-entity-id": objectId }, more: "x".repeat(1_000_000) });
		assert.equal((await doors.post(`/sms/c4semail/${id}?${"q".repeat(1000)}`, body, { "x-more": "y" })).status, 200);
	}
	const kept = await doors.storage.db.selectFrom("inbound_requests").select(["body", "url", "headers"]).execute();
	assert.deepEqual(
		kept.map(({ body, url, headers }) => [body.length, url, headers]),
		[[0, `${publicBaseUrl}/sms/c4semail/${id}`, "{}"]],
	);
	assert.equal(await doors.count("inbox"), 1, "one hint waits for the round, and is enough");
	doors.clock.advance(2000);
	await new Promise((resolve) => setImmediate(resolve));
	const vitals = await doors.storage.db.selectFrom("service_vitals").select("last_in_at").execute();
	assert.ok(vitals.every(({ last_in_at: at }) => at === null));
});

test("a service without a webhook secret is a closed door", async (t) => {
	const doors = await openDoors(t);
	const id = await doors.add("facebook", { "111": "page-token" });
	const body = facebookBody({ "111": "m_1" });
	assert.equal((await doors.post(`/sms/facebook/${id}`, body, metaSigned("", body))).status, 401);
	assert.equal(await doors.count("messages"), 0);
});

test("in observe and warn the provider hears a yes, the request stays sealed; a full quarantine says later", async (t) => {
	for (const mode of ["observe", "warn"] as const) {
		const doors = await openDoors(t, { quarantineRows: 1 });
		const id = await doors.add("facebook", { "111": "page-token", webhook: "app-secret" }, { mode });
		const body = facebookBody({ "111": "m_1" });
		assert.equal((await doors.post(`/sms/facebook/${id}`, body, metaSigned("wrong", body))).status, 200);
		assert.equal((await doors.post(`/sms/facebook/${id}`, body, metaSigned("wrong", body))).status, 503);
		assert.deepEqual([await doors.count("messages"), await doors.count("quarantine")], [0, 1]);
	}
});

test("a release waits while too many wrong passwords came before: nothing is judged, nothing forgotten", async (t) => {
	const doors = await openDoors(t);
	const id = await doors.add("wavy", { user: "token" });
	const call = { "content-type": "application/json", authorization: "Basic wrong" };
	for (const number of [1, 2]) {
		const body = JSON.stringify({ id: `mo${number}`, source: "5511900009999", shortCode: "27000", messageText: "oi" });
		assert.equal((await doors.post(`/sms/wavy/${id}`, body, call)).status, 401);
		doors.clock.advance(5);
	}
	const pass = async () => {
		for (let rounds = 0; rounds < 20; rounds++) {
			doors.clock.advance(1000);
			await new Promise((resolve) => setImmediate(resolve));
		}
	};
	doors.mendLogon("Basic wrong", true);
	assert.equal((await doors.post(`/sms/wavy/${id}`, "{}", call)).status, 503, "the provider comes again");
	await doors.storage.write((tx) => wish(tx, { serviceId: id }, "release"));
	await pass();
	assert.deepEqual([await doors.count("messages"), await doors.count("quarantine")], [0, 2]);
	doors.mendLogon("Basic wrong", false);
	await pass();
	assert.deepEqual([await doors.count("messages"), await doors.count("quarantine")], [2, 0]);
});

test("after the secret is mended, what was genuine is released in order and what was forged stays", async (t) => {
	const doors = await openDoors(t);
	const id = await doors.add("facebook", { "111": "page-token", webhook: "typo" }, { mode: "observe" });
	const bodies = ["m_1", "m_2", "m_3"].map((mid) => facebookBody({ "111": mid }));
	for (const [index, body] of bodies.entries()) {
		const secret = index === 1 ? "forger" : "app-secret";
		await doors.post(`/sms/facebook/${id}`, body, metaSigned(secret, body));
		doors.clock.advance(5);
	}
	await doors.changeSecret(id, "webhook", "app-secret");
	const act = { user: "ada", because: "The secret is mended." };
	await doors.storage.write((tx) => wish(tx, { serviceId: id }, "release", act));
	for (let rounds = 0; rounds < 50 && (await doors.count("quarantine")) > 1; rounds++) {
		doors.clock.advance(1000);
		await new Promise((resolve) => setImmediate(resolve));
	}
	const messages = await doors.storage.db.selectFrom("messages").select("remote_id").orderBy("id").execute();
	assert.deepEqual(
		messages.map(({ remote_id }) => remote_id),
		["m_1", "m_3"],
	);
	assert.equal(await doors.count("quarantine"), 1);
	const released = await doors.storage.db
		.selectFrom("events")
		.innerJoin("messages", "messages.id", "events.message_id")
		.select(["remote_id", "data"])
		.where("type", "=", "message.released")
		.orderBy("seq")
		.execute();
	assert.deepEqual(
		released.map(({ remote_id, data }) => [remote_id, JSON.parse(data) as unknown]),
		[
			["m_1", { by: "person", ...act }],
			["m_3", { by: "person", ...act }],
		],
	);
});

test("a batch is routed item by item; a page of another service is refused alone and sealed in company", async (t) => {
	const doors = await openDoors(t);
	const one = await doors.add("facebook", { "111": "page-token", webhook: "app-secret" });
	await doors.add("facebook", { "222": "page-token", webhook: "app-secret" });
	const foreign = facebookBody({ "222": "m_9" });
	assert.equal((await doors.post(`/sms/facebook/${one}`, foreign, metaSigned("app-secret", foreign))).status, 403);
	assert.equal(await doors.count("messages"), 0);
	const both = facebookBody({ "111": "m_1", "222": "m_2" });
	assert.equal((await doors.post("/sms/facebook/all", both, metaSigned("app-secret", both))).status, 200);
	const messages = await doors.storage.db
		.selectFrom("messages")
		.select(["remote_id", "our_address"])
		.orderBy("our_address")
		.execute();
	assert.deepEqual(
		messages.map((row) => [row.remote_id, row.our_address]),
		[
			["m_1", "111"],
			["m_2", "222"],
		],
	);
	assert.equal(await doors.count("quarantine"), 1, "each page was taken by its own service");
	const withStranger = facebookBody({ "111": "m_3", "888": "m_4" });
	assert.equal(
		(await doors.post("/sms/facebook/all", withStranger, metaSigned("app-secret", withStranger))).status,
		200,
	);
	assert.equal(await doors.count("quarantine"), 2, "a page of nobody is sealed");
	const nobody = facebookBody({ "999": "m_1" });
	assert.equal((await doors.post("/sms/facebook/all", nobody, metaSigned("app-secret", nobody))).status, 422);
});

test("the handshake answers the challenge to the right token only", async (t) => {
	const doors = await openDoors(t);
	const id = await doors.add("facebook", { "111": "page-token", verify: "my-token" });
	const ask = (path: string, token: string) =>
		doors.app.inject({
			method: "GET",
			url: `${path}?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=${token}`,
		});
	const right = await ask(`/sms/facebook/${id}`, "my-token");
	assert.deepEqual(
		[right.statusCode, right.body, right.headers["content-type"]?.toString().startsWith("text/plain")],
		[200, "1158201444", true],
	);
	assert.equal((await ask(`/sms/facebook/${id}`, "other")).statusCode, 403);
	assert.equal((await ask("/sms/facebook/all", "my-token")).statusCode, 200);
});

test("a timestamp outside the window is ours to mend: 503, nothing stored; a nonce brings nothing new in twice", async (t) => {
	const doors = await openDoors(t);
	const id = await doors.add("sinchconversation", { "key@APP1": "key-secret", webhook: "hook" });
	const body = sinchBody("M1");
	const at = (seconds: number) => new Date(doors.clock.now().getTime() + seconds * 1000);
	const late = await doors.post(`/sms/sinchconversation/${id}`, body, sinchSigned("hook", body, at(-301)));
	assert.deepEqual([late.status, late.headers["retry-after"] !== undefined], [503, true]);
	assert.equal(await doors.count("messages"), 0);
	assert.equal(
		(await doors.post(`/sms/sinchconversation/${id}`, body, sinchSigned("hook", body, at(-299)))).status,
		200,
	);
	assert.equal(
		(await doors.post(`/sms/sinchconversation/${id}`, body, sinchSigned("hook", body, at(-299)))).status,
		200,
	);
	const other = sinchBody("M2");
	assert.equal(
		(await doors.post(`/sms/sinchconversation/${id}`, other, sinchSigned("hook", other, at(0)))).status,
		401,
	);
	assert.equal(await doors.count("messages"), 1);
});

test("two secrets are valid during a rotation, and what is verified but unreadable is parked and acknowledged", async (t) => {
	const doors = await openDoors(t);
	const id = await doors.add("sinchconversation", { "key@APP1": "key-secret", webhook: "hook" });
	const odd = '{"app_id":"APP1","message":{"id":17}}';
	assert.equal(
		(await doors.post(`/sms/sinchconversation/${id}`, odd, sinchSigned("hook", odd, doors.clock.now()))).status,
		200,
	);
	const parked = await doors.storage.db.selectFrom("inbox").select(["state", "reason"]).execute();
	assert.deepEqual(
		parked.map(({ state }) => state),
		["parked"],
	);
	const text = "not json at all";
	assert.equal(
		(await doors.post(`/sms/sinchconversation/${id}`, text, sinchSigned("hook", text, doors.clock.now(), "n2"))).status,
		200,
	);
	assert.equal(await doors.count("inbox"), 2);
});

test("local HTTP authentication: 401 with a challenge, 403 without the right, and off means the signature alone", async (t) => {
	const doors = await openDoors(t);
	const account = `AC${"3".repeat(32)}`;
	const id = await doors.add("twilio", { [account]: "12345" });
	const form = new URLSearchParams({
		MessageSid: `SM${"1".repeat(32)}`,
		AccountSid: account,
		From: "+15550100002",
		To: "+15550100001",
		Body: "Hi",
		NumMedia: "0",
	});
	const signed = [...form]
		.toSorted(([a], [b]) => (a < b ? -1 : 1))
		.map(([key, value]) => key + value)
		.join("");
	const signature = createHmac("sha1", "12345").update(`${publicBaseUrl}/sms/twilio/${id}${signed}`).digest("base64");
	const headers = { "content-type": "application/x-www-form-urlencoded", "x-twilio-signature": signature };
	const body = form.toString();
	const first = await doors.post(`/sms/twilio/${id}`, body, headers);
	assert.deepEqual([first.status, first.headers["www-authenticate"]], [401, 'Basic realm="Parley"']);
	assert.equal(await doors.count("quarantine"), 0, "the first, unauthenticated try is not worth keeping");
	assert.equal((await doors.post(`/sms/twilio/${id}`, body, { ...headers, authorization: "Basic wrong" })).status, 401);
	assert.equal(
		(await doors.post(`/sms/twilio/${id}`, body, { ...headers, authorization: "Basic no-right" })).status,
		403,
	);
	const right = await doors.post(`/sms/twilio/${id}`, body, { ...headers, authorization: "Basic right" });
	assert.equal(right.status, 200, right.body);
	const kept = await doors.storage.db.selectFrom("inbound_requests").select("headers").executeTakeFirstOrThrow();
	assert.equal(kept.headers.includes("right"), false, "credentials are not stored with the request");
	await doors.storage.db
		.insertInto("installation")
		.values([
			{ name: "smsServer.useLocalHttpAuthentication", value: "false" },
			{ name: "smsServer.version", value: "1" },
		])
		.execute();
	doors.clock.advance(1000);
	await new Promise((resolve) => setTimeout(resolve, 50));
	assert.equal((await doors.post(`/sms/twilio/${id}`, body, headers)).status, 200);
});

test("unknown, wrong type, paused, too large", async (t) => {
	const doors = await openDoors(t);
	const id = await doors.add("facebook", { "111": "page-token", webhook: "app-secret" }, { enabled: false });
	const body = facebookBody({ "111": "m_1" });
	const signed = metaSigned("app-secret", body);
	assert.equal((await doors.post(`/sms/facebook/${"0".repeat(32)}`, body, signed)).status, 422);
	assert.equal((await doors.post(`/sms/twilio/${id}`, body, signed)).status, 422);
	assert.equal((await doors.post("/sms/nosuch/all", body, signed)).status, 422);
	assert.equal((await doors.post(`/sms/facebook/${id}`, body, signed)).status, 503);
	const large = "x".repeat(2_097_153);
	assert.equal((await doors.post(`/sms/facebook/${id}`, large, metaSigned("app-secret", large))).status, 413);
	assert.equal(await doors.count("messages"), 0);
});

test("a sealed request that cannot be opened does not stand in the way of the others", async (t) => {
	const doors = await openDoors(t);
	const id = await doors.add("facebook", { "111": "page-token", webhook: "typo" });
	for (const mid of ["m_1", "m_2"]) {
		const body = facebookBody({ "111": mid });
		await doors.post(`/sms/facebook/${id}`, body, metaSigned("app-secret", body));
		doors.clock.advance(5);
	}
	const first = await doors.storage.db.selectFrom("quarantine").select("id").orderBy("id").executeTakeFirstOrThrow();
	await doors.storage.db
		.updateTable("quarantine")
		.set({ sealed: new Uint8Array(40) })
		.where("id", "=", first.id)
		.execute();
	await doors.changeSecret(id, "webhook", "app-secret");
	await doors.storage.write((tx) => wish(tx, { serviceId: id }, "release"));
	for (let rounds = 0; rounds < 50 && (await doors.count("quarantine")) > 1; rounds++) {
		doors.clock.advance(1000);
		await new Promise((resolve) => setImmediate(resolve));
	}
	assert.deepEqual([await doors.count("messages"), await doors.count("quarantine")], [1, 1]);
	const left = await doors.storage.db.selectFrom("quarantine").select(["id", "wish"]).executeTakeFirstOrThrow();
	assert.deepEqual({ ...left }, { id: first.id, wish: "none" });
});
