// Goal: matching can be told again. The inbox, replayed in the order it was received into empty conversations, gives the
// same conversations, places and decisions, however many messages the Chain Matcher takes at a time; and messages that
// come together stand in the order the provider gave them, whatever order they came in.
// Method: random traffic with conversations that people close, matched in one way; then everything the matcher made is
// deleted, the rows of the inbox are work again, and the same is matched in another way. Both databases.

import assert from "node:assert/strict";
import fc from "fast-check";
import { sql } from "kysely";
import { matchBatch } from "#matcher/start.ts";
import { silentLog } from "#platform/log.ts";
import { closeConversation } from "#storage/conversations.ts";
import { recordArrivals } from "#storage/arrivals.ts";
import { noSignals } from "#storage/signals.ts";
import type { Storage } from "#storage/storage.ts";
import { arrivalOf, messageEvent, type Stage } from "#test/scene.ts";
import { onBothDialects } from "#test/storage-on-both.ts";
import { freshStage } from "./many-stages.ts";
import { runs, seed } from "./runs.ts";

const minuteMs = 60_000;
const reopenWindowMinutes = 60;

/** A stretch of traffic: who writes, in which spelling; then whose conversation is closed, and how long nothing happens. */
type Stretch = {
	writers: readonly { contact: number; inCapitals: boolean }[];
	closed: readonly number[];
	minutes: number;
};

const stretch: fc.Arbitrary<Stretch> = fc.record({
	writers: fc.array(fc.record({ contact: fc.nat(2), inCapitals: fc.boolean() }), { minLength: 1, maxLength: 6 }),
	closed: fc.uniqueArray(fc.nat(2), { maxLength: 3 }),
	// Within the window after a closing, at its very end, and after it.
	minutes: fc.constantFrom(0, 1, reopenWindowMinutes - 1, reopenWindowMinutes, 1000),
});
const traffic = fc.array(stretch, { minLength: 1, maxLength: 5 });

const addressOf = (contact: number) => `contact-${contact}@chat.example`;

async function matchAll(stage: Stage): Promise<void> {
	const deps = { ...stage, signals: noSignals, log: silentLog, settings: { leaseMs: 20_000 } };
	while (await matchBatch(deps)) {
		// A full batch: there may be more.
	}
}

async function closeFor(stage: Stage, contact: number): Promise<void> {
	const open = await stage.storage.db
		.selectFrom("conversations")
		.select(["id", "contact_address"])
		.where("state", "=", "open")
		.execute();
	for (const { id } of open.filter((row) => row.contact_address.toLowerCase() === addressOf(contact))) {
		await stage.storage.write((tx) => closeConversation(tx, id, stage.clock.now()));
	}
}

type Writer = Stretch["writers"][number];

async function receive(stage: Stage, { contact, inCapitals }: Writer, name: string): Promise<void> {
	const address = inCapitals ? addressOf(contact).toUpperCase() : addressOf(contact);
	const arrival = arrivalOf(stage, [messageEvent(name, { contact: { address } })]);
	await stage.storage.write((tx) => recordArrivals(tx, [arrival]));
}

async function end(stage: Stage, { closed, minutes }: Stretch): Promise<void> {
	for (const contact of closed) {
		await closeFor(stage, contact);
	}
	stage.clock.advance(minutes * minuteMs);
}

/** What the matcher made, with conversations named by their place in the order they were opened. */
async function told({ storage }: Stage) {
	const conversations = await storage.db
		.selectFrom("conversations")
		.selectAll()
		.orderBy("opened_at")
		.orderBy("id")
		.execute();
	const named = conversations.map((row) => ({ row, name: `${row.chain_key} ${row.opened_at}` }));
	const nameOf = new Map(named.map(({ row, name }) => [row.id, name]));
	assert.equal(new Set(nameOf.values()).size, conversations.length);
	const messages = await storage.db
		.selectFrom("messages")
		.select(["remote_id", "state", "conversation_id", "sequence", "decision"])
		.orderBy("remote_id")
		.execute();
	return {
		conversations: named
			.map(({ row, name }) => ({
				name,
				state: row.state,
				messages: row.messages,
				previous: nameOf.get(row.previous_id ?? ""),
				group: nameOf.get(row.group_id),
				lastWroteAt: row.contact_last_wrote_at,
			}))
			.toSorted((one, other) => (one.name < other.name ? -1 : 1)),
		messages: messages.map((row) => {
			const decision = JSON.parse(row.decision ?? "{}") as { rule?: string; reason?: string };
			const { rule, reason } = decision;
			return { ...row, conversation_id: nameOf.get(row.conversation_id ?? ""), decision: { rule, reason } };
		}),
	};
}

/** As if nothing had been matched yet: only what was received is left. */
async function forgetMatching(storage: Storage): Promise<void> {
	await storage.write(async (tx) => {
		await sql`UPDATE messages SET state = 'received', conversation_id = NULL, contact_id = NULL, sequence = NULL, decision = NULL`.execute(
			tx,
		);
		for (const table of ["events", "conversations", "contact_addresses", "contacts"]) {
			await sql`DELETE FROM ${sql.table(table)}`.execute(tx);
		}
	});
}

/** What was received in one stretch becomes work again. */
async function release({ storage }: Stage, number: number): Promise<void> {
	await storage.db
		.updateTable("inbox")
		.set({ state: "received", lease_until: 0 })
		.where("dedup_key", "like", `message:m${number}.%`)
		.execute();
}

onBothDialects(
	`the inbox replayed from nothing gives the same conversations, places and decisions (seed ${seed})`,
	async (open, dialect) => {
		const storage = await open();
		const rules = new Set<string>();
		await fc.assert(
			fc.asyncProperty(traffic, async (stretches) => {
				const stage = await freshStage(storage);
				await storage.db
					.updateTable("messaging_services")
					.set({ settings: JSON.stringify({ reopenWindowMinutes }) })
					.execute();
				const startedAt = stage.clock.now().getTime();
				for (const [number, one] of stretches.entries()) {
					for (const [index, writer] of one.writers.entries()) {
						// One at a time, as on a quiet day.
						await receive(stage, writer, `m${number}.${index}`);
						await matchAll(stage);
					}
					await end(stage, one);
				}
				const first = await told(stage);
				first.messages.forEach(({ decision }) => rules.add(decision.rule ?? ""));

				await forgetMatching(storage);
				stage.clock.advance(startedAt - stage.clock.now().getTime()); // Closings are told at the time they had.
				for (const [number, one] of stretches.entries()) {
					await release(stage, number);
					await matchAll(stage);
					await end(stage, one);
				}
				assert.deepEqual(await told(stage), first);
			}),
			runs(dialect === "sqlite" ? 40 : 6),
		);
		assert.ok(
			["continue", "reopen", "start"].every((rule) => rules.has(rule)),
			[...rules].join(),
		);
	},
);

const album = fc
	.uniqueArray(fc.integer({ min: 0, max: 50 }), { minLength: 2, maxLength: 8, size: "max" })
	.chain((times) =>
		fc.tuple(
			fc.constant(times),
			fc.shuffledSubarray(times, { minLength: times.length }),
			fc.integer({ min: 1, max: 4 }),
		),
	);

onBothDialects(
	`messages that come together stand in the provider's order, in whatever order they came (seed ${seed})`,
	async (open, dialect) => {
		const storage = await open();
		await fc.assert(
			fc.asyncProperty(album, async ([times, shuffled, perRequest]) => {
				const stage = await freshStage(storage);
				const startMs = stage.clock.now().getTime() - minuteMs;
				const toEvent = (time: number) =>
					messageEvent(`m${time}`, { at: new Date(startMs + time), contact: { address: addressOf(time % 2) } });
				const requests = Map.groupBy(shuffled.entries(), ([index]) => Math.floor(index / perRequest));
				const arrivals = [...requests.values()].map((some) =>
					arrivalOf(
						stage,
						some.map(([, time]) => toEvent(time)),
					),
				);
				await storage.write((tx) => recordArrivals(tx, arrivals));
				await matchAll(stage);
				const rows = await storage.db
					.selectFrom("messages")
					.select(["remote_id", "contact_address"])
					.orderBy("conversation_id")
					.orderBy("sequence")
					.execute();
				for (const contact of [0, 1]) {
					const order = rows.filter((row) => row.contact_address === addressOf(contact)).map((row) => row.remote_id);
					const wanted = times.filter((time) => time % 2 === contact).toSorted((one, other) => one - other);
					assert.deepEqual(
						order,
						wanted.map((time) => `m${time}`),
					);
				}
			}),
			runs(dialect === "sqlite" ? 40 : 6),
		);
	},
);
