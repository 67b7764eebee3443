import assert from "node:assert/strict";
import test from "node:test";
import { recordSeen, type SeenOf } from "#storage/vitals.ts";
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
