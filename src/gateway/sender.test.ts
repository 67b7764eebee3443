// Goal: no service takes another one's place: who has nothing to send takes none, all together open only so many requests,
// and where those are short each has its turn. Method: services that answer when told to, over real storage.

import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import type { Outcome } from "#connectors/contract.ts";
import type { RemoteId } from "#domain/ids.ts";
import { commonSettingsDefaults } from "#domain/service-settings.ts";
import { silentLog } from "#platform/log.ts";
import { openMetrics } from "#platform/metrics.ts";
import { localSignals } from "#storage/signals.ts";
import { testLinks } from "#test/file-scene.ts";
import { addService, enqueue, setStage, type Stage } from "#test/scene.ts";
import { openTemporarySqlite } from "#test/storage-on-both.ts";
import type { OpenService } from "./open-service.ts";
import { startSender } from "./sender.ts";
import { tokenShelf } from "./tools.ts";

async function turns(): Promise<void> {
	for (let turn = 0; turn < 20; turn++) {
		await new Promise((resolve) => setImmediate(resolve));
	}
}

const accepted = { kind: "accepted", remoteIds: ["r" as RemoteId] } as const;
const sendsInAll = 200;

type Send = OpenService["send"];

function serviceOf(id: string, sendsAtOnce: number, send: Send): OpenService {
	return {
		id,
		type: "twilio",
		enabled: true,
		stoppedReason: null,
		isLocked: false,
		settings: { ...commonSettingsDefaults, sendsAtOnce, sendsPerSecond: 5000 },
		webhookUrl: "https://parley.example/sms/twilio/x",
		stored: { authentications: [] },
		cannotSend: () => undefined,
		replyWindowHours: () => undefined,
		send,
	} as unknown as OpenService;
}

/** Services with so many messages each, all to different contacts. */
async function servicesWith(stage: Stage, count: number, messages: (index: number) => number): Promise<string[]> {
	const ids = Array.from({ length: count }, () => stage.ids.next<never>() as string);
	for (const [index, serviceId] of ids.entries()) {
		await addService(stage.storage, serviceId, stage.clock.now());
		for (let number = 0; number < messages(index); number++) {
			await enqueue({ ...stage, serviceId }, { contact: `+49${number}` });
		}
	}
	return ids;
}

function startOn(t: TestContext, stage: Stage, services: readonly OpenService[], signals = localSignals()): void {
	const sender = startSender({
		...stage,
		signals,
		log: silentLog,
		metrics: openMetrics(),
		vitals: { attempted: () => undefined },
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
		leaseMs: 20_000,
		owner: "node",
	});
	t.after(async () => {
		const stopping = sender.stop();
		stage.clock.advance(1000);
		await stopping;
	});
}

test("services that have nothing to send take no place from the others", async (t) => {
	const stage = await setStage(await openTemporarySqlite(t));
	const ids = await servicesWith(stage, 24, (index) => (index === 23 ? 1 : 0));
	const asked: string[] = [];
	const services = ids.map((id) =>
		serviceOf(id, 20, () => {
			asked.push(id);
			return Promise.resolve(accepted);
		}),
	);
	startOn(t, stage, services);
	await turns();
	assert.deepEqual(asked, [ids.at(-1)]);
});

/** Providers that answer when told to: `open` are the requests that wait, in the order in which they came. */
function slowProviders(t: TestContext) {
	const open: { id: string; answer: () => void }[] = [];
	const begun = new Map<string, number>();
	const sendOf =
		(id: string): Send =>
		() =>
			new Promise((resolve) => {
				begun.set(id, (begun.get(id) ?? 0) + 1);
				open.push({ id, answer: () => resolve(accepted) });
			});
	t.after(() => open.forEach(({ answer }) => answer())); // Before the sender is stopped: it waits for what it began.
	return { open, begun, sendOf };
}

test("all services together open 200 requests at most, and as many again as end", async (t) => {
	const stage = await setStage(await openTemporarySqlite(t));
	const { open, begun, sendOf } = slowProviders(t);
	const ids = await servicesWith(stage, 11, () => 20);
	startOn(
		t,
		stage,
		ids.map((id) => serviceOf(id, 20, sendOf(id))),
	);
	await turns();
	assert.equal(open.length, sendsInAll);
	assert.ok([...begun.values()].every((count) => count <= 20));
	stage.clock.advance(1000); // It looks again.
	await turns();
	assert.equal(open.length, sendsInAll);
	open.splice(0, 5).forEach(({ answer }) => answer());
	await turns();
	assert.equal(open.length, sendsInAll, "five ended and five began");
});

test("where the requests in all are short, each service has its turn", async (t) => {
	const stage = await setStage(await openTemporarySqlite(t));
	const { open, begun, sendOf } = slowProviders(t);
	const ids = await servicesWith(stage, 3, () => 120);
	startOn(
		t,
		stage,
		ids.map((id) => serviceOf(id, 120, sendOf(id))),
	);
	await turns();
	assert.equal(open.length, sendsInAll);
	for (let answers = 0; answers < 30; answers++) {
		open.shift()?.answer();
		await turns();
	}
	const counts = ids.map((id) => begun.get(id) ?? 0);
	assert.equal(
		counts.reduce((sum, count) => sum + count, 0),
		sendsInAll + 30,
	);
	assert.ok(Math.min(...counts) >= 5, `sends begun: ${counts.join(", ")}`);
});

for (const [outcome, times] of [
	[accepted, 1],
	[{ kind: "retry", code: "unavailable", detail: "Later." }, 0],
] as const) {
	test(`receipts that waited are looked at when a send was ${outcome.kind} (${times})`, async (t) => {
		const stage = await setStage(await openTemporarySqlite(t));
		await enqueue(stage);
		const signals = localSignals();
		const rows: Promise<unknown[]>[] = [];
		signals.listen("receipts", () => rows.push(stage.storage.db.selectFrom("remote_ids").selectAll().execute()));
		startOn(t, stage, [serviceOf(stage.serviceId, 20, () => Promise.resolve(outcome as Outcome))], signals);
		await turns();
		assert.deepEqual(
			(await Promise.all(rows)).map((found) => found.length),
			times === 1 ? [1] : [],
			"the provider's id is there when they are told",
		);
	});
}

for (const kind of ["retry", "rejected"] as const) {
	test(`refused credentials (${kind}) stop the queue after one attempt; what a person mended is tried at once`, async (t) => {
		const stage = await setStage(await openTemporarySqlite(t));
		const [id = ""] = await servicesWith(stage, 1, () => 12);
		const asked: string[] = [];
		let isMended = false;
		const sent: string[] = [];
		const send: Send = (message) => {
			asked.push(message.contactAddress);
			if (!isMended) {
				return Promise.resolve({ kind, code: "credentials", detail: "The token has expired." });
			}
			sent.push(message.contactAddress);
			return Promise.resolve({ kind: "accepted", remoteIds: [message.attemptId as string as RemoteId] });
		};
		const services = [{ ...serviceOf(id, 1, send), version: 1 }];
		startOn(t, stage, services);
		const pass = async (ms: number) => {
			for (let passed = 0; passed < ms; passed += 250) {
				stage.clock.advance(250);
				await turns();
			}
		};
		await pass(20_000);
		assert.equal(asked.length, 1, "and no probe before its time");
		isMended = true;
		services[0] = { ...serviceOf(id, 1, send), version: 2 };
		await pass(10_000);
		assert.equal(sent.length, 12, "nothing was lost");
	});
}
