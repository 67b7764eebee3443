import assert from "node:assert/strict";
import test from "node:test";
import { type CmiStage, grantOn, openCmi } from "#test/cmi-stage.ts";
import { addService, enqueue } from "#test/scene.ts";

type Shown = { id: string; state: string; group: string; previous: string | null; messages: number; contact: string };

async function conversations(stage: CmiStage, query = "", who = "historian"): Promise<Shown[]> {
	return (await stage.call(who, { api: `/conversations${query}` })).body as Shown[];
}

const close = { method: "PATCH", body: { state: "closed" } };

test("a conversation is closed once, by who believes in its version, and that is on record", async (t) => {
	const stage = await openCmi(t);
	await enqueue(stage);
	const [open] = await conversations(stage);
	assert.ok(open);
	const api = `/conversations/${open.id}`;
	assert.equal((await stage.call("historian", { api })).headers["etag"], '"1"');
	const stale = await stage.call("historian", { ...close, api, headers: { "if-match": '"7"' } });
	assert.equal(stale.status, 412);
	const closed = await stage.call("historian", { ...close, api, headers: { "if-match": '"1"' } });
	assert.deepEqual([closed.status, (closed.body as Shown).state, closed.headers["etag"]], [200, "closed", '"2"']);
	const again = await stage.call("historian", { ...close, api });
	assert.deepEqual([again.status, again.headers["etag"]], [200, '"2"']);
	const audit = await stage.storage.db.selectFrom("audit_log").select(["action", "changes"]).execute();
	assert.deepEqual(
		audit.map(({ action, changes }) => [action, JSON.parse(changes) as unknown]),
		[["close", { state: { before: "open", after: "closed" } }]],
	);
	const events = await stage.storage.db
		.selectFrom("events")
		.select("type")
		.where("type", "=", "conversation.closed")
		.execute();
	assert.equal(events.length, 1);
	for (const body of [{ state: "open" }, {}, { state: "closed", x: 1 }]) {
		assert.equal((await stage.call("historian", { method: "PATCH", api, body })).status, 400);
	}
});

test("linked conversations are found by their group, messages in their order by pages", async (t) => {
	const stage = await openCmi(t);
	await enqueue(stage);
	await enqueue(stage);
	await enqueue(stage);
	const [first] = await conversations(stage);
	assert.ok(first);
	const api = `/conversations/${first.id}/messages`;
	const page = await stage.call("historian", { api: `${api}?limit=2` });
	const sequences = (body: unknown) => (body as { sequence: number }[]).map(({ sequence }) => sequence);
	assert.deepEqual(sequences(page.body), [1, 2]);
	const link = String(page.headers["link"]).replace("<https://parley.example/RI/cmi", "").split(">")[0];
	assert.deepEqual(sequences((await stage.call("historian", { api: link ?? "" })).body), [3]);
	await stage.call("historian", { ...close, api: `/conversations/${first.id}` });
	stage.clock.advance(1000);
	stage.grants.set("agent", [grantOn(stage.serviceId, "messaging", "manageContactHistory")]);
	const body = { service: stage.serviceId, to: "+4915112345", text: "again" };
	assert.equal((await stage.call("agent", { method: "POST", api: "/messages", body })).status, 202);
	const linked = await conversations(stage, `?group=${first.group}`);
	assert.deepEqual(
		linked.map(({ previous, state, messages }) => [previous, state, messages]),
		[
			[first.id, "open", 1],
			[null, "closed", 3],
		],
	);
	assert.equal((await conversations(stage, "?limit=1")).length, 1);
	assert.deepEqual(await conversations(stage, "?service=nothing"), []);
});

test("conversations and contacts of a service that is not visible are not there", async (t) => {
	const stage = await openCmi(t);
	const other: string = stage.ids.next();
	await addService(stage.storage, other, stage.clock.now());
	await enqueue({ ...stage, serviceId: other }, { contact: "+499" });
	await enqueue(stage);
	stage.grants.set("other", [grantOn(other, "manageContactHistory")]);
	const [mine] = await conversations(stage);
	assert.ok(mine);
	assert.equal((await conversations(stage, "", "other"))[0]?.messages, 1);
	for (const api of [`/conversations/${mine.id}`, `/conversations/${mine.id}/messages`, `/contacts/${mine.contact}`]) {
		assert.equal((await stage.call("historian", { api })).status, 200, api);
		assert.equal((await stage.call("other", { api })).status, 404, api);
		assert.equal((await stage.call("agent", { api })).status, 403, `${api}: Messaging is not enough`);
	}
	assert.equal((await stage.call("other", { ...close, api: `/conversations/${mine.id}` })).status, 404);
	const contacts = (await stage.call("other", { api: "/contacts" })).body as { addresses: { address: string }[] }[];
	assert.deepEqual(
		contacts.map(({ addresses }) => addresses.map(({ address }) => address)),
		[["+499"]],
	);
});

test("a contact is shown with its addresses and conversations, and found by them", async (t) => {
	const stage = await openCmi(t);
	await enqueue(stage);
	await enqueue(stage, { contact: "+499" });
	const found = (await stage.call("historian", { api: "/contacts?address=%2B499&channel=sms" })).body as {
		id: string;
	}[];
	assert.equal(found.length, 1);
	const shown = await stage.call("historian", { api: `/contacts/${found[0]?.id}` });
	const contact = shown.body as { addresses: unknown; conversations: { contactAddress: string }[] };
	assert.deepEqual(contact.addresses, [{ channel: "sms", scope: null, address: "+499" }]);
	assert.deepEqual(
		contact.conversations.map(({ contactAddress }) => contactAddress),
		["+499"],
	);
	const page = await stage.call("historian", { api: "/contacts?limit=1" });
	assert.match(String(page.headers["link"]), /rel="next"/);
});
