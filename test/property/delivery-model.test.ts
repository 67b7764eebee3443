// Goal: whatever workers, providers and people do, in whatever order, a part of a message only goes where the table of
// states lets it, is never lost, is never sent again once it was taken, and is only written by who holds its claim.
// Method: random sequences of commands (fast-check) over the real functions of the storage: claims, answers (also of dead
// workers), receipts, recovery, expiry, a person's decisions, jumps of time. After each one every row is looked at.

import assert from "node:assert/strict";
import fc from "fast-check";
import { settleUnknown } from "#gateway/settle.ts";
import { claimUnknowns, endUnknown, expireOverdue, markLapsed } from "#storage/outbox-recovery.ts";
import { onBothDialects } from "#test/storage-on-both.ts";
import * as does from "./delivery-commands.ts";
import { assertLedger, look } from "./delivery-watch.ts";
import type { Model, World } from "./delivery-world.ts";
import { freshStage } from "./many-stages.ts";
import { runs, seed } from "./runs.ts";

const { leaseMs, unknownWaitMs, validForMs, claiming, settling, asking, ending, waiting } = does;

/** Steps in a row, each looked at: chance alone seldom finds the long ways. */
function inARow(...steps: fc.Arbitrary<fc.AsyncCommand<Model, World>>[]) {
	return fc.tuple(...steps).map((row) => ({
		check: () => true,
		toString: () => row.join("; "),
		async run(model: Model, world: World) {
			for (const step of row) {
				await step.run(model, world);
			}
		},
	}));
}

const passing = fc.constantFrom(1, 500, 2000, leaseMs, unknownWaitMs).chain(waiting);
const deadWorker = inARow(claiming, waiting(leaseMs), does.lapsing, waiting(unknownWaitMs), asking, ending);
const unclear = inARow(does.enqueues, claiming, settling, waiting(unknownWaitMs), asking, ending, does.deciding);
const overdue = inARow(waiting(validForMs), does.expiring);
const oftenDone = [does.enqueues, claiming, settling, does.receipts, claiming, settling, passing, deadWorker, unclear];
const seldomDone = [does.renewing, does.lapsing, asking, ending, does.deciding, overdue];

const commands = fc.commands([...oftenDone, ...seldomDone], { maxCommands: 40, size: "max" });

/** What the workers do by themselves when nothing new happens: after that nothing may be left in between. */
async function assertEverythingEnds(world: World): Promise<void> {
	const { storage, clock, serviceId } = world.stage;
	for (let round = 0; round < 3; round++) {
		clock.advance(validForMs);
		const now = clock.now();
		await storage.alone("outbox", (tx) => expireOverdue(tx, now));
		await storage.alone("outbox", (tx) => markLapsed(tx, now));
		const parts = await storage.alone("outbox", (tx) =>
			claimUnknowns(tx, { serviceId, since: new Date(now.getTime() - unknownWaitMs), now, leaseMs, limit: 1000 }),
		);
		for (const part of parts) {
			const next = part.learnt ?? settleUnknown(part, undefined, "hold", now);
			await storage.alone("outbox", (tx) => endUnknown(tx, part, next, now));
		}
	}
	await storage.alone("outbox", (tx) => expireOverdue(tx, clock.now()));
	const between = [...(await look(world.stage)).values()].filter(
		({ state }) => state === "queued" || state === "sending",
	);
	assert.deepEqual(between, [], "parts that nobody will ever finish");
}

// What has to have happened, or nothing was shown about it.
const mustHappen =
	"claim, answer accepted, answer retry, answer rejected, answer unknown, late accepted, receipt, receipt without effect, " +
	"dead worker, unknown, wait ended sent, wait ended held, wait ended queued, wait lost, expire, person send, person giveUp, renew";

onBothDialects(
	`a part only goes where the table lets it, is never lost, never sent again once taken (seed ${seed})`,
	async (open, dialect) => {
		const storage = await open();
		const done = new Map<string, number>();
		const { numRuns } = runs(dialect === "sqlite" ? 100 : 8);
		await fc.assert(
			fc.asyncProperty(commands, async (steps) => {
				const stage = await freshStage(storage);
				const known = {
					enqueued: new Set<string>(),
					claims: [],
					unknowns: [],
					taken: new Set<string>(),
					unclear: new Map(),
				};
				const world: World = { stage, done, ...known };
				await fc.asyncModelRun(() => ({ model: {}, real: world }), steps);
				await assertEverythingEnds(world);
				await assertLedger(stage, await look(stage));
			}),
			{ numRuns, seed },
		);
		const unseen = mustHappen.split(", ").filter((step) => !done.has(step));
		assert.ok(numRuns < 100 || unseen.length === 0, `never happened: ${unseen.join(", ")}`);
	},
);
