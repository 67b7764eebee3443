// Goal: the replay leaves what was synced and nothing that needs more luck than a disk has, so that the power-cut tests (R3)
// mean something.
// Method: logs made by hand, cut under many seeds.

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { seededRandom } from "#test/scene.ts";
import { type LogEntry, rebuild } from "./replay.ts";

const recorded = "/recorded";
const seeds = 60;

type Made = Partial<Omit<LogEntry, "content">> & Pick<LogEntry, "kind"> & { content?: string };

/** Each entry's position is its index, so that `at` of a sync is the index of the first entry it does not cover. */
function logOf(made: readonly Made[]): LogEntry[] {
	return made.map(({ content = "", ...entry }, position) => ({
		nanoseconds: BigInt(position),
		inode: 7,
		at: 0,
		position,
		...entry,
		content: Buffer.from(content),
	}));
}

/** What each seed leaves of the file `a`: its text, or undefined. */
function outcomes(t: TestContext, entries: readonly LogEntry[], name = "a"): (string | undefined)[] {
	const folder = mkdtempSync(join(tmpdir(), "parley-replay-"));
	t.after(() => rmSync(folder, { recursive: true, force: true }));
	return Array.from({ length: seeds }, (_, seed) => {
		const into = join(folder, String(seed));
		rebuild({ entries, recorded, random: seededRandom(seed) }, into);
		return existsSync(join(into, name)) ? readFileSync(join(into, name), "utf8") : undefined;
	});
}

const create: Made = { kind: "create", content: `${recorded}/a` };
const syncFolder = (at: number): Made => ({ kind: "syncFolder", at, content: recorded });

test("what was synced is there under every seed", (t) => {
	const log = logOf([create, { kind: "write", content: "safe" }, { kind: "sync", at: 2 }, syncFolder(3)]);
	assert.deepEqual(new Set(outcomes(t, log)), new Set(["safe"]));
});

test("a write that was not synced is there, or not", (t) => {
	const log = logOf([create, syncFolder(1), { kind: "write", content: "luck" }]);
	assert.deepEqual(new Set(outcomes(t, log)), new Set(["luck", ""]));
});

test("a sync does not cover what was written while it ran", (t) => {
	const log = logOf([create, syncFolder(1), { kind: "write", content: "late" }, { kind: "sync", at: 2 }]);
	assert.ok(outcomes(t, log).includes(""));
});

test("a name is safe with its folder's sync, not with the file's", (t) => {
	const log = logOf([create, { kind: "write", content: "safe" }, { kind: "sync", at: 2 }]);
	assert.deepEqual(new Set(outcomes(t, log)), new Set(["safe", undefined]));
});

test("a rename that was not synced leaves the old name or the new one", (t) => {
	const log = logOf([create, syncFolder(1), { kind: "rename", content: `${recorded}/a\0${recorded}/b` }]);
	const old = outcomes(t, log);
	const next = outcomes(t, log, "b");
	assert.deepEqual(
		new Set(old.map((text, seed) => [text, next[seed]].filter((one) => one === "").length)),
		new Set([1]),
	);
	assert.ok(old.includes("") && next.includes(""));
});

test("a write is torn between sectors, never within one", (t) => {
	const log = logOf([create, syncFolder(1), { kind: "write", content: "x".repeat(2048) }]);
	const left = outcomes(t, log).map((text = "") => text.match(/.{1,512}/gs) ?? []);
	assert.ok(left.flat().every((sector) => new Set(sector).size === 1));
	assert.ok(
		left.some((sectors) => new Set(sectors).size > 1),
		"nothing was torn",
	);
});

test("a kill loses nothing", (t) => {
	const folder = mkdtempSync(join(tmpdir(), "parley-replay-"));
	t.after(() => rmSync(folder, { recursive: true, force: true }));
	const entries = logOf([create, { kind: "write", content: "there" }, { kind: "write", at: 5, content: "!" }]);
	rebuild({ entries, recorded, random: "kill" }, join(folder, "kill"));
	assert.equal(readFileSync(join(folder, "kill", "a"), "utf8"), "there!");
});
