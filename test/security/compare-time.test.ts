// Goal S1: how long a signature is compared tells nothing about how much of it is right. Method: signatures that are wrong
// in the first, a middle and the last character, in an order of chance; Welch's t-test on the times of each pair of kinds,
// as dudect does it (https://eprint.iacr.org/2016/1123): a sample is the time of a small batch, and the slowest samples,
// which the machine disturbed, are left out. |t| < 5. A machine that does other things may spoil a round: up to three
// rounds, all of which must be bad to fail. A comparison that stops early is the control and must be found out.
// The right signature takes some nanoseconds more, since its verdict is another branch; the status tells that verdict
// anyway, so only the size is bounded. More with `--samples`.

import assert from "node:assert/strict";
import test from "node:test";
import { createHmac } from "node:crypto";
import { matchesAny } from "#connectors/kit/signature.ts";
import type { Random } from "#platform/random.ts";
import { numberFlag, seedFlag } from "#test/flags.ts";
import { seededRandom } from "#test/scene.ts";
import { below } from "./wire.ts";

const seed = seedFlag();
const sampleCount = numberFlag("samples", 100_000);
const batch = 5;
const roundsMax = 3;
const tMax = 5;
const keptShare = 0.95;
const rightMoreMax = 0.05;

type Compare = (given: string) => boolean;

const expected = `sha256=${createHmac("sha256", "secret").update("body").digest("hex")}`;
const swapped = (text: string, at: number) =>
	text.slice(0, at) + (text.charAt(at) === "a" ? "b" : "a") + text.slice(at + 1);
const givens = {
	right: expected,
	wrongEarly: swapped(expected, "sha256=".length),
	wrongMiddle: swapped(expected, Math.floor(expected.length / 2)),
	wrongLate: swapped(expected, expected.length - 1),
} as const;
type Kind = keyof typeof givens;
const kinds = Object.keys(givens) as Kind[];

type Times = Readonly<Record<Kind, readonly number[]>>;

/** Nanoseconds per batch, by kind, without the slowest. */
function measure(compare: Compare, random: Random): Times {
	const samples: { kind: Kind; spent: number }[] = [];
	const warmUp = Math.ceil(sampleCount / 20);
	for (let sample = -warmUp; sample < sampleCount; sample++) {
		const kind = kinds[below(random, kinds.length)] ?? "right";
		// A text of its own: engines compare identical references without looking at them.
		const given = Buffer.from(givens[kind], "latin1").toString("latin1");
		const start = process.hrtime.bigint();
		for (let run = 0; run < batch; run++) {
			compare(given);
		}
		const spent = Number(process.hrtime.bigint() - start);
		if (sample >= 0) {
			samples.push({ kind, spent });
		}
	}
	const kept = samples.toSorted((a, b) => a.spent - b.spent).slice(0, Math.floor(sampleCount * keptShare));
	const of = (wanted: Kind) => kept.filter(({ kind }) => kind === wanted).map(({ spent }) => spent);
	return {
		right: of("right"),
		wrongEarly: of("wrongEarly"),
		wrongMiddle: of("wrongMiddle"),
		wrongLate: of("wrongLate"),
	};
}

function moments(times: readonly number[]): { mean: number; error: number } {
	const mean = times.reduce((sum, time) => sum + time, 0) / times.length;
	const variance = times.reduce((sum, time) => sum + (time - mean) ** 2, 0) / (times.length - 1);
	return { mean, error: variance / times.length };
}

function welch(some: readonly number[], others: readonly number[]): number {
	const [a, b] = [moments(some), moments(others)];
	return (a.mean - b.mean) / Math.sqrt(a.error + b.error);
}

const pairs: readonly (readonly [Kind, Kind])[] = [
	["wrongEarly", "wrongMiddle"],
	["wrongEarly", "wrongLate"],
	["wrongMiddle", "wrongLate"],
];

function worstT(times: Times): number {
	return Math.max(...pairs.map(([one, other]) => Math.abs(welch(times[one], times[other]))));
}

/** How much longer the right one takes than a wrong one, as a share. */
function rightMore(times: Times): number {
	return moments(times.right).mean / moments(times.wrongLate).mean - 1;
}

test(`wrong signatures are compared in the same time wherever they are wrong, ${sampleCount} samples (seed ${seed})`, (t) => {
	const random = seededRandom(seed);
	const compare: Compare = (given) => matchesAny(given, ["secret"], () => expected);
	const found: { t: number; right: number }[] = [];
	do {
		const times = measure(compare, random);
		found.push({ t: worstT(times), right: rightMore(times) });
	} while ((found.at(-1)?.t ?? 0) >= tMax && found.length < roundsMax);
	const shown = found
		.map((round) => `${round.t.toFixed(2)} (right: ${(round.right * 100).toFixed(1)} % more)`)
		.join(", ");
	t.diagnostic(`largest |t| of each round: ${shown}`);
	assert.ok((found.at(-1)?.t ?? tMax) < tMax, `|t| is ${shown}`);
	assert.ok(Math.min(...found.map(({ right }) => Math.abs(right))) < rightMoreMax, `the right one takes ${shown}`);
});

test(`a comparison that stops at the first difference is found out (seed ${seed})`, (t) => {
	const stopsEarly: Compare = (given) => {
		for (let at = 0; at < expected.length; at++) {
			if (given.charCodeAt(at) !== expected.charCodeAt(at)) {
				return false;
			}
		}
		return given.length === expected.length;
	};
	const found = worstT(measure(stopsEarly, seededRandom(seed)));
	t.diagnostic(`|t| of the control: ${found.toFixed(0)}`);
	assert.ok(found >= tMax, `|t| is only ${found.toFixed(1)}`);
});
