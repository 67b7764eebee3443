import assert from "node:assert/strict";
import test from "node:test";
import { match } from "./match.ts";

const at = new Date("2026-01-02T12:00:00Z");
const rules = { reopenWindowMs: 24 * 3_600_000 };
const row = (id: string, closedAt: Date | null) => ({
	id,
	groupId: "G",
	openedAt: new Date("2026-01-01T00:00:00Z"),
	closedAt,
	contactLastWroteAt: null,
});

test("an open conversation is continued, whatever was closed before", () => {
	const decision = match({ open: row("O", null), lastClosed: row("C", at) }, rules, at);
	assert.deepEqual([decision.rule, "conversationId" in decision && decision.conversationId], ["continue", "O"]);
});

test("within the reopen window the last conversation is reopened; at its end and later a new one starts, linked", () => {
	const closedAt = (msAgo: number) => ({ lastClosed: row("C", new Date(at.getTime() - msAgo)) });
	assert.equal(match(closedAt(rules.reopenWindowMs - 1), rules, at).rule, "reopen");
	const late = match(closedAt(rules.reopenWindowMs), rules, at);
	assert.deepEqual(late.rule === "start" && late.previous, { id: "C", groupId: "G" });
	assert.match(late.reason, /outside its reopen window 1440 minutes/);
	assert.equal(match(closedAt(0), { reopenWindowMs: 0 }, at).rule, "start");
});

test("every decision says why, with the minutes it was made by", () => {
	const reason = (...[chain, by = rules]: [Parameters<typeof match>[0], typeof rules?]) => match(chain, by, at).reason;
	const closed = (minutesAgo: number) => ({ lastClosed: row("C", new Date(at.getTime() - minutesAgo * 60_000)) });
	assert.equal(reason({ open: row("O", null) }), "The contact has an open conversation.");
	assert.equal(
		reason(closed(90)),
		"The last conversation was closed 90 minutes ago, within its reopen window 1440 minutes.",
	);
	assert.equal(
		reason(closed(90), { reopenWindowMs: 60 * 60_000 }),
		"The last conversation was closed 90 minutes ago, outside its reopen window 60 minutes.",
	);
	assert.match(reason(closed(-5)), / closed 0 minutes ago, within /, "closed by a clock that is ahead");
});

test("a conversation without the time of its end counts from its beginning", () => {
	const chain = { lastClosed: row("C", null) };
	assert.equal(match(chain, rules, new Date("2026-01-01T23:59:59Z")).rule, "reopen");
	assert.equal(match(chain, rules, new Date("2026-01-02T00:00:00Z")).rule, "start");
});

test("a contact who never wrote starts a conversation without a link", () => {
	const decision = match({}, rules, at);
	assert.deepEqual(decision, { rule: "start", previous: undefined, reason: "The contact writes for the first time." });
});
