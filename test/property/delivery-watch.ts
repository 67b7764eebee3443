// Looks at every row of the outbox before and after a step, and says what must be so between the two, whatever the step was.

import assert from "node:assert/strict";
import { canMove, isTerminal, type OutgoingState, stateOf } from "#domain/delivery.ts";
import type { Stage } from "#test/scene.ts";

export type Row = {
	id: string;
	messageId: string;
	part: number;
	lane: string;
	state: OutgoingState;
	stateAt: number;
	epoch: number;
	attempts: number;
	notBefore: number;
	validUntil: number;
	leaseUntil: number;
	possibleDuplicate: boolean;
};
export type Rows = ReadonlyMap<string, Row>;

export async function look({ storage }: Stage): Promise<Rows> {
	const rows = await storage.db.selectFrom("outbox").selectAll().orderBy("id").execute();
	return new Map(
		rows.map((row) => [
			row.id,
			{
				id: row.id,
				messageId: row.message_id,
				part: row.part,
				lane: row.lane,
				state: stateOf(row.state),
				stateAt: Number(row.state_at),
				epoch: row.epoch,
				attempts: row.attempts,
				notBefore: Number(row.not_before),
				validUntil: Number(row.valid_until),
				leaseUntil: Number(row.lease_until),
				possibleDuplicate: row.possible_duplicate === 1,
			},
		]),
	);
}

/** No row vanishes; states go only where the table lets them; an end is an end; nothing that only rises falls. */
export function assertStep(before: Rows, after: Rows): void {
	for (const [id, was] of before) {
		const is = after.get(id);
		assert.ok(is, "a part vanished");
		assert.ok(is.state === was.state || canMove(was.state, is.state), `${was.state} → ${is.state}`);
		assert.ok(!isTerminal(was.state) || (is.state === was.state && is.stateAt === was.stateAt), `after ${was.state}`);
		assert.ok(is.epoch >= was.epoch && is.attempts >= was.attempts);
		assert.ok(is.possibleDuplicate || !was.possibleDuplicate, "a mark of a possible duplicate was wiped off");
		assert.ok(is.state === "sending" || was.state !== "sending" || is.leaseUntil === 0 || is.state !== "queued");
	}
	const underWay = [...after.values()].filter(({ state }) => state === "sending").map(({ lane }) => lane);
	assert.equal(new Set(underWay).size, underWay.length, "two parts of one conversation are under way");
}

/** The ledger tells each part's whole way without a gap, and ends where the part is. */
export async function assertLedger({ storage }: Stage, rows: Rows): Promise<void> {
	const events = await storage.db
		.selectFrom("events")
		.select(["message_id", "data"])
		.where("type", "=", "message.state")
		.orderBy("seq")
		.execute();
	const reached = new Map<string, OutgoingState>();
	for (const event of events) {
		const { part, from, to } = JSON.parse(event.data) as { part: number; from: OutgoingState; to: OutgoingState };
		const key = `${event.message_id} ${part}`;
		assert.equal(from, reached.get(key) ?? "queued", "the ledger has a gap");
		assert.ok(canMove(from, to), `the ledger says ${from} → ${to}`);
		reached.set(key, to);
	}
	for (const { messageId, part, state } of rows.values()) {
		assert.equal(reached.get(`${messageId} ${part}`) ?? "queued", state, "the ledger ends elsewhere");
	}
}
