// The commands of the delivery model: what workers, providers and people do, through the real functions of the storage, each
// with what must be so right after it.

import assert from "node:assert/strict";
import fc from "fast-check";
import type { Outcome } from "#connectors/contract.ts";
import { advance } from "#domain/delivery.ts";
import type { AttemptId, RemoteId } from "#domain/ids.ts";
import type { ReceiptEvent } from "#domain/messages.ts";
import { settle, settleUnknown } from "#gateway/settle.ts";
import { type Claim, claimParts, renewLease } from "#storage/outbox.ts";
import { settleParts } from "#storage/outbox-moves.ts";
import { claimUnknowns, decideHeld, endUnknown, expireOverdue, markLapsed } from "#storage/outbox-recovery.ts";
import { applyReceipt } from "#storage/receipts.ts";
import { enqueue } from "#test/scene.ts";
import { look, type Row, type Rows } from "./delivery-watch.ts";
import { command, pick, type World } from "./delivery-world.ts";

export const leaseMs = 20_000;
export const unknownWaitMs = 60_000;
export const validForMs = 240_000;

const rules = { baseMs: 1000, capMs: 900_000 };

const contacts = ["+4915100001", "+4915100002", "+4915100003"];

export const enqueues = fc
	.record({ contact: fc.constantFrom(...contacts), parts: fc.integer({ min: 1, max: 3 }) })
	.map((message) =>
		command({
			name: `enqueue(${message.parts} to ${message.contact})`,
			async run({ stage, enqueued }) {
				const { partIds } = await enqueue(stage, { ...message, validForMs });
				partIds.forEach((id) => enqueued.add(id));
				return "enqueue";
			},
		}),
	);

export const claiming = fc.integer({ min: 1, max: 4 }).map((limit) =>
	command({
		name: `claim(${limit})`,
		async run(world, before) {
			const { storage, clock, ids, serviceId } = world.stage;
			const options = {
				serviceId,
				limit,
				now: clock.now(),
				leaseMs,
				owner: "n",
				newAttemptId: () => ids.next<never>(),
			};
			const claims: Claim[] = await storage.alone("outbox", (tx) => claimParts(tx, options));
			assert.ok(claims.length <= limit);
			const after = await look(world.stage);
			claims.forEach((claim) => assertClaim(claim, before, after, world));
			world.claims.push(...claims);
			return claims.length > 0 ? "claim" : undefined;
		},
	}),
);

function assertClaim(claim: Claim, before: Rows, after: Rows, world: World): void {
	const now = world.stage.clock.now().getTime();
	const [was, is] = [before.get(claim.partId), after.get(claim.partId)];
	assert.ok(was && is);
	assert.deepEqual([was.state, is.state], ["queued", "sending"]);
	assert.ok(was.notBefore <= now && was.validUntil > now, "claimed before its time, or after it");
	assert.deepEqual([is.epoch, is.attempts], [claim.epoch, claim.attempt]);
	assert.ok(claim.epoch > was.epoch && claim.attempt === was.attempts + 1);
	assert.ok(!world.taken.has(claim.partId), "claimed again after it was taken");
	const unclear = world.unclear.get(claim.partId) ?? new Set();
	assert.ok(unclear.size === 0 || was.possibleDuplicate, "sent a second time without the mark");
	const ahead = [...before.values()].filter(
		(row) => row.lane === was.lane && row.id < was.id && (row.state === "queued" || row.state === "sending"),
	);
	assert.deepEqual(ahead, [], "it was not the head of its conversation");
	world.unclear.set(claim.partId, new Set([...unclear, claim.attemptId]));
}

let remoteNumber = 0;
const outcomes = fc.constantFrom<Outcome["kind"]>("accepted", "retry", "rejected", "unknown");

function outcomeOf(kind: Outcome["kind"], claim: { attemptId: string }, at: Date): Outcome {
	switch (kind) {
		case "accepted":
			return { kind, remoteIds: [`r-${claim.attemptId}-${remoteNumber++}` as RemoteId], at };
		case "retry":
			return { kind, code: "unreachable", detail: "Refused." };
		case "rejected":
			return { kind, code: "recipient", detail: "No." };
		case "unknown":
			return { kind, code: "unreachable", detail: "?" };
	}
}

export const settling = fc
	.tuple(outcomes, fc.nat(100), fc.double({ min: 0, max: 0.999, noNaN: true }))
	.map(([kind, index, chance]) =>
		command({
			name: `answer(${kind} to claim ${index})`,
			async run(world, before) {
				const claim = pick(world.claims, index);
				if (claim === undefined) {
					return undefined;
				}
				world.claims = world.claims.filter((other) => other !== claim);
				const { storage, clock } = world.stage;
				const now = clock.now();
				const outcome = outcomeOf(kind, claim, now);
				const next = settle(
					{ attempt: claim.attempt, startedAt: claim.startedAt, validUntil: claim.validUntil },
					outcome,
					{ now, chance },
					rules,
				);
				const told = { kind, code: "code" in outcome ? outcome.code : null, detail: null };
				const [kept] = await settleParts(storage, [{ claim, outcome: told, exchange: [], next }], now);
				const [was, after] = [before.get(claim.partId), await look(world.stage)];
				assert.ok(was);
				assert.equal(kept, was.epoch === claim.epoch, "the fence lets its own claim through, and no other");
				if (kind === "retry") {
					world.unclear.get(claim.partId)?.delete(claim.attemptId); // Certainly not taken, also where it is said late.
				}
				const isProof = kind === "accepted" && (was.state === "queued" || was.state === "held");
				if (kept !== true && !isProof) {
					assert.deepEqual(after, before, "a dead worker's answer moved something");
					return `late ${kind}`;
				}
				if (kept !== true) {
					world.taken.add(claim.partId);
					assert.equal(after.get(claim.partId)?.state, "sent", "a late yes settles what waits");
					return `late ${kind}`;
				}
				assert.equal(after.get(claim.partId)?.state, was.state === "sending" ? next.to : was.state);
				if (kind === "accepted") {
					world.taken.add(claim.partId);
				}
				return `answer ${kind}`;
			},
		}),
	);

const words = fc.constantFrom<ReceiptEvent["status"]>("sent", "delivered", "read", "failed");
export const receipts = fc.tuple(words, fc.nat(100), fc.boolean()).map(([status, index, byRemoteId]) =>
	command({
		name: `receipt(${status} for attempt ${index}${byRemoteId ? " by its remote id" : ""})`,
		async run(world, before) {
			const { storage, clock, ids, serviceId } = world.stage;
			const attempts = await storage.db
				.selectFrom("attempts")
				.leftJoin("remote_ids", "remote_ids.attempt_id", "attempts.id")
				.select(["attempts.id", "attempts.part_id", "attempts.number", "remote_ids.remote_id"])
				.orderBy("attempts.id")
				.execute();
			const attempt = pick(attempts, index);
			const was = attempt && before.get(attempt.part_id);
			if (attempt === undefined || was === undefined) {
				return undefined;
			}
			const event: ReceiptEvent = {
				kind: "receipt",
				dedupKey: ids.next<never>(),
				status,
				target: targetOf(attempt, byRemoteId),
			};
			const inbox = {
				id: ids.next<never>() as string,
				serviceId,
				requestId: "",
				kind: "receipt" as const,
				messageId: null,
			};
			const row = { ...inbox, event, receivedAt: clock.now(), attempts: 1, epoch: 1 };
			const applied = await storage.alone("outbox", (tx) =>
				applyReceipt(tx, row, event, { now: clock.now(), newId: () => ids.next() }),
			);
			assert.equal(applied.kind, "applied");
			const isOld = status === "failed" && attempt.number < was.attempts;
			const wanted = isOld ? was.state : advance(was.state, status);
			assert.equal((await look(world.stage)).get(was.id)?.state, wanted);
			return was.state === wanted ? "receipt without effect" : "receipt";
		},
	}),
);

function targetOf(attempt: { id: string; remote_id: string | null }, byRemoteId: boolean): ReceiptEvent["target"] {
	return byRemoteId && attempt.remote_id !== null
		? { by: "remote", remoteId: attempt.remote_id as RemoteId }
		: { by: "attempt", attemptId: attempt.id as AttemptId };
}

export const renewing = fc.nat(100).map((index) =>
	command({
		name: `renew(claim ${index})`,
		async run(world, before) {
			const claim = pick(world.claims, index);
			const was = claim && before.get(claim.partId);
			if (claim === undefined || was === undefined) {
				return undefined;
			}
			const until = new Date(world.stage.clock.now().getTime() + leaseMs);
			const isOurs = await renewLease(world.stage.storage.db, claim, until);
			assert.equal(isOurs, was.epoch === claim.epoch && was.leaseUntil > 0);
			return isOurs ? "renew" : undefined;
		},
	}),
);

export const lapsing = fc.constant(
	command({
		name: "look for dead workers",
		async run({ stage }, before) {
			const now = stage.clock.now();
			const marked = await stage.storage.alone("outbox", (tx) => markLapsed(tx, now));
			for (const row of (await look(stage)).values()) {
				const was = before.get(row.id) as Row;
				assert.ok(row.epoch === was.epoch || was.leaseUntil <= now.getTime(), "a living worker's claim was taken away");
			}
			return marked > 0 ? "dead worker" : undefined;
		},
	}),
);

export const asking = fc.constant(
	command({
		name: "take up unknown outcomes",
		async run(world) {
			const { storage, clock, serviceId } = world.stage;
			const now = clock.now();
			const options = { serviceId, since: new Date(now.getTime() - unknownWaitMs), now, leaseMs, limit: 2 };
			const parts = await storage.alone("outbox", (tx) => claimUnknowns(tx, options));
			world.unknowns.push(...parts);
			return parts.length > 0 ? "unknown" : undefined;
		},
	}),
);

const answersToAsking = fc.constantFrom<"accepted" | "rejected" | undefined>("accepted", "rejected", undefined);
export const ending = fc
	.tuple(fc.nat(100), answersToAsking, fc.constantFrom<"hold" | "resend">("hold", "resend"))
	.map(([index, kind, policy]) =>
		command({
			name: `end the wait(${index}: ${kind ?? policy})`,
			async run(world, before) {
				const part = pick(world.unknowns, index);
				const was = part && before.get(part.partId);
				if (part === undefined || was === undefined) {
					return undefined;
				}
				world.unknowns = world.unknowns.filter((other) => other !== part);
				const now = world.stage.clock.now();
				const asked = kind === undefined ? undefined : outcomeOf(kind, part, now);
				const next = part.learnt ?? settleUnknown(part, asked, policy, now);
				const isOurs = await world.stage.storage.alone("outbox", (tx) => endUnknown(tx, part, next, now));
				const after = await look(world.stage);
				if (!isOurs) {
					assert.deepEqual(after, before, "an answer that nobody waits for moved something");
					return "wait lost";
				}
				assert.ok(was.epoch === part.epoch && was.state === "sending");
				assert.equal(after.get(part.partId)?.state, next.to);
				if (next.to === "sent") {
					world.taken.add(part.partId);
				}
				return `wait ended ${next.to}`;
			},
		}),
	);

export const expiring = fc.constant(
	command({
		name: "expire",
		async run({ stage }, before) {
			const now = stage.clock.now().getTime();
			const { count } = await stage.storage.alone("outbox", (tx) => expireOverdue(tx, stage.clock.now()));
			for (const row of (await look(stage)).values()) {
				const was = before.get(row.id) as Row;
				assert.ok(row.state !== "expired" || was.state === "expired" || was.validUntil <= now, "expired too early");
				assert.ok(row.state !== "queued" || row.validUntil > now, "not expired in time");
			}
			return count > 0 ? "expire" : undefined;
		},
	}),
);

export const deciding = fc
	.tuple(fc.nat(100), fc.constantFrom<"send" | "giveUp">("send", "giveUp"))
	.map(([index, choice]) =>
		command({
			name: `a person decides(${choice})`,
			async run(world, before) {
				const held = pick(
					[...before.values()].filter(({ state }) => state === "held"),
					index,
				);
				if (held === undefined) {
					return undefined;
				}
				const { storage, clock } = world.stage;
				await storage.write((tx) => decideHeld(tx, held.messageId, { do: choice }, clock.now()));
				const is = (await look(world.stage)).get(held.id);
				assert.equal(is?.state, choice === "send" ? "queued" : "failed");
				assert.ok(choice === "giveUp" || is?.possibleDuplicate === true, "sent again without the mark");
				return `person ${choice}`;
			},
		}),
	);

export const waiting = (ms: number) =>
	fc.constant(
		command({
			name: `wait(${ms} ms)`,
			run({ stage }) {
				stage.clock.advance(ms);
				return Promise.resolve(undefined);
			},
		}),
	);
