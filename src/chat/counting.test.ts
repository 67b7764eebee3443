import assert from "node:assert/strict";
import test from "node:test";
import { testClock } from "#test/scene.ts";
import { openCounting } from "./counting.ts";

test("it is counted once for all who ask meanwhile, kept as long as they say, and again after a failure", async () => {
	const clock = testClock();
	let counts = 0;
	let isBroken = false;
	const told: unknown[] = [];
	async function count(): Promise<number> {
		counts += 1;
		const mine = counts;
		await Promise.resolve();
		if (isBroken) {
			throw new Error("the database is gone");
		}
		return mine;
	}
	const counting = openCounting(clock, count, (next, before) => told.push([before, next, counting.latest()]));
	assert.equal(counting.latest(), undefined);
	assert.deepEqual(await Promise.all([counting.within(1000), counting.anew(), counting.within(0)]), [1, 1, 1]);
	clock.advance(1000);
	assert.equal(await counting.within(1000), 1);
	clock.advance(1);
	isBroken = true;
	await assert.rejects(counting.within(1000), /the database is gone/);
	assert.equal(counting.latest(), 1, "what was counted is kept");
	isBroken = false;
	assert.equal(await counting.within(1000), 3);
	assert.equal(await counting.anew(), 4);
	assert.deepEqual(
		told,
		[
			[undefined, 1, 1],
			[1, 3, 3],
			[3, 4, 4],
		],
		"it is kept before anybody is told",
	);
});
