// Goal: a contact's consent is what they said last, in whatever order their words, their provider's notices and its receipts
// are learnt, and however often. Method: random words with the times they were said at; learnt in two random orders, with
// repetitions, they leave the same state, that of the newest (of one moment: the refusal). Both databases.

import assert from "node:assert/strict";
import fc from "fast-check";
import type { ConsentState } from "#domain/consents.ts";
import { findConsents } from "#storage/consent-lists.ts";
import { recordConsent } from "#storage/consents.ts";
import type { Stage } from "#test/scene.ts";
import { onBothDialects } from "#test/storage-on-both.ts";
import { freshStage } from "./many-stages.ts";
import { runs, seed } from "./runs.ts";

type Word = { state: ConsentState; second: number; contact: number; service: number; isSpelledOtherwise: boolean };

const word: fc.Arbitrary<Word> = fc.record({
	state: fc.constantFrom("granted", "refused"),
	second: fc.nat(4),
	contact: fc.nat(1),
	service: fc.nat(2),
	isSpelledOtherwise: fc.boolean(),
});

const services = [null, "A".repeat(32), "B".repeat(32)] as const;

async function learn(stage: Stage, words: readonly Word[]): Promise<void> {
	const { storage, clock, ids } = stage;
	for (const { state, second, contact, service, isSpelledOtherwise } of words) {
		const said = {
			id: ids.next<string>(),
			channel: "whatsapp",
			address: `${isSpelledOtherwise ? "whatsapp:+" : ""}491511234${contact}`,
			serviceId: services[service] ?? null,
			state,
			source: "contact" as const,
			at: new Date(clock.now().getTime() + second * 1000),
			messageId: null,
			conversationId: null,
		};
		await storage.write((tx) => recordConsent(tx, said, clock.now()));
	}
}

async function told(stage: Stage): Promise<string[]> {
	const consents = await findConsents(stage.storage.db, {}, { limit: 100 });
	return consents
		.map(({ address, serviceId, state, at }) =>
			[address.replace("whatsapp:+", ""), serviceId ?? "all", state, at.getTime()].join(" "),
		)
		.toSorted();
}

/** By hand: of each contact and service the newest word, of one moment the refusal. */
function expected(stage: Stage, words: readonly Word[]): string[] {
	const byKey = Map.groupBy(words, ({ contact, service }) => `491511234${contact} ${services[service] ?? "all"}`);
	return [...byKey]
		.map(([key, said]) => {
			const second = Math.max(...said.map((one) => one.second));
			const isRefused = said.some((one) => one.second === second && one.state === "refused");
			return `${key} ${isRefused ? "refused" : "granted"} ${stage.clock.now().getTime() + second * 1000}`;
		})
		.toSorted();
}

onBothDialects(`the newest word of a contact counts in any order and number (seed ${seed})`, async (open, dialect) => {
	const storage = await open();
	const words = fc.array(word, { minLength: 1, maxLength: 12 });
	const order = words.chain((said) =>
		fc.record({
			said: fc.constant(said),
			learnt: fc.shuffledSubarray([...said, ...said], { minLength: said.length * 2, maxLength: said.length * 2 }),
		}),
	);
	await fc.assert(
		fc.asyncProperty(order, async ({ said, learnt }) => {
			const stage = await freshStage(storage);
			await learn(stage, learnt);
			assert.deepEqual(await told(stage), expected(stage, said));
		}),
		runs(dialect === "sqlite" ? 100 : 40),
	);
});
