// Goal: what the table says follows from what was measured: spread, quantiles, verdicts, and the place on the page.
// Method: small numbers whose answers are known.

import assert from "node:assert/strict";
import test from "node:test";
import { figure, type Goal, verdictOf } from "#bench/measure.ts";
import { markdown, plain, terminalTable, withTable } from "#bench/report.ts";
import { quantile, spreadOf } from "#bench/statistics.ts";

test("spread", () => {
	assert.deepEqual(spreadOf([3, 1, 2]), { min: 1, median: 2, max: 3 });
	assert.deepEqual(spreadOf([4, 1, 2, 3]), { min: 1, median: 2.5, max: 4 });
	assert.deepEqual(spreadOf([7]), { min: 7, median: 7, max: 7 });
	assert.ok(Number.isNaN(spreadOf([]).median));
});

test("quantile by nearest rank", () => {
	const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
	assert.deepEqual([quantile(hundred, 0.5), quantile(hundred, 0.99), quantile(hundred, 1)], [50, 99, 100]);
	assert.equal(quantile([5], 0.99), 5);
	assert.ok(Number.isNaN(quantile([], 0.99)));
});

const more: Goal = { title: "rate", unit: "/s", floor: 50, aim: 70, better: "higher" };
const less: Goal = { title: "time", unit: "ms", floor: 15, aim: 10, better: "lower" };

test("the median is judged: at the bound is enough, beyond it is not", () => {
	const verdicts = (goal: Goal, values: readonly number[]) =>
		values.map((value) => verdictOf(figure(goal, [value], "")));
	assert.deepEqual(verdicts(more, [49.9, 50, 69.9, 70]), ["BELOW FLOOR", "below aim", "below aim", "ok"]);
	assert.deepEqual(verdicts(less, [15.1, 15, 10.1, 10]), ["BELOW FLOOR", "below aim", "below aim", "ok"]);
	assert.equal(verdictOf(figure(more, [10, 80, 90], "")), "ok");
});

test("what could not be measured is below the floor, not ok", () => {
	assert.equal(verdictOf(figure(more, [], "")), "BELOW FLOOR");
	assert.equal(verdictOf(figure(less, [Number.POSITIVE_INFINITY], "")), "BELOW FLOOR");
});

test("three digits count", () => {
	assert.deepEqual([0.57321, 12.345, 7019.6, 0, Number.NaN].map(plain), ["0.573", "12.3", "7020", "0", "–"]);
});

test("the table names figure, bounds, verdict and what was skipped", () => {
	const outcomes = [figure(more, [60, 55, 65], "made of"), { title: "other", reason: "no such program" }];
	const machine = { date: "2026-01-02", node: "24.0.0", processor: "Some CPU", cores: 2, load: 0.5 };
	const text = markdown(outcomes, machine);
	assert.match(text, /2026-01-02.*Node 24\.0\.0.*2 × Some CPU/);
	assert.ok(text.includes("| rate | 55 – 60 – 65 /s | 50 /s | 70 /s | below aim | made of |"));
	assert.ok(text.includes("| other | skipped |  |  |  | no such program |"));
	assert.match(terminalTable(outcomes), /^rate +55 – 60 – 65 \/s +50 \/s +70 \/s +below aim +made of$/m);
});

test("the table replaces the one before and nothing else", () => {
	const page = "# Page\n\n<!-- bench:begin -->\nold\n<!-- bench:end -->\n\nrest\n";
	const once = withTable(page, "new");
	assert.equal(once, "# Page\n\n<!-- bench:begin -->\n\nnew\n\n<!-- bench:end -->\n\nrest\n");
	assert.equal(withTable(once, "new"), once);
	assert.throws(() => withTable("# Page\n", "new"), /has no/);
});
