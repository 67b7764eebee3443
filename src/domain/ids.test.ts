import assert from "node:assert/strict";
import test from "node:test";
import { idsFrom } from "#platform/ids.ts";
import { isId, newId } from "./ids.ts";

test("an id is a UUIDv7 printed as 32 upper-case hex digits", () => {
	const id = newId(0x0123456789ab, 0xabc, new Uint8Array(8).fill(0xff));
	assert.equal(id, "0123456789AB7ABCBFFFFFFFFFFFFFFF");
	assert.equal(isId(id), true);
	assert.equal(isId(id.toLowerCase()), false);
});

test("ids of one source rise, within a millisecond, over its overflow, and when the clock is set back", () => {
	let nowMs = 1_700_000_000_000;
	const clock = { now: () => new Date(nowMs), monotonicMs: () => 0, after: () => () => undefined };
	const ids = idsFrom(clock, { bytes: (size) => new Uint8Array(size), fraction: () => 0 });
	const made: string[] = [];
	for (let index = 0; index < 5000; index++) {
		made.push(ids.next());
	}
	nowMs -= 3_600_000;
	made.push(ids.next());
	nowMs += 7_200_000;
	made.push(ids.next());
	assert.deepEqual(made, made.toSorted());
	assert.equal(new Set(made).size, made.length);
});
