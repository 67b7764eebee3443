import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import type { Outcome } from "#connectors/contract.ts";
import { stateOf } from "#domain/delivery.ts";
import type { RemoteId } from "#domain/ids.ts";
import { commonSettingsDefaults } from "#domain/service-settings.ts";
import { silentLog } from "#platform/log.ts";
import { openMetrics } from "#platform/metrics.ts";
import { type Claim, claimParts } from "#storage/outbox.ts";
import { type Settlement, settleParts } from "#storage/outbox-moves.ts";
import { markLapsed } from "#storage/outbox-recovery.ts";
import { localSignals } from "#storage/signals.ts";
import { testLinks } from "#test/file-scene.ts";
import { addService, enqueue, setStage, type Stage } from "#test/scene.ts";
import { openTemporarySqlite } from "#test/storage-on-both.ts";
import { deliver, type DeliverDeps } from "./deliver.ts";
import type { OpenService } from "./open-service.ts";
import type { SenderDeps } from "./sender.ts";
import { tokenShelf } from "./tools.ts";
import { startUnknowns } from "./unknowns.ts";

const leaseMs = 20_000;
const accepted: Outcome = { kind: "accepted", remoteIds: ["r1" as RemoteId] };

/** Lets everything run that waits for nothing but its turn. */
async function turns(): Promise<void> {
	for (let index = 0; index < 20; index++) {
		await new Promise((resolve) => setImmediate(resolve));
	}
}

function fakeService(id: string, over: Partial<OpenService> = {}): OpenService {
	return {
		id,
		type: "twilio",
		isLocked: false,
		webhookUrl: "https://parley.example/",
		settings: commonSettingsDefaults,
		stored: { authentications: [] },
		cannotSend: () => undefined,
		replyWindowHours: () => undefined,
		send: () => Promise.resolve(accepted),
		lookup: undefined,
		...over,
	} as OpenService;
}

function depsOn(stage: Stage, services: OpenService[], settle = settleIn(stage)): SenderDeps & DeliverDeps {
	return {
		...stage,
		signals: localSignals(),
		log: silentLog,
		vitals: { attempted: () => undefined },
		metrics: openMetrics(),
		services: {
			all: () => services,
			sending: () => services,
			byId: (id) => services.find((service) => service.id === id),
			ofType: () => services,
			refresh: () => Promise.resolve(),
		},
		links: testLinks,
		tokens: tokenShelf(stage.clock),
		wayOut: { request: () => Promise.resolve({ kind: "notSent", why: "refused" }), close: () => Promise.resolve() },
		retry: { baseMs: 1000, capMs: 1000 },
		breaker: { failures: 10, probeMs: 30_000 },
		leaseMs,
		owner: "node",
		settlements: { add: settle },
		heard: () => undefined,
	};
}

function settleIn(stage: Stage) {
	return async (settlement: Settlement) => {
		const [kept] = await settleParts(stage.storage, [settlement], stage.clock.now());
		return kept === true;
	};
}

async function claimOne(stage: Stage, serviceId = stage.serviceId): Promise<Claim> {
	const { storage, clock, ids } = stage;
	const options = { serviceId, limit: 1, now: clock.now(), leaseMs, owner: "n", newAttemptId: () => ids.next<never>() };
	const [claim] = await storage.alone("outbox", (tx) => claimParts(tx, options));
	assert.ok(claim);
	return claim;
}

async function states(stage: Stage): Promise<Record<string, string>> {
	const rows = await stage.storage.db.selectFrom("outbox").select(["service_id", "state"]).execute();
	return Object.fromEntries(rows.map((row) => [row.service_id, stateOf(row.state)]));
}

function recovering(t: TestContext, stage: Stage, services: OpenService[]): void {
	const worker = startUnknowns(depsOn(stage, services));
	t.after(async () => {
		const stopping = worker.stop();
		stage.clock.advance(1000);
		await stopping;
	});
}

/** Time passes in small steps, and what is due runs in between. */
async function pass(stage: Stage, ms: number): Promise<void> {
	for (let passed = 0; passed < ms; passed += 1000) {
		stage.clock.advance(1000);
		await turns();
	}
}

test("a provider that does not answer holds up only the questions about its own service, and keeps its lease", async (t) => {
	const stage = await setStage(await openTemporarySqlite(t));
	const other = { ...stage, serviceId: stage.ids.next<never>() as string };
	await addService(stage.storage, other.serviceId, stage.clock.now());
	for (const one of [stage, other]) {
		await enqueue(one);
		await claimOne(one);
	}
	stage.clock.advance(leaseMs);
	await stage.storage.alone("outbox", (tx) => markLapsed(tx, stage.clock.now()));
	let answer: (outcome: Outcome) => void = () => undefined;
	let asked = 0;
	const stalled = fakeService(stage.serviceId, {
		lookup: () => {
			asked += 1;
			return new Promise((resolve) => (answer = resolve));
		},
	});
	t.after(() => answer(accepted)); // Before the worker is stopped: it waits for what it asked.
	recovering(t, stage, [stalled, fakeService(other.serviceId, { lookup: () => Promise.resolve(accepted) })]);
	await pass(stage, 62_000);
	assert.deepEqual(await states(stage), { [stage.serviceId]: "sending", [other.serviceId]: "sent" });
	await pass(stage, 3 * leaseMs);
	assert.equal(asked, 1);
	answer(accepted);
	await turns();
	assert.equal((await states(stage))[stage.serviceId], "sent");
});

test("an answer that came after the claim was lost settles the part: it is neither held nor sent again", async (t) => {
	const stage = await setStage(await openTemporarySqlite(t));
	await enqueue(stage);
	const claim = await claimOne(stage);
	stage.clock.advance(3_600_000); // The wall clock jumps: every lease is over.
	await stage.storage.alone("outbox", (tx) => markLapsed(tx, stage.clock.now()));
	const service = fakeService(stage.serviceId);
	await deliver(claim, service, { ...depsOn(stage, [service]), stopping: new AbortController().signal });
	assert.equal((await states(stage))[stage.serviceId], "sending", "the fence holds");
	recovering(t, stage, [service]);
	await pass(stage, 62_000);
	assert.equal((await states(stage))[stage.serviceId], "sent");
});

test("an answer outlives a database that is away for a while", async (t) => {
	const stage = await setStage(await openTemporarySqlite(t));
	await enqueue(stage);
	const claim = await claimOne(stage);
	let failures = 3;
	const settle = async (settlement: Settlement) => {
		if (failures-- > 0) {
			throw Object.assign(new Error("connect"), { code: "ECONNREFUSED" });
		}
		return settleIn(stage)(settlement);
	};
	const service = fakeService(stage.serviceId);
	const deps = { ...depsOn(stage, [service], settle), stopping: new AbortController().signal };
	const work = deliver(claim, service, deps);
	await pass(stage, 5000);
	await work;
	assert.equal((await states(stage))[stage.serviceId], "sent");
});

test("a process that ends does not wait for the database", async (t) => {
	const stage = await setStage(await openTemporarySqlite(t));
	await enqueue(stage);
	const claim = await claimOne(stage);
	const settle = () => Promise.reject(Object.assign(new Error("connect"), { code: "ECONNREFUSED" }));
	const service = fakeService(stage.serviceId);
	const stopping = new AbortController();
	const work = deliver(claim, service, { ...depsOn(stage, [service], settle), stopping: stopping.signal });
	await turns();
	stopping.abort();
	await assert.rejects(work, /connect/);
});

test("parts under way when their service is deleted fail once nobody holds them", async (t) => {
	const stage = await setStage(await openTemporarySqlite(t));
	await enqueue(stage);
	await claimOne(stage);
	await stage.storage.db.deleteFrom("messaging_services").execute();
	recovering(t, stage, []);
	await pass(stage, leaseMs + 3000);
	assert.equal((await states(stage))[stage.serviceId], "failed");
});

test("more that is overdue than one round takes is done at once, not a second later", async (t) => {
	const stage = await setStage(await openTemporarySqlite(t));
	for (let number = 0; number < 201; number++) {
		await enqueue(stage, { contact: `+49${number}`, validForMs: 500 });
	}
	stage.clock.advance(500);
	recovering(t, stage, [fakeService(stage.serviceId)]);
	await turns();
	const rows = await stage.storage.db.selectFrom("outbox").select("state").execute();
	assert.deepEqual([rows.length, new Set(rows.map(({ state }) => stateOf(state)))], [201, new Set(["expired"])]);
});
