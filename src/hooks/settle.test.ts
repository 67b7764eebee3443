// What follows from each answer of a receiver, by the table of waits and without a network.

import assert from "node:assert/strict";
import test from "node:test";
import type { OutgoingAnswer } from "#platform/safe-request.ts";
import type { DeliveryClaim } from "#storage/event-deliveries.ts";
import { answered } from "#test/hook-stage.ts";
import { retryAfterMs, settle, triesMax, waitsMs } from "./settle.ts";

const now = new Date("2026-01-02T12:00:00.000Z");
const hourMs = 3_600_000;
const started = { number: 1, at: now.toISOString(), outcome: null, status: null, durationMs: null, answer: null };

function claimOf(over: Partial<DeliveryClaim> = {}): DeliveryClaim {
	return {
		id: "D",
		subscriptionId: "S",
		epoch: 1,
		tries: 1,
		firstTriedAt: now,
		isTest: false,
		type: "message.state",
		serviceId: "M",
		queueId: null,
		body: "{}",
		attempts: [started],
		ownerId: "O",
		sealed: undefined as never,
		failures: 0,
		failingSince: null,
		lastDeliveredAt: null,
		...over,
	};
}

function after(answer: OutgoingAnswer, claim: Partial<DeliveryClaim> = {}, isBrokenOff = false) {
	return settle(claimOf(claim), { answer, durationMs: 7, isBrokenOff }, { now, fraction: 0.5 });
}

test("any 2xx takes it, and the subscription is well", () => {
	for (const status of [200, 202, 204, 299]) {
		const { next, subscription, attempt } = after(answered(status, "thanks"), { failures: 5 });
		assert.deepEqual([next, subscription], [{ to: "delivered" }, { is: "well" }]);
		assert.deepEqual(attempt, { outcome: "delivered", status, durationMs: 7, answer: "thanks" });
	}
});

test("everything else is tried again by the table, and given up after three days", () => {
	const answers: OutgoingAnswer[] = [
		answered(301),
		answered(400),
		answered(500),
		{ kind: "notSent", why: "blocked" },
		{ kind: "unclear", why: "timeout" },
	];
	for (const answer of answers) {
		for (const [index, waitMs] of waitsMs.entries()) {
			const { next, disable } = after(answer, { tries: index + 1 });
			assert.deepEqual(next, { to: "pending", notBefore: new Date(now.getTime() + waitMs), isCounted: true });
			assert.equal(disable, undefined);
		}
		assert.equal(after(answer, { tries: triesMax }).next.to, "failed");
	}
	const allMs = waitsMs.reduce((sum, waitMs) => sum + waitMs, 0);
	assert.ok(allMs > 72 * hourMs && allMs < 96 * hourMs, `${allMs / hourMs} h`);
});

test("what failed together does not come back together", () => {
	const at = (fraction: number): number => {
		const { next } = settle(
			claimOf({ tries: 2 }),
			{ answer: answered(500), durationMs: 1, isBrokenOff: false },
			{ now, fraction },
		);
		return next.to === "pending" ? next.notBefore.getTime() - now.getTime() : Number.NaN;
	};
	assert.deepEqual([at(0), at(0.5), at(1)], [270_000, 300_000, 330_000]);
});

test("a subscription that fails rests longer each time, five minutes at most", () => {
	const restMs = (failures: number): number => {
		const { subscription } = after(answered(500), { failures });
		return subscription.is === "failing" ? subscription.restUntil.getTime() - now.getTime() : Number.NaN;
	};
	assert.deepEqual([0, 1, 5, 9, 5000].map(restMs), [1000, 2000, 32_000, 300_000, 300_000]);
});

test("Retry-After counts where it is longer, for the event and for its subscription", () => {
	const { next, subscription } = after(answered(503, "", { "retry-after": "3600" }));
	const later = new Date(now.getTime() + hourMs);
	assert.deepEqual(next, { to: "pending", notBefore: later, isCounted: true });
	assert.deepEqual(subscription, { is: "failing", restUntil: later });
	const soon = after(answered(429, "", { "retry-after": "1" }), { tries: 3 }).next;
	assert.deepEqual(soon, { to: "pending", notBefore: new Date(now.getTime() + 30 * 60_000), isCounted: true });
});

test("Retry-After is seconds or a date, a day at most, and nothing else", () => {
	const cases: [string | null, number][] = [
		["120", 120_000],
		["Fri, 02 Jan 2026 12:05:00 GMT", 300_000],
		["Fri, 02 Jan 2026 11:00:00 GMT", 0],
		["999999999", 24 * hourMs],
		["soon", 0],
		["-5", 0],
		["", 0],
		[null, 0],
	];
	for (const [header, waitMs] of cases) {
		assert.equal(retryAfterMs(header, now), waitMs, String(header));
	}
});

test("410 ends the subscription at the first answer", () => {
	const { next, disable } = after(answered(410));
	assert.equal(next.to, "failed");
	assert.match(disable ?? "", /410 Gone/);
});

test("what is given up ends the subscription where nothing was delivered since it was first tried", () => {
	const first = new Date(now.getTime() - 75 * hourMs);
	const last = { tries: triesMax, firstTriedAt: first };
	const cases: [Date | null, boolean][] = [
		[null, true],
		[new Date(first.getTime() - 1), true],
		[new Date(first.getTime() + 1), false],
	];
	for (const [lastDeliveredAt, isDead] of cases) {
		const { next, disable } = after(answered(500), { ...last, lastDeliveredAt });
		assert.equal(next.to, "failed");
		assert.equal(disable !== undefined, isDead);
	}
	assert.match(after(answered(500), last).disable ?? "", /The last answer was 500/);
});

test("a test is tried once and says nothing of the subscription", () => {
	const bad = after(answered(500), { isTest: true });
	assert.deepEqual([bad.next.to, bad.subscription], ["failed", { is: "same" }]);
	assert.equal(after(answered(410), { isTest: true }).disable, undefined);
	assert.deepEqual(after(answered(200), { isTest: true }).subscription, { is: "same" });
});

test("what we broke off ourselves counts for nothing; what was answered nevertheless does", () => {
	const { next, subscription, attempt } = after({ kind: "unclear", why: "timeout" }, {}, true);
	assert.deepEqual(next, { to: "pending", notBefore: now, isCounted: false });
	assert.deepEqual([subscription, attempt.outcome], [{ is: "same" }, "broken off"]);
	assert.equal(after(answered(200), {}, true).next.to, "delivered");
});

test("of an answer the log keeps a short beginning without control characters", () => {
	const kept = (body: Uint8Array) => after({ ...answered(500), body } as OutgoingAnswer).attempt.answer ?? "";
	assert.equal(kept(Buffer.from("no\u0000pe\r\n\u202e!")), "no pe !");
	assert.equal(kept(Buffer.from("x".repeat(5000))).length, 300);
	assert.ok(kept(Buffer.from("😀".repeat(5000))).isWellFormed());
	assert.equal(kept(Buffer.from([0xff, 0xfe, 0x41])), "A");
});
