// One process of Parley in the simulated world: the real SMS Server and the real Chain Matcher, with everything they get
// from outside handed in here. A crash cuts it off from all of it at once.

import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { startGateway } from "#gateway/start.ts";
import { startMatcher } from "#matcher/start.ts";
import type { Clock } from "#platform/clock.ts";
import { idsFrom, type Ids } from "#platform/ids.ts";
import type { Log, LogFields } from "#platform/log.ts";
import type { Metrics } from "#platform/metrics.ts";
import { Problem } from "#platform/problems.ts";
import type { OutgoingAnswer, OutgoingCall, WayOut } from "#platform/safe-request.ts";
import { lockedSecretBox, type SecretBox } from "#platform/secret-box.ts";
import { type Lane, localSignals, type Signals } from "#storage/signals.ts";
import type { Storage } from "#storage/storage.ts";
import { fileSettings, testMac } from "#test/file-scene.ts";
import { seededRandom } from "#test/scene.ts";
import { storageProblem } from "#rest/storage-problem.ts";
import { publicBaseUrl, type WebhookCall } from "./dialects.ts";
import { faultyStorage, type Life, never } from "./faulty-storage.ts";
import type { Journal } from "./journal.ts";
import type { Buggify } from "./points.ts";
import type { Timeline } from "./timeline.ts";

export type NodeWorld = {
	timeline: Timeline;
	chance: Buggify;
	journal: Journal;
	storage: Storage;
	box: SecretBox;
	pick(max: number): number;
	request(call: OutgoingCall, node: string): Promise<OutgoingAnswer>;
	/** Called once, when the process ended by itself or by a crash. */
	ended(name: string, why: string): void;
};

export type Node = {
	readonly name: string;
	/** Takes webhooks and people's work. */
	readonly isOpen: boolean;
	readonly storage: Storage;
	readonly clock: Clock;
	readonly ids: Ids;
	readonly signals: Signals;
	/** Undefined: no answer will ever come. */
	knock(call: WebhookCall): Promise<number>;
	crash(why: string): void;
	stop(): void;
	/** Nothing of it runs for a while, like a process that got no processor. */
	stall(ms: number): void;
	lock(isLocked: boolean): void;
	skewMs: number;
};

export const startWallMs = Date.parse("2026-01-02T12:00:00.000Z");
export const leaseMs = 20_000;

const settings = {
	publicBaseUrl,
	basePath: "",
	bodyBytesMax: 2_097_152,
	useLocalHttpAuthentication: false,
	retry: { baseMs: 1000, capMs: 900_000 },
	lease: { ms: leaseMs },
	breaker: { failures: 10, probeMs: 30_000 },
	quarantine: { rowsMax: 100, bytesMax: 1_000_000 },
	...fileSettings,
};

export function startNode(world: NodeWorld, name: string, seed: number, skewMs: number): Node {
	const { timeline, chance, journal } = world;
	let isOver = false;
	let isStopping = false;
	let isStarted = false;
	let stalledUntilMs = 0;
	let isLocked = false;
	let lockChanges = 0;
	const startedMs = timeline.nowMs;

	function end(why: string): void {
		if (!isOver) {
			isOver = true;
			journal.note(`${name} ended: ${why}`);
			world.ended(name, why);
		}
	}
	const life: Life = {
		get isOver() {
			return isOver;
		},
		crash: (why) => end(`crash ${why}`),
	};
	/** What comes from outside reaches a process only when it lives and runs. */
	function arrive(run: () => void): void {
		if (isOver) {
			return;
		}
		if (timeline.nowMs < stalledUntilMs) {
			timeline.after(stalledUntilMs - timeline.nowMs, () => arrive(run), "node");
		} else {
			run();
		}
	}
	const node = { skewMs };
	const clock: Clock = {
		now: () => new Date(startWallMs + timeline.nowMs + node.skewMs),
		monotonicMs: () => timeline.nowMs - startedMs,
		after: (delayMs, run) => (isOver ? () => undefined : timeline.after(delayMs, () => arrive(run), "node")),
	};
	const wait = (delayMs: number) => new Promise<void>((resolve) => clock.after(delayMs, resolve));
	const aside = (line: string) => journal.aside(`${name} ${line}`);
	const storage = faultyStorage(world.storage, life, { chance, pick: world.pick, wait, note: aside });
	const signals = lossySignals(life, chance);
	const random = seededRandom(seed);
	const ids = idsFrom(clock, random);
	const wayOut: WayOut = { request: (call) => requestFor(call), close: () => Promise.resolve() };

	async function requestFor(call: OutgoingCall): Promise<OutgoingAnswer> {
		if (call.method === "POST" && !isOver && chance.fires("crash: after the claim, before the send", 0.03)) {
			life.crash("after a claim");
		}
		if (isOver) {
			return never();
		}
		const answer = new Promise<OutgoingAnswer>((resolve) => {
			void world.request(call, name).then((given) => arrive(() => resolve(given)));
		});
		if (call.method === "POST" && chance.fires("crash: after the send, before the answer", 0.03)) {
			clock.after(world.pick(3000), () => life.crash("after a send"));
		}
		if (call.method === "POST" && chance.fires("process: stalled during a send", 0.05)) {
			stalledUntilMs = timeline.nowMs + leaseMs + world.pick(3 * leaseMs);
		}
		const given = await answer;
		if (call.method === "POST" && chance.fires("crash: after the answer, before it is settled", 0.03)) {
			life.crash("after an answer");
		}
		return isOver ? never() : given;
	}

	const log = journalLog(journal, name);
	const door = openDoor();
	const stops: (() => Promise<void>)[] = [];
	async function start(): Promise<void> {
		const deps = { storage, signals, clock, random, ids, log };
		const gateway = await startGateway(door.app, {
			...deps,
			metrics: noMetrics,
			wayOut,
			lineOut: { open: () => Promise.resolve({ ok: false, why: "refused" }), answerTimeoutMs: 1000 },
			box: () => (isLocked ? lockedSecretBox() : world.box),
			boxVersion: () => String(lockChanges),
			mac: testMac,
			identity: { checkHttpUser: () => Promise.resolve({ ok: true, userId: "U" }) },
			settings,
		});
		const matcher = startMatcher({ ...deps, settings: { leaseMs } });
		stops.push(
			() => gateway.stop(),
			() => matcher.stop(),
		);
		isStarted = true;
		journal.note(`${name} started`);
	}
	void start().catch((error: unknown) => end(`cannot start: ${(error as Error).message}`));

	return {
		name,
		storage,
		clock,
		ids,
		signals,
		get isOpen() {
			return isStarted && !isOver && !isStopping;
		},
		get skewMs() {
			return node.skewMs;
		},
		set skewMs(ms) {
			node.skewMs = ms;
		},
		knock: (call) =>
			new Promise<number>((resolve) => {
				arrive(() => void door.knock(call).then((status) => arrive(() => resolve(status))));
			}),
		crash: life.crash,
		stop() {
			isStopping = true;
			void Promise.all(stops.map((stop) => stop())).then(() => end("stopped"));
		},
		stall(ms) {
			stalledUntilMs = Math.max(stalledUntilMs, timeline.nowMs + ms);
		},
		lock(locked) {
			isLocked = locked;
			lockChanges += 1;
		},
	};
}

function lossySignals(life: Life, chance: Buggify): Signals {
	const signals = localSignals();
	return {
		nudge(lane: Lane) {
			if (!life.isOver && !chance.fires("process: a signal is lost", 0.3)) {
				signals.nudge(lane);
			}
		},
		listen: (lane, run) => signals.listen(lane, run),
	};
}

function journalLog(journal: Journal, name: string): Log {
	const note = (text: string, fields?: LogFields) =>
		journal.aside(`${name} log: ${text}${fields?.error === undefined ? "" : ` (${fields.error.message})`}`);
	return { debug: () => undefined, info: () => undefined, warn: note, error: note };
}

/** Whatever is counted, nobody looks: every call is one that does nothing. */
const noMetrics = new Proxy({}, { get: () => () => undefined }) as Metrics;

type Door = { app: FastifyInstance; knock(call: WebhookCall): Promise<number> };
type Take = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;

/**
 * Stands where the HTTP server stands and hands requests to the SMS Server's own route: everything behind the sockets is
 * the real thing, and nothing waits for streams.
 */
function openDoor(): Door {
	let take: Take | undefined;
	const scope = {
		removeAllContentTypeParsers: () => undefined,
		addContentTypeParser: () => undefined,
		addHook: () => undefined,
		route: (options: { url: string; handler: Take }) => {
			take = options.url === "/sms/:type/:selector" ? options.handler : take;
		},
		register(plugin: (scope: unknown, options: object, done: () => void) => void) {
			return new Promise<void>((resolve) => plugin(scope, {}, resolve));
		},
	};
	return {
		app: scope as unknown as FastifyInstance,
		async knock({ path, headers, body }) {
			const [, , type, selector] = path.split("?")[0]?.split("/") ?? [];
			const request = {
				params: { type, selector },
				ip: "192.0.2.1",
				method: "POST",
				body: Buffer.from(body),
				raw: { url: path, rawHeaders: Object.entries(headers).flat() },
			};
			const answer = replyTo();
			try {
				await take?.(request as unknown as FastifyRequest, answer.reply);
				return answer.status();
			} catch (error) {
				return (error instanceof Problem ? error : storageProblem(error))?.status ?? 500;
			}
		},
	};
}

function replyTo(): { reply: FastifyReply; status(): number } {
	let status = 200;
	const reply = {
		code(given: number) {
			status = given;
			return reply;
		},
		headers: () => reply,
		header: () => reply,
		type: () => reply,
		send: () => reply,
	};
	return { reply: reply as unknown as FastifyReply, status: () => status };
}
