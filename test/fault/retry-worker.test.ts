// Goal (R8): what the rules decide is what the provider sees. The worker comes again within a second after the moment it was
// told, never before; what is refused for good it asks once; a service that is gone (410) is stopped, with an alarm; a
// message that could not be handed over in its time expires within a second of it.
// Method: the real sender and recovery over SQLite on a virtual clock, one service per script; the times are those at which
// the scripted provider was asked.

import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import type { HttpAnswer } from "#connectors/contract.ts";
import { stateOf } from "#domain/delivery.ts";
import type { OpenService } from "#gateway/open-service.ts";
import { type SenderDeps, startSender } from "#gateway/sender.ts";
import { openServiceBook } from "#gateway/service-book.ts";
import { startUnknowns } from "#gateway/unknowns.ts";
import { tokenShelf } from "#gateway/tools.ts";
import { silentLog } from "#platform/log.ts";
import { openMetrics } from "#platform/metrics.ts";
import { localSignals } from "#storage/signals.ts";
import { testLinks } from "#test/file-scene.ts";
import { numberFlag, seedFlag } from "#test/flags.ts";
import { addService, enqueue, setStage, type Stage } from "#test/scene.ts";
import { openTemporarySqlite } from "#test/storage-on-both.ts";
import { answerOf, openServiceOf, type Script, scriptRetryAfter } from "./scripted-provider.ts";

const seed = seedFlag();
const services = numberFlag("services", 16);
const stepMs = 25;
const dayMs = 86_400_000;

/** When the provider was asked, and what it said. */
type Asked = { atMs: number; script: Script };
type Play = { serviceId: string; scripts: Script[]; asked: Asked[] };

type Theatre = { stage: Stage; plays: Map<string, Play>; alarms: Map<string, boolean>; start(): Promise<void> };

const accepts: Script = { says: "201", status: 201 };
const refuses: Script = { says: "nothing sent", status: 0, silence: "notSent" };

async function theatre(t: TestContext): Promise<Theatre> {
	const stage = await setStage(await openTemporarySqlite(t), seed);
	const plays = new Map<string, Play>();
	const alarms = new Map<string, boolean>();
	return { stage, plays, alarms, start: () => startWorkers(t, { stage, plays, alarms }) };
}

/** A service whose provider answers by the scripts, the last one for ever. */
async function addPlay({ stage, plays }: Theatre, scripts: readonly Script[]): Promise<Stage & { play: Play }> {
	const serviceId: string = stage.ids.next();
	await addService(stage.storage, serviceId, stage.clock.now());
	const play = { serviceId, scripts: [...scripts], asked: [] };
	plays.set(serviceId, play);
	return { ...stage, serviceId, play };
}

async function startWorkers(t: TestContext, { stage, plays, alarms }: Omit<Theatre, "start">): Promise<void> {
	const { storage, clock } = stage;
	const metrics = { ...openMetrics(), alarm: (name: string, on: boolean) => void alarms.set(name, on) };
	const isStopped = async () => {
		const rows = await storage.db.selectFrom("messaging_services").select(["id", "stopped_reason"]).execute();
		return new Map(rows.map((row) => [row.id, row.stopped_reason]));
	};
	const book = await openServiceBook(
		{
			version: async () => JSON.stringify([...(await isStopped())]),
			load: async () => {
				const stopped = await isStopped();
				const open = [...plays.keys()].map((id) => openServiceOf("twilio", id, undefined, { sendsAtOnce: 1 }));
				return open.map((service): OpenService => ({ ...service, stoppedReason: stopped.get(service.id) ?? null }));
			},
		},
		{ clock, log: silentLog },
	);
	const deps = {
		...stage,
		metrics,
		signals: localSignals(),
		log: silentLog,
		vitals: { attempted: () => undefined },
		services: book,
		links: testLinks,
		tokens: tokenShelf(clock),
		wayOut: {
			request: ({ lane = "" }) => Promise.resolve(askedFor(plays.get(lane), clock.now())),
			close: () => Promise.resolve(),
		},
		retry: { baseMs: 1000, capMs: 900_000 },
		breaker: { failures: 10, probeMs: 30_000 },
		leaseMs: 20_000,
		owner: "node",
	} satisfies SenderDeps;
	const workers = [startSender(deps), startUnknowns(deps)];
	t.after(async () => {
		const stopping = Promise.all(workers.map((worker) => worker.stop()));
		clock.advance(10_000);
		await stopping;
	});
}

function askedFor(play: Play | undefined, now: Date): HttpAnswer {
	assert.ok(play);
	const script = play.scripts.length > 1 ? play.scripts.shift() : play.scripts[0];
	assert.ok(script);
	play.asked.push({ atMs: now.getTime(), script });
	return answerOf(script, "twilio", now);
}

async function turns(): Promise<void> {
	for (let index = 0; index < 12; index++) {
		await new Promise((resolve) => setImmediate(resolve));
	}
}

type PartRow = { service_id: string; state: number; state_at: number; not_before: number; valid_until: number };

function parts({ storage }: Stage): Promise<PartRow[]> {
	return storage.db
		.selectFrom("outbox")
		.select(["service_id", "state", "state_at", "not_before", "valid_until"])
		.execute();
}

/** Lets time pass until every part has an end, or so long: in small steps where something is due, in leaps between. */
async function playOut({ stage }: Theatre, forMs = dayMs): Promise<PartRow[]> {
	const endMs = stage.clock.now().getTime() + forMs;
	await turns();
	for (;;) {
		const rows = await parts(stage);
		const nowMs = stage.clock.now().getTime();
		const open = rows.filter((row) => ["queued", "sending"].includes(stateOf(row.state)));
		if (open.length === 0 || nowMs >= endMs) {
			return rows;
		}
		const nextMs = Math.min(
			...open.map((row) => Math.min(row.not_before > nowMs - 2000 ? row.not_before : Infinity, row.valid_until)),
		);
		const quietMs = nextMs - nowMs - 2 * stepMs;
		// Nothing is due, or what is due waits for the breaker: the workers look around four times a second all the same.
		stage.clock.advance(quietMs > 250 ? (Number.isFinite(nextMs) ? quietMs : 250) : stepMs);
		await turns();
	}
}

test(`the provider is asked again within a second after the moment it named (seed ${seed})`, async (t) => {
	const scene = await theatre(t);
	const { fraction } = scene.stage.random;
	for (let number = 0; number < services; number++) {
		const waits = Array.from({ length: 5 }, (): Script => ({ status: 429, ...scriptRetryAfter(429, fraction) }));
		const named = waits.filter(({ waitMs }) => waitMs !== undefined);
		await enqueue(await addPlay(scene, [...named, accepts]), { validForMs: 7 * dayMs });
	}
	await scene.start();
	const rows = await playOut(scene);
	assert.ok(rows.every(({ state }) => stateOf(state) === "sent"));
	const late: number[] = [];
	for (const { asked } of scene.plays.values()) {
		for (const [index, { atMs, script }] of asked.entries()) {
			const next = asked[index + 1];
			if (next !== undefined && script.waitMs !== undefined) {
				const wantedMs = Math.min(script.waitMs(new Date(atMs)), 3_600_000);
				late.push(next.atMs - atMs - wantedMs);
			}
		}
	}
	assert.ok(late.length > 2 * services, `only ${late.length} moments were named`);
	assert.ok(Math.min(...late) >= 0, `asked ${-Math.min(...late)} ms too early`);
	assert.ok(Math.max(...late) <= 1000 + stepMs, `asked ${Math.max(...late)} ms late`);
});

test(`without a moment, the waits the provider sees are those of full jitter (seed ${seed})`, async (t) => {
	const scene = await theatre(t);
	const failures = 8; // Two fewer than what opens the breaker.
	for (let number = 0; number < services; number++) {
		await enqueue(await addPlay(scene, [...Array.from({ length: failures }, () => refuses), accepts]));
	}
	await scene.start();
	await playOut(scene);
	for (const { asked } of scene.plays.values()) {
		assert.equal(asked.length, failures + 1);
		for (const [index, { atMs }] of asked.slice(0, -1).entries()) {
			const waitedMs = (asked[index + 1]?.atMs ?? 0) - atMs;
			assert.ok(waitedMs <= 1000 * 2 ** index + 250 + stepMs, `${waitedMs} ms after attempt ${index + 1}`);
		}
	}
	const decisions = await scene.stage.storage.db.selectFrom("attempts").select(["number", "outcome"]).execute();
	assert.equal(decisions.filter(({ outcome }) => outcome === "retry").length, failures * services);
});

test("what is refused for good, or sent elsewhere, is asked once, and the other services go on", async (t) => {
	const scene = await theatre(t);
	for (const status of [300, 301, 302, 303, 307, 308, 400, 404, 405, 413, 422]) {
		await enqueue(await addPlay(scene, [{ says: String(status), status, retryAfter: () => "1", waitMs: () => 1000 }]));
	}
	const healthy = await addPlay(scene, [accepts]);
	await enqueue(healthy);
	await scene.start();
	const rows = await playOut(scene);
	for (const { asked } of scene.plays.values()) {
		assert.equal(asked.length, 1);
	}
	const failed = rows.filter(({ state }) => stateOf(state) === "failed");
	assert.equal(failed.length, rows.length - 1);
	assert.equal(stateOf(rows.find((row) => row.service_id === healthy.serviceId)?.state ?? 0), "sent");
	assert.equal(scene.alarms.get("service_stopped") ?? false, false, "none of these stops a service");
});

test("410 stops the service and raises the alarm; what waits there is not sent, other services are not touched", async (t) => {
	const scene = await theatre(t);
	const gone = await addPlay(scene, [{ says: "410", status: 410 }]);
	const healthy = await addPlay(scene, [accepts]);
	for (const contact of ["+4915100001", "+4915100002", "+4915100003"]) {
		await enqueue(gone, { contact });
		await enqueue(healthy, { contact });
	}
	await scene.start();
	const rows = await playOut(scene, 300_000);
	const statesOf = (id: string) =>
		rows
			.filter((row) => row.service_id === id)
			.map(({ state }) => stateOf(state))
			.toSorted();
	assert.equal(gone.play.asked.length, 1);
	assert.deepEqual(statesOf(gone.serviceId), ["failed", "queued", "queued"]);
	assert.deepEqual(statesOf(healthy.serviceId), ["sent", "sent", "sent"]);
	assert.equal(scene.alarms.get("service_stopped"), true);
	const stopped = await scene.stage.storage.db
		.selectFrom("messaging_services")
		.select("id")
		.where("stopped_reason", "is not", null)
		.execute();
	assert.deepEqual(
		stopped.map(({ id }) => id),
		[gone.serviceId],
	);
});

test(`a message that nobody takes expires within a second of its time, and is not sent after it (seed ${seed})`, async (t) => {
	const scene = await theatre(t);
	const startMs = scene.stage.clock.now().getTime();
	for (let number = 0; number < services / 2; number++) {
		const scripts = number % 2 === 0 ? refuses : { says: "429, 2 h", status: 429, retryAfter: () => "7200" };
		const validForMs = 5000 + Math.floor(scene.stage.random.fraction() * 120_000);
		await enqueue(await addPlay(scene, [scripts]), { validForMs });
	}
	await scene.start();
	for (const row of await playOut(scene)) {
		assert.equal(stateOf(row.state), "expired");
		const late = row.state_at - row.valid_until;
		assert.ok(late >= 0 && late <= 1000 + stepMs, `expired ${late} ms after its time`);
		const asked = scene.plays.get(row.service_id)?.asked ?? [];
		assert.ok(asked.length >= 1 && asked.every(({ atMs }) => atMs >= startMs && atMs < row.valid_until));
	}
});
