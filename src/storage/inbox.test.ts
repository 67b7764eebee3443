import assert from "node:assert/strict";
import { arrivalOf, messageEvent, receiptEvent, setStage, type Stage } from "#test/scene.ts";
import { onBothDialects } from "#test/storage-on-both.ts";
import type { RemoteId } from "#domain/ids.ts";
import { type Arrival, recordArrivals } from "./arrivals.ts";
import { claimMessages, claimReceipts, contactIn, endInboxClaim, finishClaims, wakeReceipts } from "./inbox.ts";

const record = (stage: Stage, arrivals: readonly Arrival[]) =>
	stage.storage.write((tx) => recordArrivals(tx, arrivals));
const claim = (stage: Stage) =>
	stage.storage.alone("inbox", (tx) => claimMessages(tx, { now: stage.clock.now(), leaseMs: 20_000, limit: 100 }));
const claimReceipt = (stage: Stage) =>
	stage.storage.alone("inbox", (tx) => claimReceipts(tx, { now: stage.clock.now(), leaseMs: 20_000, limit: 100 }));

async function count(stage: Stage, table: "inbox" | "messages" | "inbound_requests" | "nonces"): Promise<number> {
	const row = await stage.storage.db
		.selectFrom(table)
		.select((eb) => eb.fn.countAll<number>().as("n"))
		.executeTakeFirstOrThrow();
	return Number(row.n);
}

onBothDialects("an event is stored once, however often and however grouped it comes", async (open) => {
	const stage = await setStage(await open());
	const results = await record(stage, [
		arrivalOf(stage, [messageEvent("a"), messageEvent("b")]),
		arrivalOf(stage, [messageEvent("b"), messageEvent("c")]),
		arrivalOf(stage, [messageEvent("a")]),
	]);
	assert.deepEqual(results, [
		{ kind: "stored", fresh: 2, duplicates: 0, differing: 0 },
		{ kind: "stored", fresh: 1, duplicates: 1, differing: 0 },
		{ kind: "stored", fresh: 0, duplicates: 1, differing: 0 },
	]);
	const [again] = await record(stage, [arrivalOf(stage, [messageEvent("a", { text: "other" })])]);
	assert.deepEqual(again, { kind: "stored", fresh: 0, duplicates: 1, differing: 1 });
	assert.deepEqual([await count(stage, "messages"), await count(stage, "inbound_requests")], [3, 2]);
	const first = await stage.storage.db.selectFrom("messages").select("text").where("remote_id", "=", "a").execute();
	assert.deepEqual(
		first.map(({ text }) => text),
		["text a"],
	);
});

onBothDialects("a used nonce brings nothing new in, but a plain repetition is a duplicate", async (open) => {
	const stage = await setStage(await open());
	const both = await record(stage, [
		arrivalOf(stage, [messageEvent("a")], "n1"),
		arrivalOf(stage, [messageEvent("a")], "n1"),
	]);
	assert.deepEqual(
		both.map((result) => (result.kind === "stored" ? [result.fresh, result.duplicates] : result.kind)),
		[
			[1, 0],
			[0, 1],
		],
	);
	const [forged] = await record(stage, [arrivalOf(stage, [messageEvent("new")], "n1")]);
	assert.deepEqual(forged, { kind: "replay" });
	assert.equal(await count(stage, "messages"), 1);
	assert.equal(await count(stage, "nonces"), 1);
});

onBothDialects("many events in one request are all stored (more than fit one statement)", async (open) => {
	const stage = await setStage(await open());
	const events = Array.from({ length: 1000 }, (_, index) => messageEvent(String(index)));
	const [result] = await record(stage, [arrivalOf(stage, events)]);
	assert.deepEqual(result, { kind: "stored", fresh: 1000, duplicates: 0, differing: 0 });
});

onBothDialects(
	"a claim counts its attempt first, is not given twice, and comes back when its lease is over",
	async (open) => {
		const stage = await setStage(await open());
		await record(stage, [arrivalOf(stage, [messageEvent("a", { at: new Date("2026-01-02T11:00:00Z") })])]);
		const [first] = await claim(stage);
		assert.equal(first?.attempts, 1);
		const { channel, ourAddress, contact } = messageEvent("a");
		assert.deepEqual(
			[first.channel, first.ourAddress, contactIn(first), first.at],
			[channel, ourAddress, contact, new Date("2026-01-02T11:00:00Z")],
		);
		assert.deepEqual(await claim(stage), []);
		stage.clock.advance(20_000);
		const [second] = await claim(stage);
		assert.equal(second?.attempts, 2);
		const end = { state: "done" } as const;
		const late = await stage.storage.write((tx) => endInboxClaim(tx, first, end, stage.clock.now()));
		assert.equal(late, false, "the first claimer was fenced off");
		const right = await stage.storage.write((tx) => endInboxClaim(tx, second, end, stage.clock.now()));
		assert.equal(right, true);
		assert.deepEqual(await claim(stage), []);
	},
);

onBothDialects("a message waits while an earlier one of its chain is claimed or waits itself", async (open) => {
	const stage = await setStage(await open());
	const other = { contact: { address: "+4915199999" } };
	await record(stage, [arrivalOf(stage, [messageEvent("a")])]);
	const [first] = await claim(stage);
	stage.clock.advance(1);
	const second = arrivalOf(stage, [messageEvent("b"), messageEvent("c", other)]);
	await record(stage, [second]);
	const others = await claim(stage);
	assert.deepEqual(
		others.map(({ contactAddress }) => contactAddress),
		["+4915199999"],
	);
	assert.ok(first);
	const notBefore = new Date(stage.clock.now().getTime() + 5000);
	await stage.storage.write((tx) =>
		endInboxClaim(tx, first, { state: "received", notBefore, reason: "later" }, stage.clock.now()),
	);
	assert.deepEqual(await claim(stage), []);
	stage.clock.advance(5000);
	const again = await claim(stage);
	assert.deepEqual(
		again.map(({ id }) => id),
		[first.id],
		"what was tried before is tried alone",
	);
	assert.deepEqual(await claim(stage), []);
	await stage.storage.write((tx) => finishClaims(tx, again, stage.clock.now()));
	assert.deepEqual(
		(await claim(stage)).map(({ id }) => id),
		[second.events[0]?.id],
	);
});

onBothDialects("a waiting receipt wakes when its remote id becomes known", async (open) => {
	const stage = await setStage(await open());
	const target = { by: "remote", remoteId: "r1" as RemoteId } as const;
	await record(stage, [arrivalOf(stage, [receiptEvent("1", { target })])]);
	const [first] = await claimReceipt(stage);
	assert.ok(first);
	const now = stage.clock.now();
	const notBefore = new Date(now.getTime() + 60_000);
	await stage.storage.write((tx) => endInboxClaim(tx, first, { state: "waiting", notBefore, reason: "?" }, now));
	assert.deepEqual(await claimReceipt(stage), []);
	await stage.storage.write((tx) => wakeReceipts(tx, stage.serviceId, ["r1"], now));
	assert.equal((await claimReceipt(stage)).length, 1);
});

onBothDialects("what is unreadable is parked at once, an activity is kept without work", async (open) => {
	const stage = await setStage(await open());
	await record(stage, [
		arrivalOf(stage, [
			{ kind: "unreadable", dedupKey: "u", reason: "no JSON" },
			{ kind: "activity", dedupKey: "t", name: "typing", facts: {} },
		]),
	]);
	const rows = await stage.storage.db.selectFrom("inbox").select(["kind", "state", "reason"]).orderBy("kind").execute();
	assert.deepEqual(
		rows.map((row) => ({ ...row })),
		[
			{ kind: "activity", state: "done", reason: null },
			{ kind: "unreadable", state: "parked", reason: "no JSON" },
		],
	);
});

onBothDialects("a request of very many events that comes again has no effect and no error", async (open) => {
	const stage = await setStage(await open());
	const events = Array.from({ length: 40_000 }, (_, index) => ({
		kind: "activity" as const,
		dedupKey: `a${index}`,
		name: "typing",
		facts: {},
	}));
	const record = () => stage.storage.write((tx) => recordArrivals(tx, [arrivalOf(stage, events)]));
	assert.deepEqual(await record(), [{ kind: "stored", fresh: 40_000, duplicates: 0, differing: 0 }]);
	assert.deepEqual(await record(), [{ kind: "stored", fresh: 0, duplicates: 40_000, differing: 0 }]);
});
