// Goal: merging loses nothing and mixes nothing. A merge followed by its undo is the identity; whatever is merged, undone and
// said in between, no address belongs to two contacts or to none, every conversation, message and chat is of the contact to
// whom its address belongs, and once everything is undone each address is whose it was. Method: random sequences of people
// writing, of merges and of undos, in any order, on both databases.

import assert from "node:assert/strict";
import fc from "fast-check";
import { addChat, holdings, merge, ownerOf, undo, writes } from "#test/merge-scene.ts";
import type { Stage } from "#test/scene.ts";
import { onBothDialects } from "#test/storage-on-both.ts";
import { freshStage } from "./many-stages.ts";
import { runs, seed } from "./runs.ts";

type Step =
	| { kind: "writes"; who: number; ours: number }
	| { kind: "chat"; who: number }
	| { kind: "merge"; kept: number; other: number; isUndone: boolean }
	| { kind: "undo"; which: number };

const people = 4;
const who = fc.nat(people - 1);
const step: fc.Arbitrary<Step> = fc.oneof(
	fc.record({ kind: fc.constant("writes" as const), who, ours: fc.nat(1) }),
	fc.record({ kind: fc.constant("chat" as const), who }),
	fc.record({ kind: fc.constant("merge" as const), kept: who, other: who, isUndone: fc.boolean() }),
	fc.record({ kind: fc.constant("undo" as const), which: fc.nat(3) }),
);

const addressOf = (one: number) => `+4915110${one}`;

class World {
	/** Of those that stand, the oldest first. */
	#merges: { id: string; kept: string }[] = [];
	readonly #stage: Stage;
	#owners: string[] = [];

	constructor(stage: Stage) {
		this.#stage = stage;
	}

	async begin(): Promise<void> {
		for (let one = 0; one < people; one++) {
			await writes(this.#stage, { address: addressOf(one), ...(one % 2 === 0 ? {} : { name: `Name ${one}` }) });
		}
		this.#owners = await this.owners();
	}

	owners(): Promise<string[]> {
		return Promise.all(Array.from({ length: people }, (_, one) => ownerOf(this.#stage, addressOf(one))));
	}

	async take(one: Step): Promise<void> {
		switch (one.kind) {
			case "writes":
				return writes(this.#stage, { address: addressOf(one.who), ours: `+49301234${one.ours}` });
			case "chat":
				await addChat(this.#stage, await ownerOf(this.#stage, addressOf(one.who)));
				return;
			case "merge":
				return this.#merge(one);
			case "undo":
				return this.#undo(one.which);
		}
	}

	async #merge({ kept, other, isUndone }: Extract<Step, { kind: "merge" }>): Promise<void> {
		const [keptId, otherId] = [this.#owners[kept] ?? "", this.#owners[other] ?? ""];
		const before = await holdings(this.#stage);
		const id = this.#stage.ids.next<string>();
		const result = await merge(this.#stage, keptId, otherId, id);
		if (!result.ok || isUndone) {
			assert.equal(result.ok && !(await undo(this.#stage, keptId, id)).ok, false);
			assert.deepEqual(await holdings(this.#stage), before, "a merge and its undo, or a refusal, change nothing");
			return;
		}
		this.#merges.push({ id, kept: keptId });
	}

	async #undo(which: number): Promise<void> {
		const one = this.#merges[which];
		if (one === undefined) {
			return;
		}
		const result = await undo(this.#stage, one.kept, one.id);
		assert.equal(result.ok || result.why === "mergedAgain", true);
		this.#merges = result.ok ? this.#merges.filter(({ id }) => id !== one.id) : this.#merges;
	}

	/** Everything is of the contact to whom its address belongs. */
	async demandOrder(): Promise<void> {
		const { db } = this.#stage.storage;
		const addresses = await db.selectFrom("contact_addresses").select(["address", "contact_id"]).execute();
		assert.equal(addresses.length, people);
		const owner = new Map(addresses.map((row) => [row.address, row.contact_id]));
		const conversations = await db
			.selectFrom("conversations")
			.select(["id", "contact_address", "contact_id"])
			.execute();
		const messages = await db.selectFrom("messages").select(["contact_address", "contact_id"]).execute();
		for (const row of [...conversations, ...messages]) {
			assert.equal(row.contact_id, owner.get(row.contact_address));
		}
		const ofConversation = new Map(conversations.map((row) => [row.id, row.contact_id]));
		for (const row of await db.selectFrom("chats").select(["conversation_id", "contact_id"]).execute()) {
			assert.equal(row.contact_id, ofConversation.get(row.conversation_id ?? ""));
		}
	}

	/** The youngest first, which always may be. */
	async end(): Promise<void> {
		for (const { id, kept } of this.#merges.toReversed()) {
			assert.equal((await undo(this.#stage, kept, id)).ok, true);
		}
		assert.deepEqual(await this.owners(), this.#owners);
		await this.demandOrder();
	}
}

onBothDialects(`merges and undos lose nothing and mix nothing, seed ${seed}`, async (open, dialect) => {
	const storage = await open();
	const law = fc.asyncProperty(fc.array(step, { maxLength: 14 }), async (steps) => {
		const world = new World(await freshStage(storage));
		await world.begin();
		for (const one of steps) {
			await world.take(one);
			await world.demandOrder();
		}
		await world.end();
	});
	await fc.assert(law, runs(dialect === "sqlite" ? 60 : 12));
});
