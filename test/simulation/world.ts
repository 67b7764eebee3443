// One simulated world: a database, one or two processes of Parley, two providers, contacts and people, for hours to days
// of virtual time. Everything follows from the seed.

import { seededRandom } from "#test/scene.ts";
import { secretBox } from "#platform/secret-box.ts";
import { checkFence, openJudge } from "./invariants.ts";
import { openJournal } from "./journal.ts";
import { type Node, type NodeWorld, startNode, startWallMs } from "./node.ts";
import { askToSend, closeOne, decideOne, type PeopleWorld } from "./people.ts";
import { buggify, type Point } from "./points.ts";
import { openProvider, type Provider } from "./provider.ts";
import { addServices } from "./services.ts";
import { openTimeline, type Timeline } from "./timeline.ts";
import { openWatchedStorage } from "./witness.ts";

export type Outcome = {
	seed: number;
	hash: string;
	violation: string | undefined;
	last: readonly string[];
	lines: number;
	virtualMs: number;
	fired: ReadonlyMap<Point, number>;
	sends: number;
	written: number;
};

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const pollsTried = 20; // One of each worker of two processes.

export async function runWorld(seed: number, show?: (line: string) => void): Promise<Outcome> {
	const timeline = openTimeline();
	try {
		return await live(seed, timeline, show);
	} finally {
		timeline.close();
	}
}

async function live(seed: number, timeline: Timeline, show: ((line: string) => void) | undefined): Promise<Outcome> {
	const random = seededRandom(seed);
	const pick = (max: number) => Math.floor(random.fraction() * max);
	const chance = buggify(seededRandom(seed ^ 0x5eed));
	const journal = openJournal(() => timeline.nowMs, show);
	const { storage, witness } = await openWatchedStorage((moves) => checkFence(moves, journal));
	const box = secretBox(new Map([["d1", new Uint8Array(32).fill(1)]]), "d1", random);
	const horizonMs = [hourMs, 6 * hourMs, 24 * hourMs, 72 * hourMs][pick(4)] ?? hourMs;
	const ttlMs = [5, 60, 1440][pick(3)] ?? 60;
	const unknownWaitMs = [5000, 60_000, 300_000][pick(3)] ?? 60_000;
	const services = await addServices(storage, box, {
		random,
		pick,
		unknownWaitSeconds: unknownWaitMs / 1000,
	});
	let clocksWereRight = true;
	const policies = new Map(services.map(({ account, policy }) => [account, policy]));
	const judge = openJudge({
		timeline,
		witness,
		journal,
		clocksWereRight: () => clocksWereRight,
		policyOf: (account) => policies.get(account) ?? "hold",
	});

	// --- processes

	const nodes = new Set<Node>();
	let started = 0;
	let isCalm = false;
	let isClosing = false;
	const openNodes = () => [...nodes].filter(({ isOpen }) => isOpen);
	const anyNode = (): Node | undefined => {
		const open = openNodes();
		return open[pick(open.length)];
	};
	const later = (ms: number, run: () => void) => void timeline.after(ms, run, "world");
	const providerWorld = { timeline, chance, journal, pick, anyNode, ...judge };
	const providers: Provider[] = services.map(({ account }) => openProvider(account, providerWorld));
	const nodeWorld: NodeWorld = {
		timeline,
		chance,
		journal,
		storage,
		box,
		pick,
		request: (call, node) => providerAt(call.url).request(call, node),
		ended(name) {
			for (const node of nodes) {
				if (node.name === name) {
					nodes.delete(node);
				}
			}
			if (!isClosing) {
				later(downtimeMs(), boot);
			}
		},
	};
	function providerAt(url: string): Provider {
		const found = providers.find(({ account }) => url.startsWith(new URL(account.serviceConnection).origin));
		if (found === undefined) {
			throw new Error(`There is no provider at ${url}.`);
		}
		return found;
	}
	function downtimeMs(): number {
		if (isCalm) {
			return 1000;
		}
		return chance.fires("process: down for long", 0.2) ? 10 * minuteMs + pick(2 * hourMs) : 500 + pick(20_000);
	}
	function boot(): void {
		started += 1;
		const disagrees = chance.fires("clock: two processes disagree", 0.3);
		clocksWereRight &&= !disagrees;
		const skewMs = disagrees ? pick(10 * minuteMs) - 5 * minuteMs : 0;
		nodes.add(startNode(nodeWorld, `n${started}`, seed * 1009 + started, skewMs));
	}

	// --- what happens

	let last: readonly string[] = [];
	const people: PeopleWorld = { timeline, journal, witness, judge, ttlMs: ttlMs * minuteMs };
	let wishes = 0;
	function act(): void {
		const provider = providers[pick(providers.length)];
		const contact = provider?.account.contacts[pick(provider.account.contacts.length)];
		if (provider === undefined || contact === undefined) {
			return;
		}
		const node = anyNode();
		const what = pick(10);
		if (what < 4) {
			provider.write(contact);
		} else if (node !== undefined) {
			wishes += 1;
			askToSend(
				node,
				{ account: provider.account, contact, number: wishes, parts: 1 + (pick(4) === 0 ? pick(3) : 0) },
				people,
			);
		}
	}
	const jumpClocks = (ms: number) => {
		clocksWereRight = false;
		for (const node of nodes) {
			node.skewMs = ms;
		}
	};
	const mishaps: readonly (readonly [Point, (node: Node, provider: Provider) => void])[] = [
		["crash: at any moment", (node) => node.crash("at some moment")],
		["process: graceful restart", (node) => node.stop()],
		["process: stalled longer than a lease", (node) => node.stall(minuteMs + pick(minuteMs))],
		["clock: an hour forward", () => jumpClocks(hourMs)],
		["clock: an hour back", () => jumpClocks(-hourMs)],
		[
			"key ring: locked for a while",
			(node) => {
				node.lock(true);
				later(pick(20 * minuteMs), () => node.lock(false));
			},
		],
		["send: outage of the provider", (_node, provider) => provider.beginOutage(pick(2 * hourMs))],
		["send: 401 for a while", (_node, provider) => provider.refuseCredentials(pick(10 * minuteMs))],
		["person: closes the conversation", (node) => closeOne(node, pick(100), people)],
		["person: sends a held message again", (node) => decideOne(node, "send", people)],
		["person: gives a held message up", (node) => decideOne(node, "giveUp", people)],
	];
	function mishap(): void {
		const [point, strike] = mishaps[pick(mishaps.length)] ?? [];
		const node = anyNode();
		const provider = providers[pick(providers.length)];
		if (point !== undefined && node !== undefined && provider !== undefined && chance.fires(point, 1)) {
			journal.note(`mishap ${point}`);
			strike?.(node, provider);
		}
	}
	function plan(): void {
		for (const provider of providers) {
			for (const contact of provider.account.contacts) {
				later(2000 + pick(5000), () => provider.write(contact));
			}
		}
		for (let burst = 0, bursts = 2 + pick(5); burst < bursts; burst++) {
			const burstMs = 8000 + pick(horizonMs);
			for (let count = 3 + pick(12); count > 0; count--) {
				later(burstMs + pick(pick(2) === 0 ? 2000 : minuteMs), act);
			}
			for (let count = 4 + pick(6); count > 0; count--) {
				later(burstMs + pick(pick(2) === 0 ? 30_000 : 10 * minuteMs), mishap);
			}
		}
	}

	// --- time

	let idle = 0;
	let seen = "";
	/**
	 * Where nothing stored is due, time leaps to what falls due or to the world's next event: the polls between would find
	 * nothing. Where something is due and waits (for a poll, a pause to end), every timer counts, until nothing came of many.
	 */
	function nextMs(): number | undefined {
		const soonestMs = timeline.nextDueMs("any");
		const state = `${witness.changes()} ${journal.deeds}`;
		idle = state === seen ? idle + 1 : 0;
		seen = state;
		if (soonestMs === undefined) {
			return undefined;
		}
		const wallMs = startWallMs + ([...nodes][0]?.skewMs ?? 0);
		const due = witness.due(wallMs + timeline.nowMs, unknownWaitMs);
		if (due.isWaiting && idle < pollsTried) {
			return soonestMs;
		}
		const isBusy = providers.some(({ underWay }) => underWay > 0);
		const waitingMs = 250 * 2 ** Math.min(idle - pollsTried, 7);
		const stepMs = Math.min(due.isWaiting ? waitingMs : 10 * minuteMs, isBusy ? 3000 : Infinity);
		const dueMs = due.nextMs === undefined ? Infinity : due.nextMs - wallMs;
		return Math.max(soonestMs, Math.min(timeline.nowMs + stepMs, dueMs, timeline.nextDueMs("world") ?? Infinity));
	}
	function isQuiet(): boolean {
		const left = witness.rows(
			`SELECT (SELECT count(*) FROM outbox WHERE state IN (3, 4) OR lease_until > ?) + (SELECT count(*) FROM inbox
			WHERE state IN ('received', 'waiting')) AS n`,
			startWallMs + timeline.nowMs,
		);
		const isHeard = providers.every(({ pending, underWay }) => pending === 0 && underWay === 0);
		return isHeard && left[0]?.["n"] === 0 && timeline.nextDueMs("world") === undefined && openNodes().length > 0;
	}
	function becalm(): void {
		isCalm = true;
		journal.note("calm");
		chance.calm();
		for (const provider of providers) {
			provider.beginOutage(0);
			provider.refuseCredentials(0);
		}
		for (const node of nodes) {
			node.lock(false);
			node.skewMs = 0;
		}
	}
	async function run(): Promise<void> {
		boot();
		if (chance.fires("process: two on one database", 1)) {
			boot();
		}
		plan();
		const calmMs = horizonMs + 11 * minuteMs;
		later(calmMs, becalm);
		const endMs = calmMs + 2 * ttlMs * minuteMs + 6 * hourMs;
		while (journal.violation === undefined) {
			await timeline.untilQuiet();
			judge.afterStep();
			const next = nextMs();
			if (isCalm && isQuiet()) {
				judge.atTheEnd(providers);
				return;
			}
			if (next === undefined || next > endMs) {
				journal.violated("the world does not come to rest");
				return;
			}
			await timeline.moveTo(next);
		}
	}
	try {
		await run();
		last = [...journal.last];
		for (const table of dumped) {
			for (const row of witness.rows(`SELECT * FROM ${table} ORDER BY rowid`)) {
				journal.note(JSON.stringify(row));
			}
		}
	} finally {
		isClosing = true;
		for (const node of nodes) {
			node.crash("end of the world");
		}
		await timeline.untilQuiet();
		await storage.close();
	}
	return toOutcome();

	function toOutcome(): Outcome {
		return {
			seed,
			hash: journal.hash(),
			violation: journal.violation,
			last,
			lines: journal.lines,
			virtualMs: timeline.nowMs,
			fired: chance.fired,
			sends: providers.reduce((sum, { sends }) => sum + sends.length, 0),
			written: providers.reduce((sum, { written }) => sum + written.length, 0),
		};
	}
}

const dumped = ["messages", "outbox", "attempts", "inbox", "conversations", "receipts", "remote_ids", "events"];
