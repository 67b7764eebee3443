// The highest rate that is kept up. Pure but for the trials it is given.

export type Trial = { holds: boolean };

export type Search<T extends Trial> = {
	/** A rate that certainly holds need not be known: nothing per second always does. */
	highest: number;
	/** The search ends when it knows the rate to this fraction of it. */
	precision: number;
	/** A rate, tried for a short while. */
	look(perSecond: number): Promise<T>;
	/** The rate found, tried for as long as the claim needs. */
	confirm(perSecond: number): Promise<T>;
};

export type Found<T> = { perSecond: number; confirmed: T } | undefined;

const confirmationsMax = 4;
const smallest = 0.01;
const stepDown = 0.95; // After a rate that held for a short while and not for long.

/** Halves the range until it is narrow, then confirms, lower if need be. Undefined: nothing was confirmed. */
export async function findHighest<T extends Trial>(search: Search<T>): Promise<Found<T>> {
	let holding = 0;
	let failing = search.highest;
	// A rate that small a share of the highest is nothing, and halving never ends at nothing.
	while (failing - holding > search.precision * failing && failing > search.highest * smallest) {
		const middle = (holding + failing) / 2;
		if ((await search.look(middle)).holds) {
			holding = middle;
		} else {
			failing = middle;
		}
	}
	for (let tries = 0, perSecond = holding; tries < confirmationsMax && perSecond > 0; tries++, perSecond *= stepDown) {
		const confirmed = await search.confirm(perSecond);
		if (confirmed.holds) {
			return { perSecond, confirmed };
		}
	}
	return undefined;
}
