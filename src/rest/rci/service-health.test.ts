import assert from "node:assert/strict";
import test from "node:test";
import { recordSeen, type SeenOf } from "#storage/vitals.ts";
import { grantOf } from "#test/rci-stage.ts";
import { base, create, facebook, openServiceStage } from "#test/service-stage.ts";
import type { ServiceView } from "./service-view.ts";

const nothing: SeenOf = {
	serviceId: "",
	lastInAt: undefined,
	lastOutAt: undefined,
	lastFault: undefined,
	hasRecovered: false,
	faults: 0,
	wasGenuine: false,
	refusals: [],
	refused: 0,
	received: 0,
	sent: 0,
	failed: 0,
	calls: [],
};

type Health = { state: string; because: string; action: string | null; errorRate: number; refusals: object[] };

test("a service tells how it is doing, by what really happened, and a change of it is a fresh start", async (t) => {
	const stage = await openServiceStage(t);
	const { id } = await create(stage, facebook());
	const now = stage.clock.now();
	const tell = (over: Partial<SeenOf>) =>
		stage.storage.write((tx) => recordSeen(tx, [{ ...nothing, serviceId: id, ...over }], now));
	const health = async () => (await stage.call<Health>("GET", `${base}/${id}/health`)).body;
	assert.equal((await health()).state, "connecting");
	await tell({ lastOutAt: now, lastInAt: now, hasRecovered: true, wasGenuine: true, received: 4, sent: 3 });
	const good = await health();
	assert.deepEqual([good.state, good.action, good.errorRate], ["ready", null, 0]);
	const lastFault = {
		at: new Date(now.getTime() + 1000),
		code: "credentials" as const,
		detail: "The token has expired.",
	};
	const refusals = [{ reason: "signature_mismatch", mode: "observe" as const, count: 2, lastAt: now }];
	await tell({ lastFault, faults: 1, failed: 1, refusals, refused: 2 });
	const bad = await health();
	assert.deepEqual([bad.state, bad.because, bad.errorRate], ["unauthorised", "The token has expired.", 0.25]);
	assert.match(bad.action ?? "", /credentials/);
	assert.deepEqual(bad.refusals, [{ ...refusals[0], lastAt: now.toISOString() }]);
	const listed = await stage.call<ServiceView[]>("GET", `${base}?state=unauthorised`);
	assert.deepEqual(
		listed.body.map((service) => [service.id, service.stateBecause]),
		[[id, "The token has expired."]],
	);
	assert.equal((await stage.call("PATCH", `${base}/${id}`, { body: { name: "Mended" } })).status, 200);
	assert.notEqual((await health()).state, "unauthorised");
	assert.notEqual((await health()).state, "ready", "nothing has proved it since");
});

type ListedHealth = Health & {
	service: string;
	latency: unknown;
	history: { at: string; received: number; refused: number }[];
};

test("the health of all services comes in one call: the same as one by one, and only of those that may be viewed", async (t) => {
	const stage = await openServiceStage(t);
	const [first, second] = [await create(stage, facebook()), await create(stage, facebook({ name: "Another page" }))];
	const now = stage.clock.now();
	const refusals = [{ reason: "replay", mode: "enforce" as const, count: 3, lastAt: now }];
	const seen = { ...nothing, serviceId: first.id, received: 7, refusals, refused: 3 };
	await stage.storage.write((tx) => recordSeen(tx, [seen], now));
	const { status, body } = await stage.call<ListedHealth[]>("GET", "/messagingServiceHealth");
	assert.equal(status, 200);
	assert.deepEqual(
		body.map(({ service }) => service),
		[second.id, first.id],
	);
	for (const { service, ...listed } of body) {
		assert.deepEqual((await stage.call("GET", `${base}/${service}/health`)).body, listed);
	}
	const history = body[1]?.history ?? [];
	assert.deepEqual(
		[history.length, history.at(-1)],
		[24, { at: "2026-01-02T12:00:00.000Z", received: 7, sent: 0, failed: 0, refused: 3 }],
	);
	assert.equal(history[0]?.at, "2026-01-01T13:00:00.000Z");
	assert.equal(body[1]?.latency, null);
	await stage.grant(grantOf("messagingService", ["view"], first.id));
	const visible = (await stage.call<ListedHealth[]>("GET", "/messagingServiceHealth")).body;
	assert.deepEqual(
		visible.map(({ service }) => service),
		[first.id],
	);
	await stage.grant();
	assert.equal((await stage.call("GET", "/messagingServiceHealth")).status, 403);
});

test("the health of many services takes as many queries as that of one", async (t) => {
	const stage = await openServiceStage(t);
	const executor = stage.storage.db.getExecutor();
	const spy = t.mock.method(executor, "executeQuery");
	const queries = async () => {
		const before = spy.mock.callCount();
		assert.equal((await stage.call("GET", "/messagingServiceHealth")).status, 200);
		return spy.mock.callCount() - before;
	};
	await create(stage, facebook());
	const ofOne = await queries();
	for (let number = 0; number < 5; number++) {
		await create(stage, facebook({ name: `Page ${number}` }));
	}
	assert.equal(await queries(), ofOne);
	assert.ok(ofOne > 5, `${ofOne} queries were counted`);
});

test("what depends on a service is told before it is deleted, to who may view it", async (t) => {
	const stage = await openServiceStage(t);
	const { id } = await create(stage);
	const none = { waitingParts: 0, unfinishedEvents: 0, openConversations: 0, parked: 0, quarantined: 0, grants: 0 };
	assert.deepEqual((await stage.call("GET", `${base}/${id}/dependents`)).body, none);
	assert.equal((await stage.call("GET", `${base}/${"0".repeat(32)}/dependents`)).status, 404);
	await stage.grant(grantOf("messagingService", ["view"], id));
	assert.deepEqual((await stage.call("GET", `${base}/${id}/dependents`)).body, { ...none, grants: 1 });
	await stage.grant(grantOf("messagingService", ["view"], "0".repeat(32)));
	assert.equal((await stage.call("GET", `${base}/${id}/dependents`)).status, 403);
});
