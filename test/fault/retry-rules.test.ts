// Goal (R8): a send is repeated by the rules and by nothing else. Retry-After, in seconds or as a date, is obeyed within a
// second and for at most an hour; without it delays are full jitter; what the provider refuses for good is tried once; a
// redirect is never followed; an unclear send is never repeated in silence; nothing is sent after its time to live.
// Method: 100,000 scripted answers on a virtual clock, through each connector's own `send` and the rules of settling; the
// expectations come from the script, not from the connectors. The worker's part is in retry-worker.test.ts.

import assert from "node:assert/strict";
import test from "node:test";
import type { HttpAnswer, Outcome, Tools } from "#connectors/contract.ts";
import type { OpenService } from "#gateway/open-service.ts";
import { backoffMs, settle, settleUnknown } from "#gateway/settle.ts";
import { settingsTable } from "#settings";
import { numberFlag, seedFlag } from "#test/flags.ts";
import { peer, wayOut } from "#test/peers.ts";
import { evenness } from "#test/property/kolmogorov.ts";
import { seededRandom } from "#test/scene.ts";
import { answerOf, messageFor, openServices, type Script, scriptAnswer } from "./scripted-provider.ts";

const answers = numberFlag("runs", 100_000);
const seed = seedFlag();
const hourMs = 3_600_000;
const unknownWaitMs = 60_000;
const rules = { baseMs: defaultOf("retry.baseMs"), capMs: defaultOf("retry.capMs") };

function defaultOf(name: string): number {
	return Number(settingsTable.find((row) => row.name === name)?.default);
}

test("the product's own defaults are those the goal speaks of: base 1 s, cap 15 min", () => {
	assert.deepEqual(rules, { baseMs: 1000, capMs: 900_000 });
});

test("the measure itself: an even spread passes, equal jitter, a spread that is cut short and none at all do not", () => {
	const random = seededRandom(seed);
	const even = Array.from({ length: 2000 }, () => random.fraction());
	assert.ok(evenness(even) > 0.01);
	for (const uneven of [even.map((value) => 0.5 + value / 2), even.map((value) => value * 0.9), even.map(() => 1)]) {
		assert.ok(evenness(uneven) < 0.001);
	}
	assert.ok(evenness(even.map((value) => value ** 1.2)) < 0.001);
});

/** One message's life on the virtual clock. */
type Life = { service: OpenService; attempt: number; nowMs: number; validUntilMs: number; marked: boolean };

/** What was seen of all lives together. */
type Seen = {
	answers: number;
	jitter: Map<number, number[]>;
	obeyed: number;
	ends: Map<string, number>;
	statuses: Set<string>;
};

test(`${answers} scripted answers: every retry by the rules, everything else never again (seed ${seed})`, async () => {
	const random = seededRandom(seed);
	const services = openServices();
	const seen: Seen = { answers: 0, jitter: new Map(), obeyed: 0, ends: new Map(), statuses: new Set() };
	for (let number = 0; seen.answers < answers; number++) {
		const service = services[number % services.length];
		assert.ok(service);
		const nowMs = Date.parse("2026-01-02T12:00:00Z") + Math.floor(random.fraction() * 1000);
		const minutes = 1 + Math.floor(random.fraction() ** 3 * 1440);
		const life = { service, attempt: 0, nowMs, validUntilMs: nowMs + minutes * 60_000, marked: false };
		const end = await live(life, seen, random.fraction);
		seen.ends.set(end, (seen.ends.get(end) ?? 0) + 1);
	}
	assertSpread(seen);
	assert.ok(answers < 10_000 || seen.obeyed > answers / 20, `only ${seen.obeyed} answers named a moment`);
	const everyEnd = ["sent", "failed", "expired", "held"];
	assert.ok(
		answers < 10_000 || everyEnd.every((end) => (seen.ends.get(end) ?? 0) > 100),
		JSON.stringify([...seen.ends]),
	);
});

/** From the first attempt to the end; the way of a part through claim, send and settle, without their tables. */
async function live(life: Life, seen: Seen, chance: () => number): Promise<string> {
	for (;;) {
		assert.ok(life.nowMs < life.validUntilMs, "an attempt after the time to live");
		const script = scriptAnswer(chance);
		const startedAt = new Date(life.nowMs);
		life.attempt += 1;
		life.nowMs += Math.floor(chance() * 30_000); // An answer may take as long as that.
		const { outcome, calls } = await attempt(life, script);
		seen.answers += 1;
		const mayRepeat = script.status === 401 && ["sinchconversation", "teams"].includes(life.service.type); // Once, with a fresh token.
		assert.equal(calls, mayRepeat ? 2 : 1, `${calls} requests for one attempt (${script.says})`);
		assertOutcome(outcome, script, life.service.type);
		const now = new Date(life.nowMs);
		const attempted = { attempt: life.attempt, startedAt, validUntil: new Date(life.validUntilMs) };
		const next = settle(attempted, outcome, { now, chance: chance() }, rules);
		if (outcome.kind === "unknown") {
			assert.equal(next.to, "sending");
			life.nowMs += unknownWaitMs;
			const later = new Date(life.nowMs);
			const part = { attemptedAt: startedAt, validUntil: attempted.validUntil, breakdowns: 0 };
			const decided = settleUnknown(part, undefined, chance() < 0.5 ? "hold" : "resend", later);
			if (decided.to !== "queued") {
				return decided.to;
			}
			assert.equal(decided.possibleDuplicate, true, "sent again in silence");
			life.marked = true;
			continue;
		}
		// The account refused, not the message: it waits, as after a 401.
		const isAgain = outcome.kind === "retry" || (outcome.kind === "rejected" && outcome.code === "credentials");
		if (!isAgain || next.to !== "queued") {
			assert.equal(
				next.to,
				outcome.kind === "accepted" ? "sent" : outcome.kind === "rejected" && !isAgain ? "failed" : "expired",
			);
			assert.ok(next.to !== "expired" || life.nowMs >= life.validUntilMs, "expired too early");
			return next.to;
		}
		assert.ok(life.nowMs < life.validUntilMs, "queued again after its time to live");
		const delayMs = next.notBefore.getTime() - life.nowMs;
		// Only who says "later" is asked when.
		const { waitMs: _never, ...mute } = script;
		assertDelay(delayMs, { script: outcome.kind === "retry" ? script : mute, attempt: life.attempt, now }, seen);
		life.nowMs += Math.max(0, delayMs);
		if (life.nowMs >= life.validUntilMs) {
			return "expired"; // The claim leaves it, and the recovery expires it.
		}
	}
}

async function attempt({ service, nowMs }: Life, script: Script): Promise<{ outcome: Outcome; calls: number }> {
	let calls = 0;
	const now = new Date(nowMs);
	const tools: Tools = {
		http(): Promise<HttpAnswer> {
			calls += 1;
			return Promise.resolve(answerOf(script, service.type, now));
		},
		token: () => Promise.resolve({ ok: true, accessToken: "token", expiresAt: new Date(nowMs + hourMs) }),
		dropToken: () => undefined,
		now: () => now,
	};
	return { outcome: await service.send(messageFor(service, now), tools), calls };
}

/** What the status means for a send, said once for all providers. */
function assertOutcome(outcome: Outcome, { status, silence, says }: Script, type: string): void {
	const told = `${type} made ${outcome.kind} of ${says}`;
	if (silence !== undefined) {
		assert.equal(outcome.kind, silence === "notSent" ? "retry" : "unknown", told);
		return;
	}
	if (status < 300) {
		assert.equal(outcome.kind, "accepted", told);
	} else if (status < 400 || [400, 403, 404, 405, 410, 413, 422].includes(status)) {
		assert.equal(outcome.kind, "rejected", told);
	} else if (status === 401 || status === 429) {
		assert.equal(outcome.kind, "retry", told);
	} else {
		assert.ok(outcome.kind === "retry" || outcome.kind === "unknown", told);
	}
	assert.equal(outcome.kind === "rejected" && outcome.closesService === true, status === 410, told);
}

type Retried = { script: Script; attempt: number; now: Date };

function assertDelay(delayMs: number, { script, attempt: number, now }: Retried, seen: Seen): void {
	if (script.waitMs === undefined) {
		const mostMs = Math.min(rules.capMs, rules.baseMs * 2 ** (number - 1));
		assert.ok(delayMs >= 0 && delayMs <= mostMs, `${delayMs} of ${mostMs} ms after attempt ${number} (${script.says})`);
		const some = seen.jitter.get(number) ?? [];
		seen.jitter.set(number, some);
		some.push((delayMs + 0.5) / (mostMs + 1)); // Whole milliseconds.
		return;
	}
	const wantedMs = Math.min(script.waitMs(now), hourMs);
	assert.ok(delayMs >= wantedMs && delayMs <= wantedMs + 1000, `${delayMs} ms, asked for ${script.says}`);
	seen.obeyed += 1;
}

/** Full jitter, for each number of attempts by itself and for all together. */
function assertSpread({ jitter }: Seen): void {
	const groups = [...jitter].filter(([, values]) => values.length >= 200);
	assert.ok(answers < 10_000 || groups.length >= 8, `only ${groups.length} numbers of attempts were seen often`);
	for (const [number, values] of groups) {
		// So many groups are looked at that one in a hundred is expected to be odd by itself.
		const p = evenness(values);
		assert.ok(p > 0.01 / groups.length, `after attempt ${number}: p = ${p} of ${values.length} delays`);
	}
	const all = groups.flatMap(([, values]) => values);
	assert.ok(all.length === 0 || evenness(all) > 0.01, `all ${all.length} delays: p = ${evenness(all)}`);
}

test(`the delay before a retry is full jitter for any number of attempts (seed ${seed})`, () => {
	const random = seededRandom(seed);
	const numbers = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 20, 50, 1000, 2 ** 31];
	for (const number of numbers) {
		const mostMs = Math.min(rules.capMs, rules.baseMs * 2 ** (number - 1));
		const delays = Array.from({ length: 5000 }, () => backoffMs(number, random.fraction(), rules) / mostMs);
		assert.ok(delays.every((delay) => delay >= 0 && delay < 1));
		assert.ok(evenness(delays) > 0.01 / numbers.length, `attempt ${number}: p = ${evenness(delays)}`);
	}
});

for (const status of [300, 301, 302, 303, 307, 308]) {
	test(`a redirect by ${status} is not followed, wherever it leads`, async (t) => {
		const elsewhere = await peer(t, (_request, response) => response.writeHead(201).end('{"sid":"SM"}'));
		const targets = [`http://127.0.0.1:${elsewhere.port}/x`, "/other", "?again"];
		const provider = await peer(t, (_request, response) => {
			const target = targets[(provider.requests.length - 1) % targets.length] ?? "";
			response.writeHead(status, { location: target, "retry-after": "1" }).end();
		});
		const way = wayOut(t, {});
		for (const service of openServices(`http://127.0.0.1:${provider.port}`)) {
			for (const target of targets) {
				const before = provider.requests.length;
				const now = new Date();
				const tools: Tools = {
					http: (call) => way.request({ ...call, lane: service.id }),
					token: () => Promise.resolve({ ok: true, accessToken: "token", expiresAt: new Date(now.getTime() + hourMs) }),
					dropToken: () => undefined,
					now: () => now,
				};
				const outcome = await service.send(messageFor(service, now), tools);
				assert.equal(outcome.kind, "rejected", `${service.type} to ${target}`);
				assert.equal(provider.requests.length - before, 1, `${service.type} came again for ${target}`);
			}
		}
		assert.equal(elsewhere.connections, 0, "somebody else was called");
	});
}
