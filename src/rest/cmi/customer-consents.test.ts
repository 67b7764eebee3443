import assert from "node:assert/strict";
import test from "node:test";
import { type CmiStage, grantOn, openCmi } from "#test/cmi-stage.ts";
import { addService } from "#test/scene.ts";
import { onBothDialects } from "#test/storage-on-both.ts";

const contact = "+4915112345";
type Shown = {
	id: string;
	usage: string;
	address: string;
	service: string | null;
	state: string;
	source: string;
	by: string;
};
type Problems = { code: string; detail: string; errors?: { pointer: string }[] };

async function stageOf(t: Parameters<typeof openCmi>[0], storage?: Parameters<typeof openCmi>[1]): Promise<CmiStage> {
	const stage = await openCmi(t, storage);
	const consents = (...access: ("view" | "create" | "delete")[]) =>
		({ objectType: "customerConsent", objectId: null, access }) as const;
	stage.grants.set("keeper", [consents("view", "create", "delete")]);
	stage.grants.set("reader", [consents("view")]);
	return stage;
}

function call(stage: CmiStage, method: string, path: string, body?: object, who = "keeper") {
	return stage.call(who, { method, api: `/customerConsents${path}`, ...(body === undefined ? {} : { body }) });
}

function enter(stage: CmiStage, body: object = {}, who = "keeper") {
	return call(stage, "POST", "", { usage: "sms", address: contact, state: "refused", ...body }, who);
}

function send(stage: CmiStage, body: object = {}) {
	const whole = { service: stage.serviceId, to: contact, text: "hello", ...body };
	return stage.call("agent", { method: "POST", api: "/messages", body: whole });
}

onBothDialects("a consent is entered, shown by its path, listed, replaced and forgotten", async (open) => {
	const ends: (() => unknown)[] = [];
	const stage = await stageOf({ after: (end) => ends.push(end as () => unknown) }, await open());
	const made = await enter(stage, { note: "by phone" });
	assert.equal(made.status, 201);
	assert.equal(made.headers["location"], "/RI/cmi/customerConsents/sms_%2B4915112345");
	const shown = made.body as Shown;
	assert.deepEqual(
		[shown.usage, shown.address, shown.service, shown.state, shown.source, shown.by],
		["sms", contact, null, "refused", "user", "keeper"],
	);
	for (const key of ["sms_%2B4915112345", "SMS_4915112345", "sms_+49%20151%2012345", "sms_sms:4915112345"]) {
		const found = await call(stage, "GET", `/${key}`);
		assert.deepEqual([found.status, found.body], [200, shown], key);
	}
	const listed = await call(stage, "GET", "?usage=sms&address=4915112345&state=refused");
	assert.deepEqual(listed.body, [shown]);
	assert.deepEqual((await call(stage, "GET", "?state=granted")).body, []);

	const replaced = await enter(stage, { state: "granted" });
	assert.deepEqual([replaced.status, (replaced.body as Shown).id], [201, shown.id]);
	const stale = { method: "DELETE", api: `/customerConsents/sms_${contact}`, headers: { "if-match": '"1"' } };
	assert.equal((await stage.call("keeper", stale)).status, 412);
	assert.equal((await call(stage, "DELETE", `/sms_${contact}`)).status, 204);
	assert.equal((await call(stage, "GET", `/sms_${contact}`)).status, 404);
	const audit = await stage.storage.db.selectFrom("audit_log").selectAll().orderBy("seq").execute();
	assert.deepEqual(
		audit.map((row) => [row.action, row.object_type, row.object_id]),
		["create", "modify", "delete"].map((action) => [action, "customerConsent", shown.id]),
	);
	assert.doesNotMatch(JSON.stringify(audit), /15112345/, "no address in the audit log");
	for (const end of ends) {
		await end();
	}
});

test("one for a service stands beside the one for all; without naming it, it is found while it is the only one", async (t) => {
	const stage = await stageOf(t);
	const other: string = stage.ids.next();
	await addService(stage.storage, other, stage.clock.now());
	await enter(stage, { service: stage.serviceId });
	const only = await call(stage, "GET", `/sms_${contact}`);
	assert.equal((only.body as Shown).service, stage.serviceId);
	await enter(stage, { service: other, state: "granted" });
	assert.equal(((await call(stage, "GET", `/sms_${contact}`)).body as Problems).code, "conflict");
	const named = await call(stage, "GET", `/sms_${contact}?service=${other}`);
	assert.equal((named.body as Shown).state, "granted");
	await enter(stage, { state: "granted" });
	assert.equal(((await call(stage, "GET", `/sms_${contact}`)).body as Shown).service, null);
	assert.equal(((await enter(stage, { service: "nowhere" })).body as Problems).code, "unknown_service");
});

test("a refusal stops messages at once, and what waits; when it is gone they go on", async (t) => {
	const stage = await stageOf(t);
	const waiting = (await send(stage)).body as { id: string };
	await enter(stage);
	const failed = (await stage.call("agent", { api: `/messages/${waiting.id}` })).body as { state: string };
	assert.equal(failed.state, "failed");
	const before = await stage.storage.db.selectFrom("messages").select("id").execute();
	for (const body of [{}, { template: { id: "t" }, text: undefined }, { to: "+49 151 12345" }]) {
		const refused = await send(stage, body);
		const problem = refused.body as Problems;
		assert.deepEqual([refused.status, problem.code], [422, "opted_out"], JSON.stringify(body));
		assert.match(problem.detail, /opt-in word|customerConsents/);
	}
	assert.equal((await stage.storage.db.selectFrom("messages").select("id").execute()).length, before.length);
	assert.equal((await send(stage, { channel: "whatsapp" })).status, 202, "another channel");
	assert.equal((await send(stage, { to: "+4915199999" })).status, 202, "somebody else");
	await call(stage, "DELETE", `/sms_${contact}`);
	assert.equal((await send(stage)).status, 202);
});

test("a grant for one service does not lift a refusal for all of them", async (t) => {
	const stage = await stageOf(t);
	await enter(stage);
	await enter(stage, { service: stage.serviceId, state: "granted" });
	assert.equal(((await send(stage)).body as Problems).code, "opted_out");
});

test("what somebody enters counts over a word that came from a clock ahead of ours", async (t) => {
	const stage = await stageOf(t);
	await enter(stage);
	const ahead = stage.clock.now().getTime() + 60_000;
	await stage.storage.db.updateTable("customer_consents").set({ said_at: ahead }).execute();
	assert.equal(((await enter(stage, { state: "granted" })).body as Shown).state, "granted");
});

test("each access for itself; on messages nobody gets to see or change consents", async (t) => {
	const stage = await stageOf(t);
	await enter(stage);
	stage.grants.set("agent", [grantOn(null, "view", "modify", "delete", "messaging", "manageContactHistory")]);
	for (const [who, method, path, status] of [
		["agent", "GET", "", 403],
		["agent", "GET", `/sms_${contact}`, 403],
		["reader", "GET", `/sms_${contact}`, 200],
		["reader", "DELETE", `/sms_${contact}`, 403],
		["nobody", "DELETE", `/sms_${contact}`, 403],
	] as const) {
		assert.equal((await call(stage, method, path, undefined, who)).status, status, `${who} ${method} ${path}`);
	}
	assert.equal((await enter(stage, {}, "reader")).status, 403);
	assert.equal((await enter(stage, {}, "agent")).status, 403);
});

test("hostile paths and bodies are refused without a trace", async (t) => {
	const stage = await stageOf(t);
	for (const body of [
		{ usage: "" },
		{ usage: "s_ms" },
		{ usage: "__proto__" },
		{ usage: "sms\u0000" },
		{ address: "" },
		{ address: "x".repeat(256) },
		{ address: "a\nb" },
		{ address: "sms:" },
		{ state: "maybe" },
		{ state: undefined },
		{ note: "x".repeat(201) },
		{ service: "\u0000" },
		{ more: 1 },
	]) {
		const answer = await enter(stage, body);
		assert.equal(answer.status, 400, JSON.stringify(body));
	}
	for (const key of [
		"sms",
		"_x",
		"sms_",
		"%00_x",
		"..%2f..%2f_",
		"sms_%27%3B--",
		`sms_${"9".repeat(295)}`,
		"9".repeat(600),
	]) {
		const { status } = await call(stage, "GET", `/${key}`);
		assert.ok(status === 404 || status === 400, `${key} ${status}`);
	}
	const lonely = await call(stage, "GET", "?address=x");
	assert.equal((lonely.body as Problems).code, "invalid_query");
	assert.equal((await call(stage, "GET", "?cursor=x")).status, 400);
	assert.deepEqual(await stage.storage.db.selectFrom("customer_consents").select("id").execute(), []);
});

test("addresses of every kind come back as they were entered", async (t) => {
	const stage = await stageOf(t);
	for (const address of ["a_b", "a/b%2F", "ümlaut@x", "user_ref:1?x#y", "👍"]) {
		const { headers, status } = await enter(stage, { usage: "messenger", address });
		assert.equal(status, 201, address);
		const path = String(headers["location"]).replace("/RI/cmi/customerConsents", "");
		const found = await call(stage, "GET", path);
		assert.equal((found.body as Shown).address, address);
	}
});

test("pages of the list follow each other", async (t) => {
	const stage = await stageOf(t);
	for (let number = 0; number < 5; number++) {
		await enter(stage, { address: `+4915110000${number}` });
	}
	const first = await call(stage, "GET", "?limit=3");
	const next = /customerConsents(\?[^>]+)/.exec(String(first.headers["link"]))?.[1];
	const second = await call(stage, "GET", next ?? "");
	const addresses = [...(first.body as Shown[]), ...(second.body as Shown[])].map(({ address }) => address);
	assert.deepEqual(
		addresses,
		["4", "3", "2", "1", "0"].map((digit) => `+4915110000${digit}`),
	);
});
