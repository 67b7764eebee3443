// Goal (R13): two nodes of one installation are restarted one after the other under load, and no call fails for a caller who
// repeats it once at the other node. `--rounds 100 --seed 7` runs more.
// Method: two processes on one PostgreSQL and one key ring, under about 100 calls a second that go to them in turn: signed
// webhooks, and sends with an Idempotency-Key to a provider who takes his time. What is refused, cut off or answered 503 is
// repeated once at the other node; now and then also what was answered, as after an answer that got lost. A node is
// stopped once the other one says that it is ready. At the end the invariants, and nothing held.

import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { systemClock } from "#platform/clock.ts";
import { type SinchConversationSimulator, startSinchConversationSimulator } from "#simulators/sinchconversation.ts";
import { numberFlag, seedFlag } from "#test/flags.ts";
import { brokenInvariants, type Witness } from "#test/invariants.ts";
import {
	type ChildParley,
	childParley,
	configure,
	type MessageObject,
	messages,
	type ServiceObject,
	until,
} from "#test/parley.ts";
import { testServer } from "#test/postgres.ts";
import { seededRandom } from "#test/scene.ts";
import { agentOf, type Call, sendCall, webhookCallsOf } from "./calls.ts";
import { type Fate, rawCall } from "./raw-call.ts";

const seed = seedFlag();
const rounds = numberFlag("rounds", 3);
const endMsMax = 15_000;
const contactCount = 9;
const agentCount = 5;
const pauseMs = 120; // Of each caller, between two calls: together about 100 a second.
const againEvery = 10; // Of the calls that were answered.
const lanesPerAgent = 4; // Receivers that an agent writes to in turn: one slow send does not stop the next.
const runMs = { min: 300, max: 900 };
const stalls = { count: 40, delayMs: 150 }; // Under way at every stop, and answered before the time to drain is over.

test(
	`two nodes restarted in turn under load, ${rounds} rounds (seed ${seed})`,
	{ timeout: 120_000 + rounds * 40_000 },
	async (t) => {
		const server = await testServer();
		if (!server.ok) {
			t.skip(server.reason);
			return;
		}
		const random = seededRandom(seed);
		const stage = await openStage(t, random, await server.freshDatabase());
		const { nodes, simulator, service, books } = stage;
		const over = new AbortController();
		const callers = [
			...Array.from({ length: contactCount }, (_, number) => contactTalks(stage, number, over.signal)),
			...Array.from({ length: agentCount }, (_, number) => agentSends(stage, number, over.signal)),
		];
		const ends: { code: number | null; ms: number }[] = [];
		for (let stop = 0; stop < rounds * nodes.length; stop++) {
			simulator.script = Array.from({ length: stalls.count }, () => ({ kind: "stall", delayMs: stalls.delayMs }));
			await wait(runMs.min + random.fraction() * (runMs.max - runMs.min));
			ends.push(await restart(stage, stop));
		}
		over.abort();
		await Promise.all(callers);
		t.diagnostic(summary(books, ends));
		assert.deepEqual(
			ends.filter(({ code, ms }) => code !== 0 || ms > endMsMax),
			[],
			"every stop ends with code 0 in time",
		);
		assert.deepEqual(books.failed, [], "no call failed that was repeated once");
		assert.deepEqual(books.cut, [], "no request that had left as a whole was cut");
		assert.deepEqual(books.differing, [], "I8: the same answer from the other node, byte for byte");
		assertLoad(books);
		const [{ api, argv }] = nodes;
		const witness = { ...books, unclear: new Set<string>() };
		assert.deepEqual(await brokenInvariants({ api, simulator, service: service.id, argv, witness }), []);
		assert.deepEqual(await messages(api, "state=held"), [], "a graceful stop leaves nothing unclear");
	},
);

type Books = Required<Pick<Witness, "offered">> & {
	acknowledged: Set<string>;
	accepted: { id: string; key: string; text: string; to: string }[];
	/** How often each came, of the first try and of the repetition. */
	fates: Map<string, number>;
	failed: string[];
	cut: string[];
	differing: string[];
	/** Calls that each node said yes to. */
	taken: [number, number];
};

type Stage = {
	nodes: readonly [ChildParley, ChildParley];
	simulator: SinchConversationSimulator;
	service: ServiceObject;
	books: Books & { offered: Map<string, string> };
};

async function openStage(t: TestContext, random: ReturnType<typeof seededRandom>, database: string): Promise<Stage> {
	const argv = ["--lease.ms", "3000", "--database", database];
	const first = await childParley(t, argv);
	await first.start();
	const simulator = await startSinchConversationSimulator({ clock: systemClock, random });
	t.after(() => simulator.close());
	simulator.manners = { ...simulator.manners, again: { everyMs: 50, timesMax: 1000 } };
	const service = await configure(first.api, simulator, {
		keepReplyWindow: false,
		unknownWaitSeconds: 1,
		sendsPerSecond: 500,
	});
	const second = await childParley(t, argv, first);
	await second.start();
	const books: Stage["books"] = {
		offered: new Map(),
		acknowledged: new Set(),
		accepted: [],
		fates: new Map(),
		failed: [],
		cut: [],
		differing: [],
		taken: [0, 0],
	};
	return { nodes: [first, second], simulator, service, books };
}

/** The one whose turn it is; receipts go to the other one meanwhile. */
async function restart({ nodes, simulator, service }: Stage, stop: number) {
	const [node, other] = stop % 2 === 0 ? nodes : [nodes[1], nodes[0]];
	await until(async () => ((await isReady(other)) ? true : undefined), "the other node is ready");
	simulator.pointAt(webhookUrlAt(other, service));
	const end = await node.stop();
	await node.start();
	return end;
}

async function isReady(node: ChildParley): Promise<boolean> {
	const answer = await fetch(`${node.opsOrigin()}/readyz`);
	await answer.body?.cancel();
	return answer.ok;
}

function webhookUrlAt({ api }: ChildParley, { webhookUrl }: ServiceObject): string {
	return `${api.origin}${new URL(webhookUrl).pathname}`;
}

async function contactTalks(stage: Stage, number: number, over: AbortSignal): Promise<void> {
	const { books, simulator, service } = stage;
	const webhook = webhookCallsOf(simulator, `4915300${String(number).padStart(3, "0")}`);
	const ask = askerOf(stage, number);
	for (let count = 1; !over.aborted; count++) {
		const remoteId = `01ROLL${number}X${count}`;
		books.offered.set(remoteId, `message ${remoteId}`);
		const make = (node: ChildParley) => webhook(webhookUrlAt(node, service), remoteId);
		if ((await ask.once(make)) !== undefined) {
			books.acknowledged.add(remoteId);
		}
		await wait(pauseMs);
	}
	ask.end();
}

async function agentSends(stage: Stage, number: number, over: AbortSignal): Promise<void> {
	const { books, simulator, service } = stage;
	const ask = askerOf(stage, number);
	for (let count = 1; !over.aborted; count++) {
		const to = `+4915400${String(number * lanesPerAgent + (count % lanesPerAgent)).padStart(3, "0")}`;
		const text = `answer ${number} ${count}`;
		const key = `key-${number}-${count}`;
		const message = { service: service.id, from: simulator.account.ourAddress, to, text };
		const answer = await ask.once(({ api }) => sendCall(api.origin, message, key));
		if (answer !== undefined) {
			books.accepted.push({ id: (JSON.parse(answer) as MessageObject).id, key, text, to });
		}
		await wait(pauseMs);
	}
	ask.end();
}

type MakeCall = (node: ChildParley) => Call;
/** `once`: the text of the yes, which may be the other node's; undefined where there was none. */
type Asker = { once(make: MakeCall): Promise<string | undefined>; end(): void };

/** A caller with a connection to each node, who begins with the one and the other in turn. */
function askerOf(stage: Stage, number: number): Asker {
	const agent = agentOf(number);
	const { books, nodes } = stage;
	let calls = number;

	async function ask(place: 0 | 1, make: MakeCall, which: string): Promise<Fate> {
		const fate = await rawCall({ ...make(nodes[place]), agent });
		note(books, fate, which);
		books.taken[place] += isYes(fate) ? 1 : 0;
		return fate;
	}

	return {
		async once(make) {
			calls += 1;
			const [place, other] = calls % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const);
			const first = await ask(place, make, "at first");
			const isAgain = isYes(first) && Math.floor(calls / 2) % againEvery === 0;
			const last = mayRepeat(first) || isAgain ? await ask(other, make, "repeated") : first;
			if (isAgain && mayRepeat(last)) {
				return textOf(first); // The other one does not run; the answer is there already.
			}
			if (!isYes(last)) {
				books.failed.push([...new Set([first, last])].map(inWords).join(", then "));
			} else if (isAgain && textOf(first) !== textOf(last)) {
				books.differing.push(`${textOf(first)} – ${textOf(last)}`);
			}
			return isYes(last) ? textOf(last) : undefined;
		},
		end: () => agent.destroy(),
	};
}

function isYes(fate: Fate): boolean {
	return fate.kind === "answered" && fate.status < 300;
}

/** Every other answer is one that a caller takes for the last word. */
function mayRepeat(fate: Fate): boolean {
	return fate.kind !== "answered" || fate.status === 503;
}

function textOf(fate: Fate): string {
	return fate.kind === "answered" ? fate.text : "";
}

function inWords(fate: Fate): string {
	return fate.kind === "answered" ? `${fate.status} ${fate.text}` : fate.kind;
}

function note({ fates, cut }: Books, fate: Fate, which: string): void {
	const name = `${which} ${fate.kind === "answered" ? fate.status : fate.kind}`;
	fates.set(name, (fates.get(name) ?? 0) + 1);
	if (fate.kind === "cut after sending") {
		cut.push(fate.why);
	}
}

/** With less of it nothing is proved: calls to both nodes, and stops that callers noticed. */
function assertLoad({ acknowledged, accepted, taken, fates }: Books): void {
	assert.ok(acknowledged.size > rounds * 40, `only ${acknowledged.size} webhooks`);
	assert.ok(accepted.length > rounds * 20, `only ${accepted.length} sends`);
	assert.ok(Math.min(...taken) > rounds * 20, `a node took only ${Math.min(...taken)} calls`);
	const turnedAway = (fates.get("at first 503") ?? 0) + (fates.get("at first refused") ?? 0);
	assert.ok(turnedAway > rounds * 5, `only ${turnedAway} calls met a node that did not run`);
}

function summary({ acknowledged, accepted, fates, taken }: Books, ends: readonly { ms: number }[]): string {
	const sorted = ends.map(({ ms }) => ms).toSorted((a, b) => a - b);
	return [
		`${acknowledged.size} webhooks acknowledged`,
		`${accepted.length} sends accepted`,
		`taken by each node ${taken.join(" and ")}`,
		[...fates].map(([name, count]) => `${name} ${count}`).join(", "),
		`ended after ${Math.round(sorted[Math.floor(sorted.length / 2)] ?? 0)} ms (median), ${Math.round(sorted.at(-1) ?? 0)} ms (longest)`,
	].join(" · ");
}
