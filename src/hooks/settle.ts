// What becomes of a delivery after a try, and of its subscription. Pure; the only place that decides it.

import type { OutgoingAnswer } from "#platform/safe-request.ts";
import type { DeliveryClaim, DeliverySettlement } from "#storage/event-deliveries.ts";

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
/** After the first try, the second, …: the schedule that Standard Webhooks recommends, three days in all. */
export const waitsMs = [
	5 * second,
	5 * minute,
	30 * minute,
	2 * hour,
	5 * hour,
	10 * hour,
	14 * hour,
	20 * hour,
	24 * hour,
];
export const triesMax = waitsMs.length + 1;
const spread = 0.1; // Of a wait, up or down, so that what failed together does not come back together.
const restMaxMs = 5 * minute; // A receiver that is away is asked at least so often.
const retryAfterMaxMs = 24 * hour;
const excerptMax = 300;

export type Tried = {
	answer: OutgoingAnswer;
	durationMs: number;
	/** By our own end. */
	isBrokenOff: boolean;
};

export function settle(claim: DeliveryClaim, tried: Tried, when: { now: Date; fraction: number }): DeliverySettlement {
	const attempt = toAttempt(tried);
	const { answer } = tried;
	const isAnswered = answer.kind === "answered";
	if (isAnswered && answer.status >= 200 && answer.status < 300) {
		return { attempt, next: { to: "delivered" }, subscription: claim.isTest ? { is: "same" } : { is: "well" } };
	}
	if (tried.isBrokenOff && !isAnswered) {
		return {
			attempt,
			next: { to: "pending", notBefore: when.now, isCounted: false },
			subscription: { is: "same" },
		};
	}
	if (claim.isTest) {
		return { attempt, next: { to: "failed", reason: said(attempt) }, subscription: { is: "same" } };
	}
	return failed(claim, tried, attempt, when);
}

function failed(
	claim: DeliveryClaim,
	{ answer }: Tried,
	attempt: DeliverySettlement["attempt"],
	{ now, fraction }: { now: Date; fraction: number },
): DeliverySettlement {
	const askedMs = answer.kind === "answered" ? retryAfterMs(answer.headers.get("retry-after"), now) : 0;
	const restMs = Math.max(askedMs, Math.min(restMaxMs, second * 2 ** claim.failures));
	const subscription = { is: "failing", restUntil: new Date(now.getTime() + restMs) } as const;
	if (answer.kind === "answered" && answer.status === 410) {
		const disable = "The receiver answered 410 Gone: it wants no more events.";
		return { attempt, next: { to: "failed", reason: said(attempt) }, subscription, disable };
	}
	const waitMs = waitsMs[claim.tries - 1];
	if (waitMs !== undefined) {
		const spreadMs = waitMs * (1 - spread + 2 * spread * fraction);
		const notBefore = new Date(now.getTime() + Math.max(askedMs, spreadMs));
		return { attempt, next: { to: "pending", notBefore, isCounted: true }, subscription };
	}
	const next = { to: "failed", reason: `Given up after ${claim.tries} tries. ${said(attempt)}` } as const;
	const isDead = claim.lastDeliveredAt === null || claim.lastDeliveredAt < claim.firstTriedAt;
	return {
		attempt,
		next,
		subscription,
		...(isDead ? { disable: `Nothing was delivered since ${claim.firstTriedAt.toISOString()}. ${said(attempt)}` } : {}),
	};
}

function said({ outcome, status }: DeliverySettlement["attempt"]): string {
	return status === null ? `The last try ended with: ${outcome ?? "nothing"}.` : `The last answer was ${status}.`;
}

function toAttempt({ answer, durationMs, isBrokenOff }: Tried): DeliverySettlement["attempt"] {
	if (answer.kind === "answered") {
		const isTaken = answer.status >= 200 && answer.status < 300;
		return {
			outcome: isTaken ? "delivered" : "refused",
			status: answer.status,
			durationMs,
			answer: excerpt(answer.body),
		};
	}
	return { outcome: isBrokenOff ? "broken off" : answer.why, status: null, durationMs, answer: null };
}

/** As text without control characters; whatever it is, it is shown to people. */
function excerpt(body: Uint8Array): string {
	const text = Buffer.from(body.subarray(0, excerptMax * 4)).toString("utf8");
	return text
		.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029\ufffd]+/gu, " ")
		.slice(0, excerptMax)
		.toWellFormed()
		.trim();
}

/** Seconds, or a date (RFC 9110 section 10.2.3); 0 where there is none that can be read. */
export function retryAfterMs(header: string | null, now: Date): number {
	const text = header?.trim() ?? "";
	const waitMs = /^\d{1,9}$/.test(text) ? Number(text) * second : Date.parse(text) - now.getTime();
	return waitMs > 0 ? Math.min(waitMs, retryAfterMaxMs) : 0;
}
