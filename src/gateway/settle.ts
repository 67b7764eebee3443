// Turns an outcome into a part's next state. Pure, and the ONLY place that decides about retries and possible duplicates.

import type { FaultCode } from "#domain/faults.ts";
import type { CommonSettings } from "#domain/service-settings.ts";
import type { Outcome } from "#connectors/contract.ts";
import type { NextStep } from "#storage/outbox-moves.ts";

export type RetryRules = { baseMs: number; capMs: number };

export type Attempted = {
	/** Number of this attempt, from 1. */
	attempt: number;
	startedAt: Date;
	validUntil: Date;
};

/**
 * Providers are met again up to this much after the moment they named, so that waiting sends do not come all at once. With
 * the quarter of a second in which the sender looks around, it stays within one.
 */
const retryAfterSpreadMs = 700;

/** `chance`: a number in [0, 1). */
export type Moment = { now: Date; chance: number };

export function settle(attempted: Attempted, outcome: Outcome, moment: Moment, rules: RetryRules): NextStep {
	const { now } = moment;
	switch (outcome.kind) {
		case "accepted":
			return { to: "sent", remoteIds: outcome.remoteIds, at: outcome.at ?? attempted.startedAt };
		case "rejected":
			// The account was refused, not the message: it waits until somebody has mended that.
			return outcome.code === "credentials"
				? again(attempted, outcome, moment, rules)
				: { to: "failed", code: outcome.code, detail: outcome.detail };
		case "unknown":
			return { to: "sending", unknownSince: now, code: outcome.code, detail: outcome.detail };
		case "retry":
			return again(attempted, outcome, moment, rules);
	}
}

function again(
	{ attempt, validUntil }: Attempted,
	{ code, detail, notBefore }: { code: FaultCode; detail: string; notBefore?: Date },
	{ now, chance }: Moment,
	rules: RetryRules,
): NextStep {
	const next =
		notBefore === undefined
			? new Date(now.getTime() + backoffMs(attempt, chance, rules))
			: new Date(notBefore.getTime() + chance * retryAfterSpreadMs);
	return now >= validUntil
		? { to: "expired", code, detail }
		: { to: "queued", notBefore: next, code, detail, possibleDuplicate: false };
}

/**
 * Full jitter: evenly spread between 0 and min(cap, base × 2^(attempt − 1)), so that many failures of one moment do not
 * come back in one moment.
 */
export function backoffMs(attempt: number, chance: number, rules: RetryRules): number {
	return chance * Math.min(rules.capMs, rules.baseMs * 2 ** Math.min(attempt - 1, 40));
}

/** A message that ends the process or breaks its connector would do so until its time runs out. */
const breakdownsMax = 5;

/**
 * The wait for proof is over. What the provider said when asked (undefined: it cannot be asked) decides if it is clear;
 * else the service's policy does: hold for a person, or send again, marked. Never in silence, and never again and again
 * where the attempts themselves break.
 */
export function settleUnknown(
	part: { attemptedAt: Date; validUntil: Date; breakdowns: number },
	asked: Outcome | undefined,
	policy: CommonSettings["unknownOutcome"],
	now: Date,
): NextStep {
	if (asked?.kind === "accepted") {
		return { to: "sent", remoteIds: asked.remoteIds, at: asked.at ?? part.attemptedAt };
	}
	if (asked?.kind === "rejected") {
		return { to: "failed", code: asked.code, detail: asked.detail };
	}
	const code = "unreachable";
	if (policy === "hold" || part.breakdowns >= breakdownsMax) {
		return { to: "held", code, detail: "Nobody knows whether the provider took it. Send it again or give it up." };
	}
	return now >= part.validUntil
		? { to: "expired", code, detail: "Its time to live ran out while its outcome was unknown." }
		: {
				to: "queued",
				notBefore: now,
				code,
				detail: "Sent again; the first may have arrived.",
				possibleDuplicate: true,
			};
}
