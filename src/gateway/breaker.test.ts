import assert from "node:assert/strict";
import test from "node:test";
import { afterOutcome, afterProbe, allowance, type Breaker, closedBreaker } from "./breaker.ts";

const rules = { failures: 10, probeMs: 30_000 };
const failed = { failed: true, code: "unreachable" } as const;

function afterFailures(count: number, nowMs = 0): Breaker {
	let breaker = closedBreaker;
	for (let index = 0; index < count; index++) {
		breaker = afterOutcome(breaker, failed, nowMs, { ...rules, failures: count });
	}
	return breaker;
}

test("it opens at ten failures in a row and not before", () => {
	let breaker = closedBreaker;
	for (let index = 0; index < 9; index++) {
		// Far apart, so that only the row counts.
		breaker = afterOutcome(breaker, failed, index * 60_000, rules);
	}
	assert.equal(allowance(breaker, 5, 540_000, rules), 5);
	breaker = afterOutcome(breaker, failed, 540_000, rules);
	assert.equal(allowance(breaker, 5, 540_001, rules), 0);
});

test("it opens at 70 % of at least ten outcomes within 30 s", () => {
	let breaker = closedBreaker;
	for (let index = 0; index < 10; index++) {
		breaker = afterOutcome(breaker, index % 4 === 3 ? { failed: false } : failed, index, { ...rules, failures: 99 });
	}
	// 8 of 10: the successes at 3 and 7 do not hide the trend.
	assert.equal(allowance(breaker, 5, 20, rules), 0);
});

test("an open breaker lets one probe through in each probe time; a success closes it", () => {
	let breaker = afterFailures(10);
	assert.equal(allowance(breaker, 5, 29_999, rules), 0);
	assert.equal(allowance(breaker, 5, 30_000, rules), 1);
	breaker = afterProbe(breaker, 30_000);
	assert.equal(allowance(breaker, 5, 30_001, rules), 0);
	breaker = afterOutcome(breaker, { failed: false }, 30_500, rules);
	assert.equal(allowance(breaker, 5, 30_501, rules), 5);
});

test("refused credentials open it at once", () => {
	const breaker = afterOutcome(closedBreaker, { failed: true, code: "credentials" }, 0, rules);
	assert.equal(allowance(breaker, 5, 1, rules), 0);
});

test("a throttle pauses without counting as a failure", () => {
	const breaker = afterOutcome(closedBreaker, { failed: true, code: "throttled", pauseUntilMs: 5000 }, 0, rules);
	assert.equal(allowance(breaker, 5, 4999, rules), 0);
	assert.equal(allowance(breaker, 5, 5000, rules), 5);
	assert.equal(breaker.failuresInRow, 0);
});

test("the silence that a throttle asked for outlasts the successes of sends that were under way", () => {
	const throttled = afterOutcome(closedBreaker, { failed: true, code: "throttled", pauseUntilMs: 5000 }, 0, rules);
	const breaker = afterOutcome(throttled, { failed: false }, 10, rules);
	assert.equal(allowance(breaker, 5, 4999, rules), 0);
	assert.equal(allowance(breaker, 5, 5000, rules), 5);
});
