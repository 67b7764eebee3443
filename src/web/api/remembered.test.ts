// Goal: what is remembered is known until the page is left, whatever the browser's storage does. Method: storages in its place.

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { recall, remember } from "./remembered.ts";

const own = Object.getOwnPropertyDescriptor(globalThis, "localStorage");
const fail = (): never => {
	throw new Error("QuotaExceededError");
};

function putStorage(get: () => unknown): void {
	Object.defineProperty(globalThis, "localStorage", { configurable: true, get });
}

/** The storage, and what is in it. */
function openStorage(more: object = {}) {
	const kept = new Map<string, string>();
	const getItem = (name: string): string | null => kept.get(name) ?? null;
	const [setItem, removeItem] = [kept.set.bind(kept), kept.delete.bind(kept)];
	return { kept, storage: { getItem, setItem, removeItem, ...more } };
}

afterEach(() => {
	Object.defineProperty(globalThis, "localStorage", own ?? { configurable: true, value: undefined });
});

test("a full storage still has the old value; the new one is recalled, and a write that works counts again", () => {
	const { kept, storage } = openStorage();
	putStorage(() => storage);
	remember("language", "en");
	putStorage(() => ({ ...storage, setItem: fail }));
	remember("language", "de");
	assert.deepEqual([kept.get("language"), recall("language")], ["en", "de"]);
	putStorage(() => storage);
	remember("language", "fi");
	assert.deepEqual([kept.get("language"), recall("language")], ["fi", "fi"]);
	kept.set("language", "sv"); // By another window.
	assert.equal(recall("language"), "sv");
	remember("language", null);
	assert.deepEqual([kept.has("language"), recall("language")], [false, null]);
});

test("what the storage does not forget is forgotten all the same", () => {
	const { storage } = openStorage({ removeItem: fail });
	putStorage(() => storage);
	remember("keys", "off");
	remember("keys", null);
	assert.equal(recall("keys"), null);
});

test("a browser that refuses its storage remembers until the page is left", () => {
	putStorage(fail);
	assert.equal(recall("direction"), null);
	remember("direction", "rtl");
	assert.equal(recall("direction"), "rtl");
	remember("direction", null);
	assert.equal(recall("direction"), null);
});
