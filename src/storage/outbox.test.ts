import assert from "node:assert/strict";
import { enqueue, setStage, type Stage } from "#test/scene.ts";
import { onBothDialects } from "#test/storage-on-both.ts";
import type { AttemptId, RemoteId } from "#domain/ids.ts";
import type { ReceiptEvent } from "#domain/messages.ts";
import { stateOf } from "#domain/delivery.ts";
import { type Claim, claimParts, renewLease } from "./outbox.ts";
import { type NextStep, settlePart } from "./outbox-moves.ts";
import { claimUnknowns, decideHeld, endUnknown, expireOverdue, markLapsed } from "./outbox-recovery.ts";
import { applyReceipt } from "./receipts.ts";

const leaseMs = 20_000;

const claim = (stage: Stage, limit = 10) =>
	stage.storage.alone("outbox", (tx) =>
		claimParts(tx, {
			serviceId: stage.serviceId,
			limit,
			now: stage.clock.now(),
			leaseMs,
			owner: "node",
			newAttemptId: () => stage.ids.next(),
		}),
	);

function settle(stage: Stage, claimed: Claim, next: NextStep): Promise<boolean> {
	const kinds = { sent: "accepted", queued: "retry", sending: "unknown", failed: "rejected" } as const;
	const kind = next.to in kinds ? kinds[next.to as keyof typeof kinds] : "unknown";
	const outcome = { kind, code: null, detail: null };
	return stage.storage.write((tx) =>
		settlePart(tx, { claim: claimed, outcome, exchange: [], next }, stage.clock.now()),
	);
}

const sent = (stage: Stage, remoteId: string): NextStep => ({
	to: "sent",
	remoteIds: [remoteId],
	at: stage.clock.now(),
});

async function states(stage: Stage): Promise<string[]> {
	const rows = await stage.storage.db.selectFrom("outbox").select("state").orderBy("id").execute();
	return rows.map(({ state }) => stateOf(state));
}

function receive(stage: Stage, receipt: Pick<ReceiptEvent, "target" | "status"> & Partial<ReceiptEvent>) {
	const event: ReceiptEvent = { kind: "receipt", dedupKey: "r", ...receipt };
	const { clock, ids, serviceId } = stage;
	const row = {
		id: ids.next<never>() as string,
		serviceId,
		requestId: "",
		kind: "receipt" as const,
		messageId: null,
		event,
		receivedAt: clock.now(),
		attempts: 1,
		epoch: 1,
	};
	return stage.storage.write((tx) => applyReceipt(tx, row, event, { now: clock.now(), newId: () => ids.next() }));
}

const byRemote = (id: string) => ({ by: "remote", remoteId: id as RemoteId }) as const;
const byAttempt = (id: string, remoteId?: string) => ({
	by: "attempt" as const,
	attemptId: id as AttemptId,
	...(remoteId === undefined ? {} : { remoteId: remoteId as RemoteId }),
});

onBothDialects("one part of a lane is in flight, in the order accepted; other lanes go side by side", async (open) => {
	const stage = await setStage(await open());
	const first = await enqueue(stage, { parts: 2 });
	await enqueue(stage);
	const other = await enqueue(stage, { contact: "+4915199999" });
	const claims = await claim(stage);
	assert.deepEqual(new Set(claims.map(({ partId }) => partId)), new Set([first.partIds[0], other.partIds[0]]));
	assert.deepEqual(await claim(stage), []);
	const [head] = claims.filter(({ messageId }) => messageId === first.messageId);
	assert.ok(head);
	assert.deepEqual([head.part, head.parts, head.attempt, head.text], [1, 2, 1, "part 1"]);
	await settle(stage, head, sent(stage, "r1"));
	const [next] = await claim(stage);
	assert.equal(next?.partId, first.partIds[1]);
});

onBothDialects("the attempt is on record before anything is sent", async (open) => {
	const stage = await setStage(await open());
	await enqueue(stage);
	const [claimed] = await claim(stage);
	const rows = await stage.storage.db
		.selectFrom("attempts")
		.select(["id", "number", "outcome", "finished_at"])
		.execute();
	assert.deepEqual(
		rows.map((row) => ({ ...row })),
		[{ id: claimed?.attemptId, number: 1, outcome: null, finished_at: null }],
	);
});

onBothDialects("a head that waits for its retry blocks only its own lane", async (open) => {
	const stage = await setStage(await open());
	await enqueue(stage);
	await enqueue(stage);
	const [head] = await claim(stage);
	assert.ok(head);
	const notBefore = new Date(stage.clock.now().getTime() + 10_000);
	await settle(stage, head, { to: "queued", notBefore, code: "unreachable", detail: "", possibleDuplicate: false });
	assert.deepEqual(await claim(stage), []);
	stage.clock.advance(10_000);
	const [again] = await claim(stage);
	assert.deepEqual([again?.partId, again?.attempt], [head.partId, 2]);
});

onBothDialects("parts behind one that failed for good are not sent; the next message is", async (open) => {
	const stage = await setStage(await open());
	await enqueue(stage, { parts: 3 });
	const second = await enqueue(stage);
	const [head] = await claim(stage);
	assert.ok(head);
	await settle(stage, head, { to: "failed", code: "recipient", detail: "No such number." });
	assert.deepEqual(await states(stage), ["failed", "failed", "failed", "queued"]);
	assert.equal((await claim(stage))[0]?.partId, second.partIds[0]);
});

onBothDialects("a claim whose lease ran out is unknown, and what its worker writes later is refused", async (open) => {
	const stage = await setStage(await open());
	await enqueue(stage);
	const [zombie] = await claim(stage);
	assert.ok(zombie);
	stage.clock.advance(leaseMs - 1);
	assert.equal(await renewLease(stage.storage.db, zombie, new Date(stage.clock.now().getTime() + leaseMs)), true);
	stage.clock.advance(leaseMs - 1);
	assert.equal(await stage.storage.write((tx) => markLapsed(tx, stage.clock.now())), 0);
	stage.clock.advance(1);
	assert.equal(await stage.storage.write((tx) => markLapsed(tx, stage.clock.now())), 1);
	assert.equal(await renewLease(stage.storage.db, zombie, stage.clock.now()), false);
	assert.equal(await settle(stage, zombie, sent(stage, "late")), false);
	assert.deepEqual(await states(stage), ["sending"]);
	assert.deepEqual(await claim(stage), [], "an unknown outcome is never resent by itself");
});

onBothDialects("an unknown outcome is held or sent again marked, and a person may release it", async (open) => {
	const stage = await setStage(await open());
	const { messageId } = await enqueue(stage);
	const [claimed] = await claim(stage);
	assert.ok(claimed);
	await settle(stage, claimed, { to: "sending", unknownSince: stage.clock.now(), code: "unreachable", detail: "?" });
	const takeUnknowns = (since: Date) =>
		stage.storage.write((tx) =>
			claimUnknowns(tx, { serviceId: stage.serviceId, since, now: stage.clock.now(), leaseMs, limit: 10 }),
		);
	stage.clock.advance(60_000);
	const since = new Date(stage.clock.now().getTime() - 60_000);
	assert.deepEqual(await takeUnknowns(new Date(since.getTime() - 1)), []);
	const [unknown] = await takeUnknowns(since);
	assert.ok(unknown);
	assert.equal(unknown.attemptId, claimed.attemptId);
	const held: NextStep = { to: "held", code: "unreachable", detail: "?" };
	assert.equal(await stage.storage.write((tx) => endUnknown(tx, unknown, held, stage.clock.now())), true);
	assert.deepEqual(await states(stage), ["held"]);
	assert.equal(await stage.storage.write((tx) => decideHeld(tx, messageId, { do: "send" }, stage.clock.now())), 1);
	const [again] = await claim(stage);
	assert.equal(again?.attempt, 2);
	const row = await stage.storage.db.selectFrom("outbox").select("possible_duplicate").executeTakeFirstOrThrow();
	assert.equal(row.possible_duplicate, 1);
});

onBothDialects("a queued part whose time is over expires and is not claimed", async (open) => {
	const stage = await setStage(await open());
	await enqueue(stage, { validForMs: 1000 });
	stage.clock.advance(1000);
	assert.deepEqual(await claim(stage), []);
	assert.equal((await stage.storage.write((tx) => expireOverdue(tx, stage.clock.now()))).count, 1);
	assert.deepEqual(await states(stage), ["expired"]);
});

onBothDialects(
	"a receipt before the send's answer moves the state, and the answer does not move it back",
	async (open) => {
		const stage = await setStage(await open());
		await enqueue(stage);
		const [claimed] = await claim(stage);
		assert.ok(claimed);
		const early = await receive(stage, { target: byAttempt(claimed.attemptId, "r1"), status: "delivered" });
		assert.deepEqual([early.kind, early.kind === "applied" && early.moved], ["applied", 1]);
		assert.equal(await settle(stage, claimed, sent(stage, "r1")), true);
		assert.deepEqual(await states(stage), ["delivered"]);
		const late = await receive(stage, { target: byRemote("r1"), status: "sent" });
		assert.equal(late.kind === "applied" && late.moved, 0);
		await receive(stage, { target: byRemote("r1"), status: "read" });
		await receive(stage, { target: byRemote("r1"), status: "failed" });
		assert.deepEqual(await states(stage), ["read"]);
		const effects = await stage.storage.db.selectFrom("receipts").select(["status", "effect"]).orderBy("id").execute();
		assert.deepEqual(
			effects.map(({ status, effect }) => `${status} ${effect}`),
			["delivered moved", "sent none", "read moved", "failed none"],
		);
	},
);

onBothDialects("a receipt for an unknown message is unmatched; another service's ids do not count", async (open) => {
	const stage = await setStage(await open());
	await enqueue(stage);
	const [claimed] = await claim(stage);
	assert.ok(claimed);
	await settle(stage, claimed, sent(stage, "r1"));
	assert.equal((await receive(stage, { target: byRemote("other"), status: "sent" })).kind, "unmatched");
	const elsewhere = { ...stage, serviceId: "another" };
	assert.equal((await receive(elsewhere, { target: byRemote("r1"), status: "read" })).kind, "unmatched");
	assert.equal((await receive(elsewhere, { target: byAttempt(claimed.attemptId), status: "read" })).kind, "unmatched");
	assert.deepEqual(await states(stage), ["sent"]);
});

onBothDialects("proof that an earlier attempt arrived stops the second one, its failure does not", async (open) => {
	const stage = await setStage(await open());
	await enqueue(stage);
	const [first] = await claim(stage);
	assert.ok(first);
	const again = {
		to: "queued",
		notBefore: stage.clock.now(),
		code: "unreachable",
		detail: "",
		possibleDuplicate: true,
	} as const;
	await settle(stage, first, again);
	const [second] = await claim(stage);
	assert.ok(second);
	await receive(stage, { target: byAttempt(first.attemptId), status: "failed" });
	assert.deepEqual(await states(stage), ["sending"]);
	await settle(stage, second, again);
	await receive(stage, { target: byAttempt(first.attemptId), status: "delivered" });
	assert.deepEqual(await states(stage), ["delivered"]);
	assert.deepEqual(await claim(stage), []);
});

onBothDialects("a watermark settles everything sent to that contact up to its time and nothing else", async (open) => {
	const stage = await setStage(await open());
	await enqueue(stage);
	await enqueue(stage, { contact: "+4915199999" });
	for (const [index, claimed] of (await claim(stage)).entries()) {
		await settle(stage, claimed, sent(stage, `r${index}`));
	}
	const target = { by: "watermark", ourAddress: "+493012345", contactAddress: "+4915112345" } as const;
	await receive(stage, { target: { ...target, upTo: new Date(stage.clock.now().getTime() - 1) }, status: "read" });
	assert.deepEqual(await states(stage), ["sent", "sent"]);
	await receive(stage, { target: { ...target, upTo: stage.clock.now() }, status: "read" });
	assert.deepEqual(await states(stage), ["read", "sent"]);
});

onBothDialects("a watermark waits while a send it may be about is under way, then counts", async (open) => {
	const stage = await setStage(await open());
	await enqueue(stage);
	const [claimed] = await claim(stage);
	assert.ok(claimed);
	stage.clock.advance(50);
	const target = {
		by: "watermark",
		ourAddress: "+493012345",
		contactAddress: "+4915112345",
		upTo: stage.clock.now(),
	} as const;
	assert.equal((await receive(stage, { target, status: "read" })).kind, "unmatched");
	await receive(stage, { target: byAttempt(claimed.attemptId), status: "sent" });
	assert.equal((await receive(stage, { target, status: "read" })).kind, "applied");
	assert.deepEqual(await states(stage), ["read"], "also where the answer to the send never came");
});

onBothDialects("what an attempt brought does not undo the proof that an earlier one arrived", async (open) => {
	const stage = await setStage(await open());
	await enqueue(stage);
	const [first] = await claim(stage);
	assert.ok(first);
	const again = { to: "queued", notBefore: stage.clock.now(), code: "", detail: "", possibleDuplicate: true } as const;
	await settle(stage, first, again);
	const [second] = await claim(stage);
	assert.ok(second);
	await receive(stage, { target: byAttempt(first.attemptId), status: "sent" });
	await settle(stage, second, { to: "failed", code: "content", detail: "A duplicate." });
	assert.deepEqual(await states(stage), ["sent"]);
});

onBothDialects("parts behind one that a receipt says failed are not sent", async (open) => {
	const stage = await setStage(await open());
	await enqueue(stage, { parts: 2 });
	const [head] = await claim(stage);
	assert.ok(head);
	await receive(stage, { target: byAttempt(head.attemptId), status: "failed" });
	assert.deepEqual(await states(stage), ["failed", "failed"]);
});
