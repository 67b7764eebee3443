import assert from "node:assert/strict";
import test from "node:test";
import type { AttemptId, RemoteId } from "#domain/ids.ts";
import { storageTrouble } from "#storage/trouble.ts";
import { arrivalOf, messageEvent, receiptEvent, setStage } from "#test/scene.ts";
import { openTemporarySqlite } from "#test/storage-on-both.ts";
import { fromFailure, pack, packResults, sharedSignals, toFailure, unpack, unpackResults } from "./thread-talk.ts";

test("arrivals come out as they went in: bodies, dates, nonces and all", async (t) => {
	const stage = await setStage(await openTemporarySqlite(t));
	const at = new Date("2026-01-02T11:00:00.123Z");
	const watermark = { by: "watermark", ourAddress: "1", contactAddress: "2", upTo: at } as const;
	const target = { by: "attempt", attemptId: "A" as AttemptId, remoteId: "r" as RemoteId } as const;
	const events = [messageEvent("a", { at, text: "\u{1f600} \ufffd" }), receiptEvent("b", { target: watermark })];
	const arrivals = [
		{ ...arrivalOf(stage, events, "n1") },
		{ ...arrivalOf(stage, [receiptEvent("c", { target, at })]) },
		{ ...arrivalOf(stage, []) },
	].map((arrival, index) => ({
		...arrival,
		request: { ...arrival.request, body: Uint8Array.from([index, 0, 255]).subarray(0, index + 1) },
	}));
	assert.deepEqual(unpack(structuredClone(pack(arrivals))), arrivals);
});

test("results come out as they went in", () => {
	const results = [
		{ kind: "stored", fresh: 2, duplicates: 0, differing: 0 },
		{ kind: "stored", fresh: 0, duplicates: 1, differing: 1 },
		{ kind: "replay" },
	] as const;
	assert.deepEqual(unpackResults(structuredClone(packResults(results))), results);
});

test("a database's error is known for what it is on the other side", () => {
	const full = Object.assign(new Error("database or disk is full"), { code: "ERR_SQLITE_ERROR", errcode: 13 });
	const crossed = fromFailure(structuredClone(toFailure(full)));
	assert.deepEqual([crossed.message, storageTrouble(crossed)], [full.message, "full"]);
	assert.equal(storageTrouble(fromFailure(structuredClone(toFailure(new Error("else"))))), undefined);
});

test("the other thread hears at once, and again after the turn if there was more; what it says is not said back", async () => {
	const told: string[] = [];
	const signals = sharedSignals((lane) => told.push(lane));
	let heard = 0;
	signals.listen("matcher", () => (heard += 1));
	signals.nudge("matcher");
	signals.nudge("matcher");
	signals.hear("matcher");
	assert.deepEqual([told, heard], [["matcher"], 3]);
	await new Promise((resolve) => setImmediate(resolve));
	assert.deepEqual(told, ["matcher", "matcher"], "the second hint may tell of a later commit");
	await new Promise((resolve) => setImmediate(resolve));
	assert.equal(told.length, 2, "and no more than that");
	signals.nudge("matcher");
	await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
	assert.equal(told.length, 3);
});
