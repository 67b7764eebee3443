import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import type { Outcome } from "#connectors/contract.ts";
import type { RemoteId } from "#domain/ids.ts";
import { backoffMs, settle, settleUnknown } from "./settle.ts";

const now = new Date("2026-01-02T12:00:00Z");
const later = (ms: number) => new Date(now.getTime() + ms);
const rules = { baseMs: 1000, capMs: 900_000 };
const attempted = { attempt: 1, startedAt: later(-500), validUntil: later(60_000) };
const moment = { now, chance: 0.5 };

test("accepted is sent, rejected is failed, unknown waits: none of them is tried again", () => {
	const accepted: Outcome = { kind: "accepted", remoteIds: ["r1" as RemoteId] };
	assert.deepEqual(settle(attempted, accepted, moment, rules), {
		to: "sent",
		remoteIds: ["r1"],
		at: attempted.startedAt,
	});
	const rejected: Outcome = { kind: "rejected", code: "recipient", detail: "No." };
	assert.equal(settle(attempted, rejected, moment, rules).to, "failed");
	const account: Outcome = { kind: "rejected", code: "credentials", detail: "This account may not send." };
	assert.equal(settle(attempted, account, moment, rules).to, "queued", "the account is refused, not the message");
	const unknown: Outcome = { kind: "unknown", code: "unreachable", detail: "?" };
	assert.deepEqual(settle(attempted, unknown, moment, rules), {
		to: "sending",
		unknownSince: now,
		code: "unreachable",
		detail: "?",
	});
});

test("a retry without a named moment waits by full jitter; with one, until then and at most a second more", () => {
	const retry: Outcome = { kind: "retry", code: "unreachable", detail: "Refused." };
	const step = settle({ ...attempted, attempt: 3 }, retry, moment, rules);
	assert.deepEqual(step.to === "queued" && step.notBefore, later(2000));
	assert.equal(step.to === "queued" && step.possibleDuplicate, false, "nothing of it was sent");
	const named = settle(attempted, { ...retry, notBefore: later(30_000) }, moment, rules);
	assert.deepEqual(named.to === "queued" && named.notBefore, later(30_350));
});

test("a retry after the time to live is expired, not queued", () => {
	const retry: Outcome = { kind: "retry", code: "throttled", detail: "Slow down." };
	assert.equal(settle({ ...attempted, validUntil: now }, retry, moment, rules).to, "expired");
});

test("a retry delay lies within its stated bounds for any attempt and any chance", () => {
	fc.assert(
		fc.property(
			fc.integer({ min: 1, max: 10_000 }),
			fc.double({ min: 0, max: 0.999_999, noNaN: true }),
			(attempt, chance) => {
				const delay = backoffMs(attempt, chance, rules);
				assert.ok(delay >= 0 && delay <= Math.min(rules.capMs, rules.baseMs * 2 ** (attempt - 1)));
			},
		),
	);
});

test("an unknown outcome is settled by the provider's word, else by the policy, and a second send is always marked", () => {
	const part = { attemptedAt: later(-60_000), validUntil: later(60_000), breakdowns: 4 };
	const accepted: Outcome = { kind: "accepted", remoteIds: ["r1" as RemoteId] };
	assert.equal(settleUnknown(part, accepted, "resend", now).to, "sent");
	assert.equal(settleUnknown(part, { kind: "rejected", code: "content", detail: "No." }, "resend", now).to, "failed");
	assert.equal(settleUnknown(part, undefined, "hold", now).to, "held");
	const again = settleUnknown(part, { kind: "unknown", code: "unreachable", detail: "?" }, "resend", now);
	assert.equal(again.to === "queued" && again.possibleDuplicate, true);
	assert.equal(settleUnknown({ ...part, validUntil: now }, undefined, "resend", now).to, "expired");
	assert.equal(settleUnknown({ ...part, breakdowns: 5 }, undefined, "resend", now).to, "held", "a person must look");
});

test("an accepted part was sent when the provider says, else when the attempt began", () => {
	const part = { attemptedAt: later(-60_000), validUntil: later(60_000), breakdowns: 0 };
	const remoteIds: [RemoteId] = ["r1" as RemoteId];
	const silent: Outcome = { kind: "accepted", remoteIds };
	const dated: Outcome = { kind: "accepted", remoteIds, at: later(-7) };
	assert.deepEqual(settleUnknown(part, silent, "hold", now), { to: "sent", remoteIds, at: part.attemptedAt });
	assert.deepEqual(settleUnknown(part, dated, "hold", now), { to: "sent", remoteIds, at: later(-7) });
	assert.deepEqual(settle(attempted, dated, moment, rules), { to: "sent", remoteIds, at: later(-7) });
});

test("whoever looks at a part that was unknown reads why it is where it is", () => {
	const part = { attemptedAt: later(-60_000), validUntil: later(60_000), breakdowns: 0 };
	const held = settleUnknown(part, undefined, "hold", now);
	const expired = settleUnknown({ ...part, validUntil: now }, undefined, "resend", now);
	const again = settleUnknown(part, undefined, "resend", now);
	assert.match((held.to === "held" && held.detail) || "", /^Nobody knows/);
	assert.match((expired.to === "expired" && expired.detail) || "", /while its outcome was unknown/);
	assert.match((again.to === "queued" && again.detail) || "", /may have arrived/);
	for (const step of [held, expired, again]) {
		assert.equal("code" in step && step.code, "unreachable");
	}
});
