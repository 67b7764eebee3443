import assert from "node:assert/strict";
import test from "node:test";
import { verifyAudit } from "#storage/audit.ts";
import { type CmiStage, grantOn, openCmi } from "#test/cmi-stage.ts";
import { ownerOf, writes } from "#test/merge-scene.ts";
import { addService } from "#test/scene.ts";
import { onBothDialects } from "#test/storage-on-both.ts";

const [mobile, office] = ["+491511", "+493099"];
type Shown = { id: string; with: string; name: string | null; stands: string | null; undoneAt: string | null };
type Problems = { code: string; detail: string; errors?: { pointer: string; message: string }[] };

async function two(stage: CmiStage): Promise<[string, string]> {
	await writes(stage, { address: mobile });
	await writes(stage, { address: office, name: "Ann" });
	return [await ownerOf(stage, mobile), await ownerOf(stage, office)];
}

const get = (stage: CmiStage, api: string, who = "historian") => stage.call(who, { api: `/contacts/${api}` });

function merge(stage: CmiStage, kept: string, other: string, who = "historian", headers = {}) {
	const body = { with: other, reason: "the same voice" };
	return stage.call(who, { method: "POST", api: `/contacts/${kept}/merges`, body, headers });
}

const undo = (stage: CmiStage, kept: string, id: string, who = "historian") =>
	stage.call(who, { method: "DELETE", api: `/contacts/${kept}/merges/${id}` });

const problemOf = ({ status, body }: { status: number; body: unknown }) => {
	const { code, errors = [] } = body as Problems;
	return [status, code, ...errors.map(({ pointer }) => pointer)];
};

onBothDialects("a merge is previewed, done, listed, audited and undone", async (open) => {
	const ends: (() => unknown)[] = [];
	const stage = await openCmi({ after: (end) => ends.push(end as () => unknown) }, await open());
	const [kept, other] = await two(stage);
	const shown = await get(stage, `${kept}/mergePreview?with=${other}`);
	assert.equal(shown.status, 200, shown.text);
	type Side = { name: string; addresses: object[]; conversations: number; chats: number; messages: number };
	const preview = shown.body as { name: string; consents: null; kept: Side; other: Side };
	assert.deepEqual([preview.name, preview.consents, preview.kept.addresses.length], ["Ann", null, 1]);
	const { name, conversations, chats, messages } = preview.other;
	assert.deepEqual([name, conversations, chats, messages], ["Ann", 1, 0, 1]);
	assert.equal((await get(stage, other)).status, 200, "nothing is done yet");
	const headers = { "idempotency-key": "once" };
	const made = await merge(stage, kept, other, "historian", headers);
	assert.equal(made.status, 201, made.text);
	assert.equal((await merge(stage, kept, other, "historian", headers)).text, made.text);
	const { id } = made.body as Shown;
	assert.equal(made.headers["location"], `/RI/cmi/contacts/${kept}/merges/${id}`);
	const whole = (await get(stage, kept)).body as { name: string; addresses: object[]; conversations: object[] };
	assert.deepEqual([whole.name, whole.addresses.length, whole.conversations.length], ["Ann", 2, 2]);
	assert.equal((await get(stage, other)).status, 404);
	assert.deepEqual((await get(stage, `${kept}/merges`)).body, [made.body]);
	assert.deepEqual((await get(stage, `${kept}/merges/${id}`)).body, made.body);
	assert.equal((await undo(stage, kept, id)).status, 204);
	assert.equal((await get(stage, other)).status, 200);
	const [undone] = (await get(stage, `${kept}/merges`)).body as Shown[];
	assert.deepEqual([undone?.stands, undone?.undoneAt === null], ["undone", false]);
	assert.deepEqual(problemOf(await undo(stage, kept, id)), [409, "conflict"]);
	const { db } = stage.storage;
	const entries = await db
		.selectFrom("audit_log")
		.selectAll()
		.where("object_type", "=", "contact")
		.orderBy("seq")
		.execute();
	assert.deepEqual(
		entries.map((entry) => [entry.action, entry.object_id, entry.user_id]),
		[
			["merge", kept, "historian"],
			["undoMerge", kept, "historian"],
		],
	);
	assert.deepEqual(JSON.parse(entries[0]?.changes ?? ""), {
		with: { after: other },
		because: { after: "the same voice" },
		addresses: { after: 1 },
		conversations: { after: 1 },
	});
	assert.equal((await verifyAudit(db, (...pieces) => stage.deps.mac("audit", ...pieces))).whole, true);
	for (const end of ends) {
		await end();
	}
});

test("what is refused names the field and the rule, in the preview as in the merge", async (t) => {
	const stage = await openCmi(t);
	const [kept, other] = await two(stage);
	const elsewhere = stage.ids.next<string>();
	await addService(stage.storage, elsewhere, stage.clock.now());
	await writes({ ...stage, serviceId: elsewhere }, { address: "+494444" });
	const hidden = await ownerOf(stage, "+494444");
	stage.grants.set("stranger", [grantOn(elsewhere, "manageContactHistory")]);
	stage.grants.set("boss", [grantOn(null, "manageContactHistory")]);
	const both = async (keptId: string, otherId: string, expected: unknown[], who = "historian") => {
		assert.deepEqual(problemOf(await merge(stage, keptId, otherId, who)), expected);
		const inQuery = expected[1] === "invalid_body" ? expected.with(1, "invalid_query") : expected;
		assert.deepEqual(problemOf(await get(stage, `${keptId}/mergePreview?with=${otherId}`, who)), inQuery);
	};
	await both(kept, kept, [409, "conflict", "/with"]);
	await both(kept, hidden, [400, "invalid_body", "/with"]);
	await both(kept, "0".repeat(32), [400, "invalid_body", "/with"]);
	await both(hidden, kept, [404, "not_found"]);
	await both(kept, other, [404, "not_found"], "stranger");
	await writes({ ...stage, serviceId: elsewhere }, { address: office });
	await both(kept, other, [403, "forbidden", "/with"]);
	await both(other, kept, [403, "forbidden"]);
	const { id } = (await merge(stage, kept, other, "boss")).body as Shown;
	await both(kept, other, [409, "conflict", "/with"]);
	await both(other, kept, [409, "conflict"]);
	assert.deepEqual(problemOf(await undo(stage, kept, id)), [403, "forbidden"]);
	assert.deepEqual(problemOf(await undo(stage, kept, "0".repeat(32))), [404, "not_found"]);
	assert.equal((await merge(stage, hidden, kept, "boss")).status, 201);
	assert.deepEqual(problemOf(await undo(stage, kept, id, "boss")), [409, "conflict"]);
	assert.equal(((await get(stage, `${kept}/merges/${id}`, "boss")).body as Shown).stands, "mergedAgain");
	assert.equal((await get(stage, `${kept}/merges`, "nobody")).status, 403);
	assert.equal((await merge(stage, kept, other, "agent")).status, 403, "who may send may not merge");
	const empty = await stage.call("boss", { method: "POST", api: `/contacts/${kept}/merges`, body: { with: other } });
	assert.deepEqual(problemOf(empty), [400, "invalid_body", "/reason"]);
});

test("who may view consents sees them in the preview", async (t) => {
	const stage = await openCmi(t);
	const [kept, other] = await two(stage);
	stage.grants.set("keeper", [
		grantOn(stage.serviceId, "manageContactHistory"),
		{ objectType: "customerConsent", objectId: null, access: ["view", "create"] },
	]);
	const body = { usage: "sms", address: office, state: "refused" };
	assert.equal((await stage.call("keeper", { method: "POST", api: "/customerConsents", body })).status, 201);
	const shown = await get(stage, `${kept}/mergePreview?with=${other}`, "keeper");
	const { consents } = shown.body as { consents: { address: string; state: string }[] };
	assert.deepEqual(
		consents.map(({ address, state }) => [address, state]),
		[[office, "refused"]],
	);
});
