// Goal (R1): kill −9 at any moment loses nothing that was acknowledged, shows nothing twice, and sends nothing twice but what
// was unclear, marked; Parley is ready again within seconds. `npm run test:r1 -- --cycles 1000 --seed 7` runs more.
// Method: the program as a process of its own under 32 callers, killed at seeded moments, every fifth time at a moment named
// by the simulator: a webhook's headers or body have left, its answer began, a send was heard, is being answered, was
// answered. Providers and callers repeat what got no answer, and some of what did. Two services: one whose provider sends
// receipts and whose unclear sends are held, one whose provider is silent and whose unclear sends are repeated. At the end
// of each round the invariants I1–I10.

import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { systemClock } from "#platform/clock.ts";
import type { Random } from "#platform/random.ts";
import { type Moment, moments, type Simulator } from "#simulators/simulator.ts";
import { startSinchConversationSimulator } from "#simulators/sinchconversation.ts";
import { numberFlag, seedFlag } from "#test/flags.ts";
import { brokenInvariants } from "#test/invariants.ts";
import { type ChildParley, childParley, strangerWith } from "#test/parley.ts";
import { testServer } from "#test/postgres.ts";
import { seededRandom } from "#test/scene.ts";
import { openSide, type Power, type Side } from "./side.ts";

const seed = seedFlag();
const cyclesPerRound = 100; // Then a new database: what a round has to remember stays small.
const killMs = { min: 50, max: 1500 };
const aimedEvery = 5;
const aimTimeMs = 5000; // A moment that does not come by then is not waited for.
const readyMsMax = 10_000;

function kill9(name: string, cycles: number, extra: (t: TestContext) => Promise<readonly string[] | undefined>): void {
	for (let first = 0, round = 1; first < cycles; first += cyclesPerRound, round++) {
		const count = Math.min(cyclesPerRound, cycles - first);
		const roundSeed = seed + round - 1;
		test(`kill −9, ${count} times (${name}, seed ${roundSeed})`, { timeout: 120_000 + count * 10_000 }, async (t) => {
			const argv = await extra(t);
			if (argv !== undefined) {
				await killAgainAndAgain(t, { count, random: seededRandom(roundSeed), argv });
			}
		});
	}
}

kill9("sqlite", numberFlag("cycles", 30), () => Promise.resolve([]));
kill9("postgres", numberFlag("postgres-cycles", 5), async (t) => {
	const server = await testServer();
	if (server.ok) {
		return ["--database", await server.freshDatabase()];
	}
	t.skip(server.reason);
	return undefined;
});

type Round = { count: number; random: Random; argv: readonly string[] };

async function killAgainAndAgain(t: TestContext, { count, random, argv }: Round): Promise<void> {
	const parley = await childParley(t, ["--lease.ms", "2000", ...argv]);
	const kills: Kill[] = [];
	const readyMs: number[] = [];
	// Where the machine is busy with other things, the first start, on an empty database, is the measure.
	const limitMs = Math.max(readyMsMax, 3 * (await parley.start()));
	const power: Power = { starts: 1, isUp: Promise.resolve() };
	const sides = await openSides(t, parley, { random, power });
	for (let cycle = 0; cycle < count; cycle++) {
		const kill =
			cycle % aimedEvery === aimedEvery - 1
				? await killAt(parley, sides, nextMoment(kills), random)
				: await killAfter(parley, killMs.min + random.fraction() * (killMs.max - killMs.min));
		kills.push(kill);
		const start = parley.start();
		power.isUp = start.then(() => undefined);
		readyMs.push(await start);
		kill.upAt = systemClock.now();
		power.starts += 1;
	}
	await Promise.all(sides.map((side) => side.finish()));
	t.diagnostic(summary(sides, kills, readyMs));
	const [told, silent] = sides;
	for (const [side, other] of [
		[told, silent],
		[silent, told],
	] as const) {
		const { witness, simulator, service } = side;
		const foreign = await strangerWith(parley.api, other.service);
		const unclear = unclearSends(side, kills);
		const world = { api: parley.api, simulator, service, foreign, argv: parley.argv };
		assert.deepEqual(await brokenInvariants({ ...world, witness: { ...witness, unclear } }), []);
		assert.deepEqual(side.differing, [], "I8: the same answer, byte for byte");
		assert.deepEqual(simulator.refusals, [], "every send was well-formed");
		assert.ok(witness.acknowledged.size > count * 2, `only ${witness.acknowledged.size} webhooks: proves nothing`);
		assert.ok(witness.accepted.length > count, `only ${witness.accepted.length} sends: proves nothing`);
	}
	assert.ok(Math.max(...readyMs) <= limitMs, `ready after ${Math.max(...readyMs)} ms`);
}

async function openSides(
	t: TestContext,
	parley: ChildParley,
	{ random, power }: { random: Random; power: Power },
): Promise<[Side, Side]> {
	const common = { contacts: 11, agents: 5, power };
	const settings = { unknownWaitSeconds: 1, sendsPerSecond: 500 };
	async function open(
		{ name, prefix, unknownOutcome }: { name: string; prefix: string; unknownOutcome: string },
		manners: Partial<Simulator["manners"]>,
	): Promise<Side> {
		const simulator = await startSinchConversationSimulator({ clock: systemClock, random });
		t.after(() => simulator.close());
		simulator.manners = { ...simulator.manners, ...manners };
		return openSide(parley.api, simulator, { ...common, name, prefix, settings: { ...settings, unknownOutcome } });
	}
	const told = { name: "TOLD", prefix: "+4915100", unknownOutcome: "hold" };
	const silent = { name: "SILENT", prefix: "+4915200", unknownOutcome: "resend" };
	return [await open(told, { again: { everyMs: 250, timesMax: 1000 } }), await open(silent, { receipts: [] })];
}

/** `moment` undefined: at a random time. `upAt`: when Parley was ready again. */
type Kill = { moment: Moment | undefined; at: Date; upAt: Date };

async function killAfter(parley: ChildParley, delayMs: number): Promise<Kill> {
	await wait(delayMs);
	const at = systemClock.now();
	await parley.kill();
	return { moment: undefined, at, upAt: at };
}

/** One moment after the other, so that thirty cycles have aimed at each of them. */
function nextMoment(kills: readonly Kill[]): Moment {
	return moments[Math.floor(kills.length / aimedEvery) % moments.length] ?? moments[0];
}

/** At one of the next times that the moment comes, in the very call that tells of it. */
async function killAt(parley: ChildParley, sides: readonly Side[], aim: Moment, random: Random): Promise<Kill> {
	let left = 1 + Math.floor(random.fraction() * 20);
	const hit = new Promise<Kill>((resolve) => {
		const onMoment = (moment: Moment) => {
			left -= moment === aim ? 1 : 0;
			if (left === 0 && moment === aim) {
				const at = systemClock.now();
				void parley.kill().then(() => resolve({ moment, at, upAt: at }));
			}
		};
		sides.forEach(({ simulator }) => (simulator.onMoment = onMoment));
	});
	const late = new AbortController();
	const missed = wait(aimTimeMs, undefined, { signal: late.signal }).then(
		() => killAfter(parley, 0),
		() => hit,
	);
	const kill = await Promise.race([hit, missed]);
	late.abort();
	sides.forEach(({ simulator }) => (simulator.onMoment = undefined));
	return kill;
}

/**
 * Sends that a provider took more than once, each time but the last before a kill: or just after it, for what the dead
 * process had sent is read by the provider a little later.
 */
function unclearSends({ simulator, witness }: Side, kills: readonly Kill[]): ReadonlySet<string> {
	const idOf = new Map(witness.accepted.map(({ id, text }) => [text, id]));
	const times = Map.groupBy(simulator.taken, ({ text }) => text);
	const unclear = [...times].filter(([, all]) =>
		all.slice(1).every((next, index) => {
			const before = all[index]?.at ?? next.at;
			return kills.some(({ at, upAt }) => before <= upAt && at <= next.at);
		}),
	);
	return new Set(unclear.flatMap(([text]) => idOf.get(text) ?? []));
}

function summary(sides: readonly Side[], kills: readonly Kill[], readyMs: readonly number[]): string {
	const sum = (count: (side: Side) => number) => sides.reduce((total, side) => total + count(side), 0);
	const byMoment = Map.groupBy(kills, ({ moment }) => moment ?? "at random");
	const sorted = readyMs.toSorted((a, b) => a - b);
	const quantile = (share: number) => Math.round(sorted[Math.ceil(sorted.length * share) - 1] ?? 0);
	const repeated = sum(({ simulator: { taken } }) => taken.length - new Set(taken.map(({ text }) => text)).size);
	return [
		`${sum(({ witness }) => witness.acknowledged.size)} webhooks acknowledged`,
		`${sum(({ witness }) => new Set(witness.accepted.map(({ id }) => id)).size)} sends accepted`,
		`${sum(({ simulator }) => simulator.taken.length)} taken, ${repeated} of them repetitions`,
		`kills: ${[...byMoment].map(([moment, all]) => `${moment} ${all.length}`).join(", ")}`,
		`ready again after ${quantile(0.5)} ms (median), ${quantile(0.99)} ms (p99)`,
	].join(" · ");
}
