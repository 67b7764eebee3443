// Subscriptions by the interface: what is taken and what is refused with which reason, what is never shown, who owns one,
// and what a person can do about deliveries.

import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import { collect } from "#hooks/collect.ts";
import { deliverOne } from "#hooks/deliver.ts";
import { appendEvents } from "#storage/events.ts";
import { claimDelivery } from "#storage/event-deliveries.ts";
import { openHeaders, openSigningSecrets, readSealed } from "#storage/subscription-secrets.ts";
import { type CmiStage, grantOn, openCmi, type Reply } from "#test/cmi-stage.ts";
import { addOwner, answered, leaseMs } from "#test/hook-stage.ts";
import { grantOf } from "#test/rci-stage.ts";

type Shown = {
	id: string;
	name: string;
	url: string;
	enabled: boolean;
	disabledReason: string | null;
	headers: unknown[];
	owner: string;
	waiting: number;
	secret?: string;
	previousSecretUntil: string | null;
};
type Refusal = { code: string; errors: { pointer: string; message: string }[] };
type Delivery = { id: string; state: string; type: string; attempts: { outcome: string }[]; nextTryAt: string | null };

/** `keeper` may do everything with subscriptions and read the stage's service; `reader` may only view them. */
async function stageOf(t: TestContext): Promise<CmiStage & { keeper: string; other: string }> {
	const stage = await openCmi(t);
	const own = grantOf("eventSubscription", ["view", "create", "modify", "delete"]);
	const messaging = grantOn(stage.serviceId, "messaging");
	const keeper = await addOwner(stage, [messaging]);
	const other = await addOwner(stage, []);
	stage.grants.set(keeper, [own, messaging]);
	stage.grants.set(other, [own]);
	stage.grants.set("reader", [grantOf("eventSubscription", ["view"])]);
	return { ...stage, keeper, other };
}

const usual = { name: "CRM", url: "https://hooks.example/parley", events: ["message.state"] };

async function make(stage: CmiStage & { keeper: string }, over: object = {}): Promise<Shown> {
	const answer = await stage.call(stage.keeper, { method: "POST", api: "/subscriptions", body: { ...usual, ...over } });
	assert.equal(answer.status, 201, answer.text);
	return answer.body as Shown;
}

function call(stage: CmiStage & { keeper: string }, method: string, path: string, body?: object): Promise<Reply> {
	return stage.call(stage.keeper, {
		method,
		api: `/subscriptions/${path}`,
		...(body === undefined ? {} : { body }),
	});
}

test("the secret and the values of headers are shown never again", async (t) => {
	const stage = await stageOf(t);
	const made = await make(stage, { headers: [{ name: "X-Token", value: "very secret" }] });
	assert.match(made.secret ?? "", /^whsec_[A-Za-z0-9+/]{43}=$/);
	assert.deepEqual([made.owner, made.enabled, made.headers], [stage.keeper, true, [{ name: "X-Token" }]]);
	const sealed = await readSealed(stage.storage.db, made.id);
	assert.ok(sealed);
	assert.deepEqual(openSigningSecrets(stage.deps.secretBox, sealed, stage.clock.now()), [made.secret]);
	assert.deepEqual(openHeaders(stage.deps.secretBox, sealed, sealed), { "X-Token": "very secret" });
	const { secret: _secret, ...shown } = made;
	for (const who of [stage.keeper, "reader"]) {
		const one = await stage.call(who, { api: `/subscriptions/${made.id}` });
		const list = await stage.call(who, { api: "/subscriptions?name=c*" });
		const allowed = who === "reader" ? ["view"] : ["view", "create", "modify", "delete"];
		assert.deepEqual([one.body, list.body], [{ ...shown, allowed }, [{ ...shown, allowed }]]);
	}
	const audit = JSON.stringify(await stage.storage.db.selectFrom("audit_log").selectAll().execute());
	assert.ok(!audit.includes("very secret") && !audit.includes(made.secret?.slice(6) ?? ""));
});

test("a repeated call with the same key gets the same secret, and makes no second one", async (t) => {
	const stage = await stageOf(t);
	const request = { method: "POST", api: "/subscriptions", body: usual, headers: { "idempotency-key": "k" } };
	const [first, second] = [await stage.call(stage.keeper, request), await stage.call(stage.keeper, request)];
	assert.equal((first.body as Shown).secret, (second.body as Shown).secret);
	assert.equal(((await stage.call(stage.keeper, { api: "/subscriptions" })).body as Shown[]).length, 1);
});

test("what cannot be is refused, naming the field and the rule", async (t) => {
	const stage = await stageOf(t);
	await make(stage);
	const header = (name: string, value?: string) => ({ headers: [{ name, ...(value === undefined ? {} : { value }) }] });
	const cases: [object, string][] = [
		[{ url: "ftp://hooks.example/" }, "/url"],
		[{ url: "http://hooks.example/" }, "/url"],
		[{ url: "https://localhost/" }, "/url"],
		[{ url: "https://127.0.0.1/" }, ""],
		[{ url: "https://hooks.example:8443/" }, "/url"],
		[{ url: "https://user:pw@hooks.example/" }, "/url"],
		[{ url: "https://hooks.example/#x" }, "/url"],
		[{ url: "https://hooks.example/ x" }, "/url"],
		[{ events: [] }, "/events"],
		[{ events: ["message.unknown"] }, "/events/0"],
		[{ events: ["message.state", "message.state"] }, "/events"],
		[{ services: ["A".repeat(32)] }, "/services/0"],
		[{ queues: ["A".repeat(32)] }, "/queues/0"],
		[header("Webhook-Id", "x"), "/headers/0/name"],
		[header("Content-Type", "x"), "/headers/0/name"],
		[header("X A", "x"), "/headers/0/name"],
		[header("X-A"), "/headers/0/value"],
		[header("X-A", "a\r\nb"), "/headers/0/value"],
		[{ headers: [...header("X-A", "1").headers, ...header("x-a", "2").headers] }, "/headers/1/name"],
		[{ unknown: 1 }, "/unknown"],
		[{ name: "crm" }, "/name"],
	];
	for (const [over, pointer] of cases) {
		const body = { ...usual, name: "Another", ...over };
		const answer = await stage.call(stage.keeper, { method: "POST", api: "/subscriptions", body });
		if (pointer === "") {
			assert.equal(answer.status, 201, "a literal address is judged when it is sent to, by the way out");
			continue;
		}
		assert.ok(answer.status === 400 || answer.status === 409, `${answer.status} for ${JSON.stringify(over)}`);
		assert.equal((answer.body as Refusal).errors[0]?.pointer, pointer, JSON.stringify(over));
	}
});

test("plain http is taken where the setting lists the target", async (t) => {
	const stage = await stageOf(t);
	Object.assign(stage.deps.settings, { outboundAllow: ["crm.internal:8080"] });
	await make(stage, { url: "http://crm.internal:8080/hook" });
	const answer = await stage.call(stage.keeper, {
		method: "POST",
		api: "/subscriptions",
		body: { ...usual, name: "b", url: "http://crm.internal:8081/hook" },
	});
	assert.equal(answer.status, 400);
});

test("services that the caller may not read cannot be named, and their events do not come", async (t) => {
	const stage = await stageOf(t);
	const body = { ...usual, services: [stage.serviceId] };
	const refused = await stage.call(stage.other, { method: "POST", api: "/subscriptions", body });
	assert.equal((refused.body as Refusal).errors[0]?.pointer, "/services/0");
	const made = await make(stage, { services: [stage.serviceId] });
	const patched = await stage.call(stage.other, {
		method: "PATCH",
		api: `/subscriptions/${made.id}`,
		body: { services: [stage.serviceId], events: ["message.parked"] },
	});
	assert.equal(patched.status, 200, "what stood there before may stay");
	assert.equal((patched.body as Shown).owner, stage.keeper);
});

test("whoever changes the address becomes the owner; header values do not go to another host", async (t) => {
	const stage = await stageOf(t);
	const made = await make(stage, { headers: [{ name: "X-Token", value: "t" }] });
	const patch = (body: object) => stage.call(stage.other, { method: "PATCH", api: `/subscriptions/${made.id}`, body });
	const stolen = await patch({ url: "https://evil.example/" });
	assert.equal((stolen.body as Refusal).errors[0]?.pointer, "/headers/0/value");
	assert.equal(((await patch({ name: "Renamed", enabled: false })).body as Shown).owner, stage.keeper);
	const moved = (await patch({ url: "https://hooks.example/other" })).body as Shown;
	assert.deepEqual([moved.owner, moved.headers], [stage.other, [{ name: "X-Token" }]]);
	const sealed = await readSealed(stage.storage.db, made.id);
	assert.ok(sealed);
	assert.deepEqual(openHeaders(stage.deps.secretBox, sealed, sealed), { "X-Token": "t" });
	const elsewhere = await patch({ url: "https://evil.example/", headers: [] });
	assert.deepEqual((elsewhere.body as Shown).headers, []);
});

test("what is shown can be given back by PUT, and changes nothing", async (t) => {
	const stage = await stageOf(t);
	const made = await make(stage, { headers: [{ name: "X-Token", value: "t" }] });
	const { secret: _secret, ...shown } = made;
	const put = await call(stage, "PUT", made.id, shown);
	assert.equal(put.status, 204, put.text);
	const after = (await call(stage, "GET", made.id)).body as Shown;
	assert.deepEqual(after, shown);
	const sealed = await readSealed(stage.storage.db, made.id);
	assert.deepEqual(sealed && openHeaders(stage.deps.secretBox, sealed, sealed), { "X-Token": "t" });
	const old = await stage.call(stage.keeper, {
		method: "DELETE",
		api: `/subscriptions/${made.id}`,
		headers: { "if-match": '"1"' },
	});
	assert.equal(old.status, 412);
	assert.equal((await call(stage, "DELETE", made.id)).status, 204);
	assert.equal((await call(stage, "GET", made.id)).status, 404);
});

test("a rotation shows another secret once, and both count for as long as was said", async (t) => {
	const stage = await stageOf(t);
	const made = await make(stage);
	const rotated = await call(stage, "POST", `${made.id}/rotateSecret`, { previousHours: 1 });
	assert.equal(rotated.status, 200, rotated.text);
	const { secret, previousSecretUntil } = rotated.body as { secret: string; previousSecretUntil: string };
	assert.equal(previousSecretUntil, "2026-01-02T13:00:00.000Z");
	const count = async () => {
		const sealed = await readSealed(stage.storage.db, made.id);
		return sealed && openSigningSecrets(stage.deps.secretBox, sealed, stage.clock.now());
	};
	assert.deepEqual(await count(), [secret, made.secret]);
	stage.clock.advance(3_600_000);
	assert.deepEqual(await count(), [secret]);
	const again = (await call(stage, "POST", `${made.id}/rotateSecret`, { previousHours: 0 })).body as Shown;
	assert.deepEqual([await count(), again.previousSecretUntil], [[again.secret], null]);
	assert.equal((await call(stage, "POST", `${made.id}/rotateSecret`)).status, 200);
});

/** The workers' part, by hand. */
async function work(stage: CmiStage, status: number): Promise<void> {
	const { storage, clock } = stage;
	const deps = {
		...stage.deps,
		box: stage.deps.secretBox,
		random: stage.random,
		wayOut: { request: () => Promise.resolve(answered(status)) },
		leaseMs,
	};
	await collect(deps);
	const rows = await storage.db.selectFrom("event_subscriptions").select("id").execute();
	for (const { id } of rows) {
		const take = () => storage.write((tx) => claimDelivery(tx, id, { now: clock.now(), leaseMs }));
		for (let claim = await take(); claim !== undefined; claim = await take()) {
			await deliverOne(claim, deps);
		}
	}
}

async function happen(stage: CmiStage): Promise<void> {
	const about = { serviceId: stage.serviceId, messageId: null, conversationId: null, data: {} };
	await stage.storage.write((tx) => appendEvents(tx, [{ at: stage.clock.now(), type: "message.state", ...about }]));
}

test("the log tells what became of each event, by pages, and one can be sent again", async (t) => {
	const stage = await stageOf(t);
	const made = await make(stage);
	for (let n = 0; n < 3; n++) {
		stage.clock.advance(10);
		await happen(stage);
	}
	await work(stage, 200);
	const page = await call(stage, "GET", `${made.id}/deliveries?limit=2&state=delivered`);
	assert.equal((page.body as Delivery[]).length, 2);
	const next = /<https:\/\/parley\.example\/RI\/cmi(\/subscriptions\/[^>]+)>/.exec(String(page.headers["link"]))?.[1];
	const rest = await stage.call(stage.keeper, { api: next ?? "" });
	assert.equal((rest.body as Delivery[]).length, 1);
	assert.deepEqual((await call(stage, "GET", `${made.id}/deliveries?state=failed`)).body, []);
	const [one] = page.body as Delivery[];
	assert.deepEqual([one?.type, one?.state, one?.nextTryAt], ["message.state", "delivered", null]);
	const path = `${made.id}/deliveries/${one?.id ?? ""}`;
	assert.deepEqual((await call(stage, "GET", path)).body, one);
	assert.equal((await call(stage, "POST", `${path}/resend`)).status, 202);
	assert.equal((await call(stage, "POST", `${path}/resend`)).status, 409);
	assert.equal(((await call(stage, "GET", made.id)).body as Shown).waiting, 1);
	await work(stage, 200);
	const outcomes = ((await call(stage, "GET", path)).body as Delivery).attempts.map(({ outcome }) => outcome);
	assert.deepEqual(outcomes, ["delivered", "delivered"]);
	const foreign = await make(stage, { name: "Foreign" });
	assert.equal((await call(stage, "GET", `${foreign.id}/deliveries/${one?.id ?? ""}`)).status, 404);
	assert.equal((await call(stage, "POST", `${foreign.id}/deliveries/${one?.id ?? ""}/resend`)).status, 404);
	assert.ok(stage.nudged.includes("eventDeliveries"));
});

test("what was given up comes again from a time on", async (t) => {
	const stage = await stageOf(t);
	const made = await make(stage);
	const since = stage.clock.now().toISOString();
	await happen(stage);
	await work(stage, 410);
	const ended = (await call(stage, "GET", made.id)).body as Shown;
	assert.deepEqual([ended.enabled, ended.disabledReason?.includes("410")], [false, true]);
	assert.equal((await call(stage, "POST", `${made.id}/recover`, { since })).status, 409, "disabled");
	stage.clock.advance(1000);
	const enabled = (await call(stage, "PATCH", made.id, { enabled: true })).body as Shown;
	assert.deepEqual([enabled.enabled, enabled.disabledReason], [true, null]);
	const back = await call(stage, "POST", `${made.id}/recover`, { since });
	assert.deepEqual([back.status, back.body], [202, { since, back: true }]);
	await work(stage, 200);
	const [one] = (await call(stage, "GET", `${made.id}/deliveries`)).body as Delivery[];
	assert.equal(one?.state, "delivered");
	for (const wrong of ["2126-01-02T12:00:00Z", "2026-02-31T99:00:00Z", "yesterday"]) {
		const answer = await call(stage, "POST", `${made.id}/recover`, { since: wrong });
		assert.deepEqual([answer.status, (answer.body as Refusal).errors[0]?.pointer], [400, "/since"], wrong);
	}
});

test("a test is sent at once, and its delivery tells what came of it", async (t) => {
	const stage = await stageOf(t);
	const made = await make(stage, { enabled: false });
	const begun = await call(stage, "POST", `${made.id}/test`);
	assert.equal(begun.status, 202);
	await work(stage, 204);
	const { id } = begun.body as Delivery;
	const done = (await call(stage, "GET", `${made.id}/deliveries/${id}`)).body as Delivery;
	assert.deepEqual([done.type, done.state], ["subscription.test", "delivered"]);
});
