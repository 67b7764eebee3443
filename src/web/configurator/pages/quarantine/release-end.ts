// How a release of all requests of a messaging service ended, from what is still there. Pure.

type Entry = { receivedAt: string; wish: string };

/**
 * @param left what lies in quarantine now; undefined: not known yet
 * @param at when the release was asked for: what came later is not part of it
 * @returns undefined while requests are still being checked
 */
export function endOf(
	left: readonly Entry[] | undefined,
	requests: number,
	at: string,
): { released: number; kept: number } | undefined {
	if (left === undefined || requests === 0 || left.some(({ wish }) => wish === "release")) {
		return undefined;
	}
	const kept = Math.min(requests, left.filter(({ receivedAt }) => receivedAt <= at).length);
	return { released: requests - kept, kept };
}
