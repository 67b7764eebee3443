// What becomes of one send at the provider: whether and when it is taken, what is answered and when. The answer and the
// truth may differ only where a real provider's may: a 429, a 401 or a 4xx never took anything.

import type { OutgoingAnswer } from "#platform/safe-request.ts";
import { answered } from "./dialects.ts";
import { startWallMs } from "./node.ts";
import type { Buggify, Point } from "./points.ts";
import type { Timeline } from "./timeline.ts";

export type ProviderMood = { outageUntilMs: number; credentialsRefusedUntilMs: number };

export type Fate = {
	name: string;
	/** Undefined: never. */
	takenAfterMs: number | undefined;
	answerAfterMs: number;
	/** Undefined: what an acceptance looks like. */
	answer: OutgoingAnswer | undefined;
	/** Its receipts come before the answer. */
	isTold: boolean;
};

export type FateWorld = { timeline: Timeline; chance: Buggify; pick(max: number): number };

const firstByteTimeoutMs = 15_000;
const timeout: OutgoingAnswer = { kind: "unclear", why: "timeout" };
const reset: OutgoingAnswer = { kind: "unclear", why: "reset" };
const refused: OutgoingAnswer = { kind: "notSent", why: "refused" };

type Maker = (world: FateWorld) => Omit<Fate, "name" | "isTold">;

const soon = ({ pick }: FateWorld) => 5 + pick(400);
const notTaken =
	(answer: OutgoingAnswer): Maker =>
	(world) => ({ takenAfterMs: undefined, answerAfterMs: soon(world), answer });
const takenBut =
	(answer: OutgoingAnswer): Maker =>
	(world) => ({ takenAfterMs: 2, answerAfterMs: soon(world), answer });

/** Each with how often it happens at most. */
const makers: readonly (readonly [Point, number, Maker])[] = [
	["send: connection refused", 0.12, notTaken(refused)],
	["send: reset before it was taken", 0.08, notTaken(reset)],
	["send: reset after it was taken", 0.08, takenBut(reset)],
	[
		"send: no answer, not taken",
		0.06,
		() => ({ takenAfterMs: undefined, answerAfterMs: firstByteTimeoutMs, answer: timeout }),
	],
	[
		"send: no answer, but taken",
		0.06,
		() => ({ takenAfterMs: 500, answerAfterMs: firstByteTimeoutMs, answer: timeout }),
	],
	[
		"send: taken after our time-out",
		0.06,
		({ pick }) => ({
			takenAfterMs: firstByteTimeoutMs + 1 + pick(120_000),
			answerAfterMs: firstByteTimeoutMs,
			answer: timeout,
		}),
	],
	[
		"send: 429 with seconds",
		0.06,
		(world) => notTaken(answered(429, {}, { "retry-after": String(1 + world.pick(120)) }))(world),
	],
	[
		"send: 429 with a date",
		0.06,
		(world) => {
			const date = new Date(startWallMs + world.timeline.nowMs + world.pick(300_000)).toUTCString();
			return notTaken(answered(429, {}, { "retry-after": date }))(world);
		},
	],
	["send: 500, not taken", 0.06, notTaken(answered(500, "oops"))],
	["send: 500, but taken", 0.06, takenBut(answered(500, "oops"))],
	["send: 503", 0.06, notTaken(answered(503, "busy"))],
	["send: 200 with garbage", 0.06, takenBut(answered(200, "<html>"))],
	["send: refused for good", 0.05, notTaken(answered(400, {}))],
	[
		"send: answered slowly",
		0.1,
		({ pick }) => ({ takenAfterMs: 50, answerAfterMs: 2000 + pick(12_000), answer: undefined }),
	],
];

export function fateOf(mood: ProviderMood, world: FateWorld): Fate {
	const { timeline, chance, pick } = world;
	if (timeline.nowMs < mood.outageUntilMs) {
		const isSilent = pick(2) === 0;
		const answer = isSilent ? timeout : refused;
		const answerAfterMs = isSilent ? firstByteTimeoutMs : 5;
		return { name: "outage", takenAfterMs: undefined, answerAfterMs, answer, isTold: false };
	}
	if (timeline.nowMs < mood.credentialsRefusedUntilMs) {
		return { name: "401", ...notTaken(answered(401, {}))(world), isTold: false };
	}
	const found = makers.find(([point, rate]) => chance.fires(point, rate));
	if (found !== undefined) {
		const [name, , make] = found;
		return { name, ...make(world), isTold: false };
	}
	const isTold = chance.fires("receipt: before the answer", 0.2);
	return {
		name: "accepted",
		takenAfterMs: 1,
		answerAfterMs: isTold ? 1000 + pick(5000) : soon(world),
		answer: undefined,
		isTold,
	};
}
