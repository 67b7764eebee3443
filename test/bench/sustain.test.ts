// Goal: the sustained rate that the bench claims was held for as long as the claim needs, and is the highest such rate.
// Method: trials whose true limit is known, some of which only fail when they last.

import assert from "node:assert/strict";
import test from "node:test";
import { findHighest } from "#bench/sustain.ts";

function search(limits: { look: number; confirm: number }, highest = 10_000) {
	const confirmed: number[] = [];
	const found = findHighest({
		highest,
		precision: 0.04,
		look: (perSecond) => Promise.resolve({ holds: perSecond <= limits.look }),
		confirm: (perSecond) => {
			confirmed.push(perSecond);
			return Promise.resolve({ holds: perSecond <= limits.confirm });
		},
	});
	return { found, confirmed };
}

for (const limit of [300, 1234, 5000, 9600]) {
	test(`finds ${limit}/s to 4 % and never claims more`, async () => {
		const found = await search({ look: limit, confirm: limit }).found;
		assert.ok(
			found !== undefined && found.perSecond <= limit && found.perSecond >= limit * 0.92,
			String(found?.perSecond),
		);
		assert.equal(found.confirmed.holds, true);
	});
}

test("what held for a short while only is claimed lower", async () => {
	const { found, confirmed } = search({ look: 6000, confirm: 5500 });
	const rate = (await found)?.perSecond ?? 0;
	assert.ok(rate <= 5500 && rate >= 5500 * 0.9, String(rate));
	assert.ok(confirmed.length > 1);
});

test("what is never confirmed is not claimed", async () => {
	const { found, confirmed } = search({ look: 6000, confirm: 0 });
	assert.equal(await found, undefined);
	assert.equal(confirmed.length, 4);
});

test("nothing holds: nothing is claimed, and the search ends", async () => {
	assert.equal(await search({ look: 0, confirm: 0 }).found, undefined);
});
