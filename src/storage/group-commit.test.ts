import assert from "node:assert/strict";
import test from "node:test";
import { groupCommit, Overloaded } from "./group-commit.ts";

test("what waits in one turn shares one commit, and each caller gets its own result", async () => {
	const groups: number[][] = [];
	const commit = groupCommit((items: readonly number[]) => {
		groups.push([...items]);
		return Promise.resolve(items.map((item) => item * 2));
	}, 100);
	assert.deepEqual(await Promise.all([1, 2, 3].map((item) => commit.add(item))), [2, 4, 6]);
	assert.deepEqual(groups, [[1, 2, 3]]);
});

test("nobody is answered before the commit, and what comes meanwhile goes into the next one", async () => {
	let finish: (() => void) | undefined;
	const groups: string[][] = [];
	const commit = groupCommit((items: readonly string[]) => {
		groups.push([...items]);
		return new Promise<readonly string[]>((resolve) => {
			finish = () => resolve(items);
		});
	}, 100);
	let answered = false;
	const first = commit.add("a").then(() => (answered = true));
	await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
	assert.deepEqual([groups, answered], [[["a"]], false]);
	const second = commit.add("b");
	finish?.();
	await first;
	await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
	finish?.();
	assert.equal(await second, "b");
	assert.deepEqual(groups, [["a"], ["b"]]);
});

test("a bad item fails by itself and never spoils the rest", async () => {
	const commit = groupCommit(
		(items: readonly string[]) => (items.includes("bad") ? Promise.reject(new Error("no")) : Promise.resolve(items)),
		100,
	);
	const results = await Promise.allSettled(["a", "bad", "c"].map((item) => commit.add(item)));
	assert.deepEqual(
		results.map(({ status }) => status),
		["fulfilled", "rejected", "fulfilled"],
	);
});

test("a group is never larger than its bound", async () => {
	const sizes: number[] = [];
	const commit = groupCommit((items: readonly number[]) => {
		sizes.push(items.length);
		return Promise.resolve(items);
	}, 4);
	await Promise.all(Array.from({ length: 10 }, (_, index) => commit.add(index)));
	assert.deepEqual(sizes, [4, 4, 2]);
});

test("while as many wait as may, the next one is refused at once and the others are not", async () => {
	let finish: () => void = () => undefined;
	const commit = groupCommit(
		(items: readonly number[]) => new Promise<readonly number[]>((resolve) => (finish = () => resolve(items))),
		1,
		2,
	);
	const first = commit.add(1);
	await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
	const others = [commit.add(2), commit.add(3)];
	assert.equal(commit.isFull(), true);
	await assert.rejects(commit.add(4), Overloaded);
	for (const waiting of [first, ...others]) {
		finish();
		await waiting;
		await new Promise((resolve) => setImmediate(resolve));
	}
	assert.equal(commit.isFull(), false);
});
