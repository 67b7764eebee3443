import test from "node:test";
import assert from "node:assert/strict";
import { openLanes } from "./lanes.ts";

function scene(limits: { perLane: number; inAll: number }) {
	const lanes = openLanes(limits);
	const inside: string[] = [];
	return { inside, enter: (lane: string, name: string) => lanes.enter(lane, () => void inside.push(name)) };
}

test("a lane lets in as many as it has places, the others in the order of arrival", () => {
	const { inside, enter } = scene({ perLane: 2, inAll: 10 });
	const [leave1] = [enter("a", "1"), enter("a", "2")];
	const leave3 = enter("a", "3");
	enter("a", "4");
	assert.deepEqual(inside, ["1", "2"]);
	leave1?.();
	assert.deepEqual(inside, ["1", "2", "3"]);
	leave3();
	assert.deepEqual(inside, ["1", "2", "3", "4"]);
});

test("a full lane does not hold up another one", () => {
	const { inside, enter } = scene({ perLane: 1, inAll: 10 });
	enter("a", "a1");
	enter("a", "a2");
	enter("b", "b1");
	assert.deepEqual(inside, ["a1", "b1"]);
});

test("the limit for all holds across lanes, and a free place goes to the first whose lane has room", () => {
	const { inside, enter } = scene({ perLane: 1, inAll: 2 });
	const leaveA = enter("a", "a1");
	enter("b", "b1");
	enter("b", "b2");
	enter("c", "c1");
	assert.deepEqual(inside, ["a1", "b1"]);
	leaveA();
	assert.deepEqual(inside, ["a1", "b1", "c1"]);
});

test("who leaves the waiting line is never let in, and leaving twice frees one place only", () => {
	const { inside, enter } = scene({ perLane: 1, inAll: 1 });
	const leave1 = enter("a", "1");
	enter("a", "2")();
	enter("a", "3");
	enter("a", "4");
	leave1();
	leave1();
	assert.deepEqual(inside, ["1", "3"]);
});
