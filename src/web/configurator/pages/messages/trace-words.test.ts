import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type Told, toldOf } from "./trace-words.ts";

function told(what: string, detail: Record<string, unknown> = {}): Told {
	return toldOf({ what, detail });
}

test("a request says whether it proved who it is from", () => {
	assert.equal(told("request.received", { verdict: "ok" }).says, "requestProven");
	const weak = told("request.received", { verdict: "signature_missing" });
	assert.deepEqual(
		[weak.says, weak.values, weak.tone],
		["requestUnproven", { verdict: "signature_missing" }, "warning"],
	);
});

test("what a person had done tells who it was and why", () => {
	const act = { by: "person", user: "ada", because: "The secret is mended." };
	const { says, person } = told("message.released", act);
	assert.deepEqual([says, person], ["messageReleased", { user: "ada", because: "The secret is mended." }]);
	assert.deepEqual(told("message.retried", { by: "person", user: "ada" }).person, { user: "ada" });
	assert.equal(told("message.retried", { by: "person" }).person, undefined);
	assert.equal(told("request.received", { verdict: "released" }).says, "requestReleased");
});

test("an attempt tells its outcome and the provider's words", () => {
	assert.equal(told("attempt.started", { number: 2 }).says, "attemptStarted");
	assert.equal(told("attempt.started", { number: 2, outcome: "unknown" }).says, "attemptLost");
	const no = told("attempt.finished", { outcome: "rejected", code: "recipient", detail: "No such number." });
	assert.deepEqual([no.says, no.note, no.tone], ["attemptRejected", "recipient: No such number.", "bad"]);
	assert.equal(told("attempt.finished", { outcome: "toString" }).says, "attemptUnknown");
});

test("a decision tells its reason, and what spoke against the others", () => {
	const rules = { reopenWindowMs: 86_400_000 };
	const decided = (rule: string, more = {}) =>
		told("message.matched", { rule, reason: "Because.", decision: { rule, reason: "Because.", rules, ...more } });
	assert.deepEqual(decided("continue"), {
		says: "matchedContinue",
		tone: "good",
		note: "Because.",
		others: { key: "continue", minutes: 1440 },
	});
	assert.equal(decided("reopen").others?.key, "reopen");
	assert.equal(decided("start").others?.key, "startFirst");
	assert.equal(decided("start", { previous: { id: "1" } }).others?.key, "startAfter");
	assert.equal(told("message.matched", { decision: null }).others, undefined);
});

test("states and receipts tell where a part went", () => {
	assert.deepEqual(told("message.state", { from: "sending", to: "held" }), {
		says: "stateMoved",
		states: { from: "sending", to: "held" },
		tone: "warning",
	});
	assert.equal(told("receipt", { status: "failed", effect: "moved", code: "content" }).tone, "bad");
	assert.equal(told("receipt", { status: "sent", effect: "none" }).says, "receiptIdle");
});

test("what a newer server tells is shown by its name", () => {
	assert.deepEqual(told("message.dreamt"), { says: "unknown", values: { what: "message.dreamt" }, tone: "neutral" });
});

test("every kind that the storage tells of has a sentence of its own", () => {
	const source = readFileSync(join(import.meta.dirname, "../../../../storage/trace.ts"), "utf8");
	const kinds = [
		...source.matchAll(/what: "([a-z.]+)"/g),
		...source.matchAll(/^\t"((?:message|attachment|contact)\.\w+)":/gm),
	];
	const names = new Set(kinds.map(([, name = ""]) => name));
	assert.ok(names.size > 12);
	for (const name of names) {
		assert.notEqual(told(name).says, "unknown", name);
	}
});
