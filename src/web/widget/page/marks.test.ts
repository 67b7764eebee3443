import assert from "node:assert/strict";
import { test } from "node:test";
import { marksIn } from "./marks.ts";

test("the next page reads that there is a chat, and nothing else", () => {
	const stored = new Map<string, string>();
	const storage = {
		getItem: (name: string) => stored.get(name) ?? null,
		setItem: (name: string, value: string) => void stored.set(name, value),
		removeItem: (name: string) => void stored.delete(name),
	} as unknown as Storage;
	const marks = marksIn(
		() => storage,
		() => storage,
	);
	marks.chat(true);
	assert.deepEqual([marks.isGoingOn(), marks.wasOpen()], [true, false]);
	assert.deepEqual([...stored], [["parley.chat", "1"]]);
	marks.chat(false);
	assert.equal(marks.isGoingOn(), false);
});

test("a browser that refuses storage is no trouble", () => {
	const refuse = (): Storage => {
		throw new Error("SecurityError");
	};
	const marks = marksIn(refuse, refuse);
	marks.chat(true);
	assert.equal(marks.isGoingOn(), false);
});
