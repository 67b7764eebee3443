// How fast one service may send: a bucket of tokens that fills at its rate and holds at most one second's worth. Pure.

export type Pace = { tokens: number; atMs: number };

export function fullPace(perSecond: number, nowMs: number): Pace {
	return { tokens: burst(perSecond), atMs: nowMs };
}

export function refill(pace: Pace, perSecond: number, nowMs: number): Pace {
	const earned = (Math.max(0, nowMs - pace.atMs) / 1000) * perSecond;
	return { tokens: Math.min(burst(perSecond), pace.tokens + earned), atMs: nowMs };
}

export function spend(pace: Pace, sends: number): Pace {
	return { ...pace, tokens: pace.tokens - sends };
}

/** At least one, or a slow service would never send. */
function burst(perSecond: number): number {
	return Math.max(1, perSecond);
}
