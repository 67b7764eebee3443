// The breaker of one messaging service: after many failures it stops asking, and lets one probe through from time to
// time. Pure: the state goes in, the next state comes out. Other services never notice.

export type BreakerRules = {
	/** So many failures in a row open it. */
	failures: number;
	/** One probe in so many milliseconds while open. */
	probeMs: number;
};

export type Breaker = {
	failuresInRow: number;
	/** The newest outcomes, true for failed: 70 % of at least 10 within 30 s open it too. */
	recent: readonly { atMs: number; failed: boolean }[];
	openedAtMs: number | undefined;
	lastProbeAtMs: number | undefined;
	/** A provider asked for silence until then (Retry-After on a throttle). */
	pausedUntilMs: number;
	/** Code of the last failure, for the state shown to people. */
	lastCode: string | undefined;
};

const windowMs = 30_000;
const windowMin = 10;
const windowFailedShare = 0.7;
const recentMax = 200;

export const closedBreaker: Breaker = {
	failuresInRow: 0,
	recent: [],
	openedAtMs: undefined,
	lastProbeAtMs: undefined,
	pausedUntilMs: 0,
	lastCode: undefined,
};

/** How many sends may start now, at most `wanted`. */
export function allowance(breaker: Breaker, wanted: number, nowMs: number, rules: BreakerRules): number {
	if (nowMs < breaker.pausedUntilMs) {
		return 0;
	}
	if (breaker.openedAtMs === undefined) {
		return wanted;
	}
	const lastMs = breaker.lastProbeAtMs ?? breaker.openedAtMs;
	return nowMs - lastMs >= rules.probeMs ? Math.min(1, wanted) : 0;
}

/** To be called when the one send that an open breaker allows was started. */
export function afterProbe(breaker: Breaker, nowMs: number): Breaker {
	return breaker.openedAtMs === undefined ? breaker : { ...breaker, lastProbeAtMs: nowMs };
}

export type BreakerFact = { failed: false } | { failed: true; code: string; pauseUntilMs?: number };

export function afterOutcome(breaker: Breaker, fact: BreakerFact, nowMs: number, rules: BreakerRules): Breaker {
	if (!fact.failed) {
		const recent = trimmed([...breaker.recent, { atMs: nowMs, failed: false }], nowMs);
		// What was under way before a throttle may still succeed; the silence asked for stays asked for.
		return { ...closedBreaker, recent, pausedUntilMs: breaker.pausedUntilMs };
	}
	if (fact.pauseUntilMs !== undefined) {
		return { ...breaker, pausedUntilMs: Math.max(breaker.pausedUntilMs, fact.pauseUntilMs), lastCode: fact.code };
	}
	const recent = trimmed([...breaker.recent, { atMs: nowMs, failed: true }], nowMs);
	const failuresInRow = breaker.failuresInRow + 1;
	const failed = recent.filter((outcome) => outcome.failed).length;
	// Refused credentials will not heal by repetition: one is enough to stop.
	const opens =
		fact.code === "credentials" ||
		failuresInRow >= rules.failures ||
		(recent.length >= windowMin && failed / recent.length >= windowFailedShare);
	const openedAtMs = breaker.openedAtMs ?? (opens ? nowMs : undefined);
	return { ...breaker, failuresInRow, recent, openedAtMs, lastCode: fact.code };
}

function trimmed(recent: Breaker["recent"], nowMs: number): Breaker["recent"] {
	// In order of time, so what is over stands in front.
	const firstInside = recent.findIndex((outcome) => nowMs - outcome.atMs < windowMs);
	return firstInside === -1 ? [] : recent.slice(Math.max(firstInside, recent.length - recentMax));
}
