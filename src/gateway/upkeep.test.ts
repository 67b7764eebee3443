import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import type { UpkeepRound, UpkeepState } from "#connectors/contract.ts";
import { commonSettingsDefaults } from "#domain/service-settings.ts";
import { silentLog } from "#platform/log.ts";
import { localSignals, type Signals } from "#storage/signals.ts";
import { askUpkeep, upkeepSeen, upkeepStates } from "#storage/upkeep.ts";
import { messageEvent, setStage, type Stage } from "#test/scene.ts";
import { openTemporarySqlite } from "#test/storage-on-both.ts";
import type { OpenService } from "./open-service.ts";
import { tokenShelf } from "./tools.ts";
import { startUpkeep } from "./upkeep.ts";

type Round = (state: UpkeepState, now: Date) => Promise<UpkeepRound>;
type Scene = { stage: Stage; signals: Signals; seen: string[]; services: OpenService[] };

/** Time passes in small steps, and what is due runs in between. */
async function pass({ stage }: Scene, ms: number): Promise<void> {
	for (let passed = 0; passed < ms; passed += 500) {
		stage.clock.advance(500);
		for (let turn = 0; turn < 30; turn++) {
			await new Promise((resolve) => setImmediate(resolve));
		}
	}
}

async function upkeeping(t: TestContext, round: Round, over: Partial<OpenService> = {}): Promise<Scene> {
	const stage = await setStage(await openTemporarySqlite(t));
	const service = {
		id: stage.serviceId,
		type: "teams",
		version: 1,
		isLocked: false,
		settings: commonSettingsDefaults,
		stored: { authentications: [{ authenticationId: "a", secrets: ["very secret"] }] },
		cannotSend: () => undefined,
		upkeep: (state: UpkeepState) => round(state, stage.clock.now()),
		...over,
	} as OpenService;
	const scene: Scene = { stage, signals: localSignals(), seen: [], services: [service] };
	startNode(t, scene);
	return scene;
}

function startNode(t: TestContext, scene: Scene): void {
	const { stage } = scene;
	const worker = startUpkeep({
		...stage,
		signals: scene.signals,
		log: silentLog,
		vitals: { upkept: () => scene.seen.push("upkept"), received: (_id, count) => scene.seen.push(`received ${count}`) },
		services: {
			all: () => scene.services,
			sending: () => scene.services,
			byId: (id) => scene.services.find((one) => one.id === id),
			ofType: () => scene.services,
			refresh: () => Promise.resolve(),
		},
		tokens: tokenShelf(stage.clock),
		wayOut: { request: () => Promise.resolve({ kind: "notSent", why: "refused" }), close: () => Promise.resolve() },
	});
	t.after(async () => {
		const stopping = worker.stop();
		stage.clock.advance(1000);
		await stopping;
	});
}

const inSeconds = (now: Date, seconds: number) => new Date(now.getTime() + seconds * 1000);
const texts = async ({ stage }: Scene) =>
	(await stage.storage.db.selectFrom("messages").select("text").orderBy("id").execute()).map(({ text }) => text);

test("what rounds find is recorded once, the state goes on, and the matcher is woken", async (t) => {
	const states: UpkeepState[] = [];
	const scene = await upkeeping(t, async (state, now) => {
		states.push(state);
		const seen = Number(state["seen"] ?? 0);
		const events = [messageEvent(String(seen)), messageEvent(String(seen + 1))]; // Overlapping, as pollers are.
		const findings = [{ url: "https://provider.example/items?since=x", body: new TextEncoder().encode("{}"), events }];
		return { findings, state: { seen: seen + 1 }, nextAt: inSeconds(now, 10) };
	});
	let woken = 0;
	scene.signals.listen("matcher", () => (woken += 1));
	await pass(scene, 1000);
	assert.deepEqual(await texts(scene), ["text 0", "text 1"]);
	await pass(scene, 10_000);
	assert.deepEqual(states, [{}, { seen: 1 }]);
	assert.deepEqual(await texts(scene), ["text 0", "text 1", "text 2"]);
	assert.deepEqual(scene.seen, ["received 2", "upkept", "received 1", "upkept"]);
	assert.equal(woken, 2);
	const [request] = await scene.stage.storage.db.selectFrom("inbound_requests").selectAll().execute();
	assert.deepEqual([request?.method, request?.remote_address], ["GET", "provider.example"]);
});

test("a webhook that asks for it makes the next round come before its time", async (t) => {
	let rounds = 0;
	const scene = await upkeeping(t, async (state, now) => {
		rounds += 1;
		return { findings: [], state, nextAt: inSeconds(now, 3600) };
	});
	await pass(scene, 10_000);
	assert.equal(rounds, 1);
	await scene.stage.storage.write((tx) => askUpkeep(tx, scene.stage.serviceId, scene.stage.clock.now()));
	scene.signals.nudge("upkeep");
	await pass(scene, 500);
	assert.equal(rounds, 2);
	await pass(scene, 10_000);
	assert.equal(rounds, 2, "asked once");
	const [service] = scene.services;
	assert.ok(service);
	scene.services[0] = { ...service, version: 2 };
	await pass(scene, 1000);
	assert.equal(rounds, 3, "after a change of the service");
});

test("a connector that throws, or wants to come again at once, is held to the rules", async (t) => {
	let rounds = 0;
	const scene = await upkeeping(t, async (_state, now) => {
		rounds += 1;
		if (rounds === 1) {
			throw new Error("a bug, very secret");
		}
		return {
			findings: [],
			state: { after: "bug" },
			nextAt: new Date(now.getTime() - 5000),
			trouble: { code: "credentials", detail: "very secret was refused." },
		};
	});
	await pass(scene, 2000);
	const { storage, serviceId } = scene.stage;
	assert.equal((await upkeepSeen(storage.db, [serviceId])).get(serviceId)?.trouble?.code, "protocol");
	assert.deepEqual(await upkeepStates(storage.db), new Map([[serviceId, {}]]));
	await pass(scene, 57_000);
	assert.equal(rounds, 1, "not again at once");
	await pass(scene, 3000);
	assert.equal(rounds, 2);
	assert.deepEqual((await upkeepSeen(storage.db, [serviceId])).get(serviceId)?.trouble, {
		code: "credentials",
		detail: "••• was refused.",
	});
	assert.deepEqual(scene.seen, [], "neither round proved anything");
	await pass(scene, 10_000);
	assert.ok(rounds >= 5 && rounds <= 7, `every two seconds at most: ${String(rounds)}`);
});

test("a slow round stays with its node, and what it found is kept", async (t) => {
	let rounds = 0;
	let isOver = false;
	const scene = await upkeeping(t, (_state, now) => {
		rounds += 1;
		const findings = [{ url: "https://provider.example/x", body: new Uint8Array(), events: [messageEvent("slow")] }];
		return new Promise((resolve) => {
			const end = { findings, state: { rounds }, nextAt: inSeconds(now, 3600) };
			scene.stage.clock.after(isOver ? 0 : 400_000, () => resolve(end));
		});
	});
	startNode(t, scene);
	await pass(scene, 420_000);
	isOver = true;
	scene.stage.clock.advance(400_000); // Rounds that should not be there end as well.
	assert.equal(rounds, 1);
	assert.deepEqual(await texts(scene), ["text slow"]);
});

test("a state that grows without end is not kept", async (t) => {
	const scene = await upkeeping(t, async (_state, now) => ({
		findings: [],
		state: { everything: "x".repeat(262_144) },
		nextAt: inSeconds(now, 60),
	}));
	await pass(scene, 1000);
	assert.deepEqual(await upkeepStates(scene.stage.storage.db), new Map([[scene.stage.serviceId, {}]]));
});

for (const [why, over] of [
	["is locked", { isLocked: true }],
	["cannot send", { cannotSend: () => "A password is missing." }],
	["needs none", { upkeep: undefined }],
] as const) {
	test(`a service that ${why} is not kept up`, async (t) => {
		let rounds = 0;
		const round: Round = async (state, now) => {
			rounds += 1;
			return { findings: [], state, nextAt: now };
		};
		await pass(await upkeeping(t, round, over), 3000);
		assert.equal(rounds, 0);
	});
}
