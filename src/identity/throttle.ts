// How failed logons slow down the next ones: pure, over the rows of `logon_failures`.
// Free failures within a window, then a wait that doubles from 1 s to 15 min with each further failure.

import ipaddr from "ipaddr.js";
import type { LogonFailures } from "#storage/logon-failures.ts";

/** `forgottenAfterMs`: in place of the window of a quarter of an hour. */
export type Limit = { freeFailures: number; forgottenAfterMs?: number };

export const accountLimit: Limit = { freeFailures: 10 };
/** Many people may share one address. */
export const addressLimit: Limit = { freeFailures: 50 };

/**
 * Six digits are few: with a window of a quarter of an hour, who has the password would hit one within a year. A day of
 * quiet takes the chance down to one in ten.
 */
export const codeLimit = { freeFailures: 10, forgottenAfterMs: 24 * 3_600_000 } as const satisfies Limit;

export const windowMs = 15 * 60_000;
const firstWaitMs = 1000;
const longestWaitMs = 15 * 60_000;

/** Milliseconds until the subject is heard again; 0: now. */
export function waitMs(entry: LogonFailures | undefined, now: Date): number {
	return entry === undefined ? 0 : Math.max(0, entry.blockedUntil.getTime() - now.getTime());
}

export function afterFailure(
	entry: LogonFailures | undefined,
	subject: string,
	limit: Limit,
	now: Date,
): LogonFailures {
	const present = entry !== undefined && isInWindow(entry, limit, now) ? entry : undefined;
	const failures = (present?.failures ?? 0) + 1;
	return {
		subject,
		failures,
		firstAt: present?.firstAt ?? now,
		lastAt: now,
		blockedUntil: new Date(now.getTime() + waitAfter(failures, limit)),
	};
}

/** Takes back one failure that turned out to be none. */
export function withoutOne(entry: LogonFailures, limit: Limit): LogonFailures {
	const failures = Math.max(0, entry.failures - 1);
	const isFree = failures < limit.freeFailures;
	return { ...entry, failures, blockedUntil: isFree ? entry.firstAt : entry.blockedUntil };
}

/**
 * Free failures are forgotten 15 minutes after the first of them. Once the wait grows, a quiet quarter of an hour after
 * its end is needed: else patience would buy another ten guesses each time.
 */
function isInWindow(entry: LogonFailures, limit: Limit, now: Date): boolean {
	const from = entry.failures < limit.freeFailures ? entry.firstAt : entry.blockedUntil;
	return now.getTime() - from.getTime() < (limit.forgottenAfterMs ?? windowMs);
}

function waitAfter(failures: number, limit: Limit): number {
	const over = failures - limit.freeFailures;
	return over < 0 ? 0 : Math.min(longestWaitMs, firstWaitMs * 2 ** Math.min(over, 20));
}

/** An IPv4 address, or the /64 of an IPv6 one: a single customer is usually given a whole /64. */
export function networkOf(address: string): string {
	if (!ipaddr.isValid(address)) {
		return "unknown";
	}
	const parsed = ipaddr.process(address); // Turns IPv4-mapped IPv6 into IPv4.
	if (parsed.kind() === "ipv4") {
		return parsed.toString();
	}
	const network = ipaddr.IPv6.networkAddressFromCIDR(`${parsed.toNormalizedString().split("%")[0] ?? ""}/64`);
	return `${network.toString()}/64`;
}
