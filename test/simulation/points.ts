// The points where a simulated world may go wrong, by name. They sit at the seams (storage, network, clock, signals,
// process); the product has no switches for them. Each seed draws which points are live and how often they fire.

import type { Random } from "#platform/random.ts";

export const points = [
	"storage: busy before the transaction",
	"storage: full disk inside the transaction",
	"storage: busy at the commit",
	"storage: committed, but the answer is lost",
	"storage: the transaction begins late",
	"storage: the commit is slow",
	"storage: a read fails",
	"crash: at a statement inside a transaction",
	"crash: before the commit",
	"crash: after the commit, before the answer",
	"crash: after the claim, before the send",
	"crash: after the send, before the answer",
	"crash: after the answer, before it is settled",
	"crash: at any moment",
	"process: graceful restart",
	"process: stalled longer than a lease",
	"process: stalled during a send",
	"process: down for long",
	"process: two on one database",
	"process: a signal is lost",
	"clock: an hour forward",
	"clock: an hour back",
	"clock: two processes disagree",
	"key ring: locked for a while",
	"send: connection refused",
	"send: reset before it was taken",
	"send: reset after it was taken",
	"send: no answer, not taken",
	"send: no answer, but taken",
	"send: taken after our time-out",
	"send: answered slowly",
	"send: 429 with seconds",
	"send: 429 with a date",
	"send: 500, not taken",
	"send: 500, but taken",
	"send: 503",
	"send: 401 for a while",
	"send: 200 with garbage",
	"send: refused for good",
	"send: outage of the provider",
	"look-up: no answer",
	"receipt: before the answer",
	"receipt: twice",
	"receipt: never",
	"receipt: out of order",
	"receipt: failed",
	"echo: missing",
	"webhook: again after our yes",
	"webhook: twice at once",
	"webhook: several events in one",
	"webhook: out of order",
	"webhook: our answer is lost",
	"webhook: forged",
	"webhook: known id, other content",
	"webhook: unreadable",
	"person: closes the conversation",
	"person: sends a held message again",
	"person: gives a held message up",
] as const;

export type Point = (typeof points)[number];

export type Buggify = {
	/** Whether it happens now. `rate`: how often at most, of the calls, when the point is live in this seed. */
	fires(point: Point, rate: number): boolean;
	/** Nothing goes wrong any more. */
	calm(): void;
	readonly fired: ReadonlyMap<Point, number>;
};

/** Half of the points are live in a seed, each with a rate of its own: worlds differ more than with every fault in each. */
export function buggify(random: Random): Buggify {
	const live = new Map(points.map((point) => [point, random.fraction() < 0.5 ? 0.2 + random.fraction() * 0.8 : 0]));
	const fired = new Map<Point, number>();
	let isCalm = false;
	return {
		fired,
		fires(point, rate) {
			const happens = random.fraction() < rate * (live.get(point) ?? 0) && !isCalm;
			if (happens) {
				fired.set(point, (fired.get(point) ?? 0) + 1);
			}
			return happens;
		},
		calm() {
			isCalm = true;
		},
	};
}
