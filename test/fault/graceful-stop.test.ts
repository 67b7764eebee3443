// Goal (R13): a restart by SIGTERM loses nothing, cuts no request that had left as a whole (a caller is answered, told 503, or
// refused), and ends with code 0 within 15 s, whatever hangs; a second signal ends at once. `--restarts 1000 --seed 7` runs more.
// Method: the program as a process of its own under about 200 requests a second, half of them on kept connections, with
// sends under way to a slow provider; every call's fate on the wire is noted. At the end the invariants: a graceful stop
// leaves nothing unclear, so no send is repeated and none is held.

import assert from "node:assert/strict";
import { connect } from "node:net";
import test, { type TestContext } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { systemClock } from "#platform/clock.ts";
import type { Simulator } from "#simulators/simulator.ts";
import { type SinchConversationSimulator, startSinchConversationSimulator } from "#simulators/sinchconversation.ts";
import { numberFlag, seedFlag } from "#test/flags.ts";
import { brokenInvariants } from "#test/invariants.ts";
import {
	type ChildParley,
	childParley,
	configure,
	type MessageObject,
	messages,
	type ServiceObject,
	until,
} from "#test/parley.ts";
import { seededRandom } from "#test/scene.ts";
import { agentOf, sendCall, webhookCallsOf } from "./calls.ts";
import { type Fate, rawCall, type RawCall } from "./raw-call.ts";

const seed = seedFlag();
const restarts = numberFlag("restarts", 8);
const endMsMax = 15_000;
const contactCount = 16;
const agentCount = 8;
const pauseMs = 100; // Of each caller, between two calls: together about 200 a second.
const runMs = { min: 300, max: 1200 };

test(
	`restarts by SIGTERM under load, ${restarts} times (seed ${seed})`,
	{ timeout: 120_000 + restarts * 20_000 },
	async (t) => {
		const random = seededRandom(seed);
		const stage = await openStage(t, random);
		const { parley, simulator, service, books } = stage;
		const over = new AbortController();
		const callers = [
			...Array.from({ length: contactCount }, (_, number) => contactTalks(stage, number, over.signal)),
			...Array.from({ length: agentCount }, (_, number) => agentSends(stage, number, over.signal)),
		];
		const ends: { code: number | null; ms: number }[] = [];
		for (let restart = 0; restart < restarts; restart++) {
			// Some sends are under way at every stop, and are answered before the time to drain is over.
			simulator.script = Array.from({ length: 200 }, () => ({ kind: "stall", delayMs: 150 }));
			await wait(runMs.min + random.fraction() * (runMs.max - runMs.min));
			ends.push(await parley.stop());
			await parley.start();
		}
		over.abort();
		await Promise.all(callers);
		t.diagnostic(summary(books, ends));
		assert.deepEqual(
			ends.filter(({ code, ms }) => code !== 0 || ms > endMsMax),
			[],
			"every stop ends with code 0 in time",
		);
		assert.deepEqual(books.cut, [], "no request that had left as a whole was cut");
		assert.deepEqual(books.strange, [], "every answer is a yes or 503");
		assert.ok(books.acknowledged.size > restarts * 10, `only ${books.acknowledged.size} webhooks: proves nothing`);
		assert.ok(books.accepted.length > restarts * 5, `only ${books.accepted.length} sends: proves nothing`);
		const witness = { ...books, unclear: new Set<string>() };
		const { api, argv } = parley;
		assert.deepEqual(await brokenInvariants({ api, simulator, service: service.id, argv, witness }), []);
		assert.deepEqual(await messages(api, "state=held"), [], "a graceful stop leaves nothing unclear");
	},
);

test("whatever hangs, the first signal ends the process with code 0 within 15 s", { timeout: 60_000 }, async (t) => {
	const { parley, simulator, service } = await openStage(t, seededRandom(seed));
	const { api } = parley;
	const stream = await api.ask("GET", "/RI/cmi/events", undefined, { accept: "text/event-stream" });
	assert.equal(stream.status, 200);
	const half = halfWebhook(t, service);
	await half.sent;
	const id = await sendThatStalls(parley, simulator, service);
	const { code, ms } = await parley.stop();
	assert.equal(code, 0);
	assert.ok(ms <= endMsMax, `${Math.round(ms)} ms`);
	t.diagnostic(`ended after ${Math.round(ms)} ms`);
	await parley.start();
	const state = async () => (await api.call<MessageObject>("GET", `/RI/cmi/messages/${id}`)).state;
	await until(async () => ((await state()) === "held" ? true : undefined), "the send that hung is held", 30_000);
});

test("a second signal ends the process at once", { timeout: 60_000 }, async (t) => {
	const { parley, simulator, service } = await openStage(t, seededRandom(seed));
	await sendThatStalls(parley, simulator, service);
	const first = parley.stop();
	const readiness = async () => (await fetch(`${parley.opsOrigin()}/readyz`)).text();
	await until(async () => ((await readiness()).includes("told to stop") ? true : undefined), "it says that it stops");
	const isOver = await Promise.race([first.then(() => true), wait(200, false)]);
	assert.equal(isOver, false, "the first signal waits for what is under way");
	const { code, ms } = await parley.stop("SIGINT");
	assert.equal(code, 1);
	assert.ok(ms < 1000, `${Math.round(ms)} ms after the second signal`);
	await first;
});

type Books = {
	offered: Map<string, string>;
	acknowledged: Set<string>;
	accepted: { id: string; key: string; text: string; to: string }[];
	fates: Map<string, number>;
	cut: string[];
	strange: string[];
};

type Stage = { parley: ChildParley; simulator: SinchConversationSimulator; service: ServiceObject; books: Books };

async function openStage(t: TestContext, random: ReturnType<typeof seededRandom>): Promise<Stage> {
	const parley = await childParley(t, ["--lease.ms", "3000"]);
	await parley.start();
	const simulator = await startSinchConversationSimulator({ clock: systemClock, random });
	t.after(() => simulator.close());
	simulator.manners = { ...simulator.manners, again: { everyMs: 50, timesMax: 1000 } };
	const service = await configure(parley.api, simulator, { keepReplyWindow: false, unknownWaitSeconds: 1 });
	const books: Books = {
		offered: new Map(),
		acknowledged: new Set(),
		accepted: [],
		fates: new Map(),
		cut: [],
		strange: [],
	};
	return { parley, simulator, service, books };
}

async function contactTalks(stage: Stage, number: number, over: AbortSignal): Promise<void> {
	const agent = agentOf(number);
	const webhook = webhookCallsOf(stage.simulator, `4915300${String(number).padStart(3, "0")}`);
	for (let count = 1; !over.aborted; count++) {
		const remoteId = `01STOP${number}X${count}`;
		stage.books.offered.set(remoteId, `message ${remoteId}`);
		await untilYes(stage.books, () => ({ ...webhook(stage.service.webhookUrl, remoteId), agent }));
		stage.books.acknowledged.add(remoteId);
	}
	agent.destroy();
}

async function agentSends(stage: Stage, number: number, over: AbortSignal): Promise<void> {
	const { books, parley, service, simulator } = stage;
	const agent = agentOf(number);
	for (let count = 1; !over.aborted; count++) {
		const to = `+4915400${String(number).padStart(3, "0")}`;
		const text = `answer ${number} ${count}`;
		const key = `key-${number}-${count}`;
		const call = sendCall(
			parley.api.origin,
			{ service: service.id, from: simulator.account.ourAddress, to, text },
			key,
		);
		const answer = await untilYes(books, () => ({ ...call, agent }));
		books.accepted.push({ id: (JSON.parse(answer) as MessageObject).id, key, text, to });
	}
	agent.destroy();
}

/** Repeats the call until it is taken; notes what became of each. */
async function untilYes(books: Books, make: () => RawCall): Promise<string> {
	for (;;) {
		const fate = await rawCall(make());
		note(books, fate);
		await wait(pauseMs);
		if (fate.kind === "answered" && fate.status < 300) {
			return fate.text;
		}
	}
}

function note({ fates, cut, strange }: Books, fate: Fate): void {
	const name = fate.kind === "answered" ? `answered ${fate.status}` : fate.kind;
	fates.set(name, (fates.get(name) ?? 0) + 1);
	if (fate.kind === "cut after sending") {
		cut.push(fate.why);
	}
	if (fate.kind === "answered" && fate.status >= 300 && fate.status !== 503) {
		strange.push(`${fate.status}: ${fate.text}`);
	}
}

/** A caller that begins a request and never ends it. */
function halfWebhook(t: TestContext, { webhookUrl }: ServiceObject): { sent: Promise<void> } {
	const { port, pathname } = new URL(webhookUrl);
	const socket = connect(Number(port), "127.0.0.1");
	socket.on("error", () => undefined); // It is cut in the end; that is its part.
	t.after(() => socket.destroy());
	const head = `POST ${pathname} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{`;
	return { sent: new Promise((resolve) => socket.write(head, () => resolve())) };
}

/** @returns the message's id, once the provider has it and does not answer */
async function sendThatStalls({ api }: ChildParley, simulator: Simulator, service: ServiceObject): Promise<string> {
	simulator.manners = { ...simulator.manners, receipts: [] };
	simulator.script = [{ kind: "stall", delayMs: 120_000 }];
	const body = { service: service.id, from: simulator.account.ourAddress, to: "+4915112345", text: "slow" };
	const { id } = await api.call<MessageObject>("POST", "/RI/cmi/messages", body);
	await until(() => (simulator.taken.length === 1 ? true : undefined), "the provider has the message");
	return id;
}

function summary({ acknowledged, accepted, fates }: Books, ends: readonly { ms: number }[]): string {
	const sorted = ends.map(({ ms }) => ms).toSorted((a, b) => a - b);
	return [
		`${acknowledged.size} webhooks acknowledged`,
		`${accepted.length} sends accepted`,
		[...fates].map(([name, count]) => `${name} ${count}`).join(", "),
		`ended after ${Math.round(sorted[Math.floor(sorted.length / 2)] ?? 0)} ms (median), ${Math.round(sorted.at(-1) ?? 0)} ms (longest)`,
	].join(" · ");
}
