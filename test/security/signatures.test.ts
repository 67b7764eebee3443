// Goal S1: nothing but a genuine request comes in. Method: genuine requests are changed at random in every way of
// mutator.ts and shown to the door (`admit`); an independent reading of each scheme says which of the results are still
// genuine. More with `--mutations`, `--valid` and `--seed`.

import assert from "node:assert/strict";
import test from "node:test";
import { admit } from "#gateway/admit.ts";
import type { Random } from "#platform/random.ts";
import { numberFlag, seedFlag } from "#test/flags.ts";
import { seededRandom } from "#test/scene.ts";
import { mutations } from "./mutator.ts";
import { basicScheme, current, entriesOf, now, type Scheme, serviceOf, signedSchemes } from "./schemes.ts";
import { signMeta, signSinch, signTelegram, signTwilio } from "./signing.ts";
import { below, toRaw, type Wire } from "./wire.ts";

const seed = seedFlag();
const mutationCount = numberFlag("mutations", 500_000);
const validCount = numberFlag("valid", 10_000);
const poolSize = 200;

type Tally = { tried: number; stillGenuine: number; stricter: number; byName: Map<string, number> };

async function fuzz(scheme: Scheme, random: Random): Promise<Tally> {
	const pool = Array.from({ length: poolSize }, () => scheme.sample(random));
	const tally: Tally = { tried: 0, stillGenuine: 0, stricter: 0, byName: new Map() };
	while (tally.tried < mutationCount) {
		const genuine = pool[below(random, poolSize)];
		const name = scheme.mutations[below(random, scheme.mutations.length)] ?? "";
		const wire = genuine === undefined ? undefined : mutations[name]?.(genuine, scheme.subject, random);
		if (wire === undefined) {
			continue;
		}
		tally.tried += 1;
		tally.byName.set(name, (tally.byName.get(name) ?? 0) + 1);
		const { open } = await scheme.admit(toRaw(wire));
		judge({ scheme, name, wire, open }, tally);
	}
	return tally;
}

type Trial = { scheme: Scheme; name: string; wire: Wire; open: boolean };

function judge({ scheme, name, wire, open }: Trial, tally: Tally): void {
	const isGenuine = scheme.isGenuine(wire);
	tally.stillGenuine += isGenuine ? 1 : 0;
	if (open === isGenuine) {
		return;
	}
	assert.ok(!open, `accepted after ${name}: ${shown(wire)}`);
	assert.ok(!scheme.isExact, `refused, though genuine, after ${name}: ${shown(wire)}`);
	tally.stricter += 1;
}

function shown(wire: Wire): string {
	return JSON.stringify({ ...wire, body: Buffer.from(wire.body).toString("latin1") });
}

function checkScheme(scheme: Scheme): (t: test.TestContext) => Promise<void> {
	return async (t) => {
		const tally = await fuzz(scheme, seededRandom(seed));
		t.diagnostic(
			`${tally.tried} changed requests, ${tally.stillGenuine} of them still genuine, 0 of the others accepted; ` +
				`${tally.stricter} refused for their spelling alone`,
		);
		assert.ok(
			mutationCount < 10_000 || tally.byName.size >= scheme.mutations.length - 2,
			"every kind of change was made",
		);
		assert.ok(tally.stillGenuine < tally.tried / 2, "most changes spoil the proof, or nothing is tested");
		assert.ok(tally.stricter <= tally.tried / 50, "ours is hardly stricter than the description");
	};
}

function checkValid(scheme: Scheme): () => Promise<void> {
	return async () => {
		const random = seededRandom(seed + 1);
		for (let count = 0; count < validCount; count++) {
			const wire = scheme.sample(random);
			assert.ok(scheme.isGenuine(wire), `the reference knows it as genuine: ${shown(wire)}`);
			assert.ok((await scheme.admit(toRaw(wire))).open, `refused: ${shown(wire)}`);
		}
	};
}

for (const scheme of signedSchemes) {
	test(`${scheme.name}: of ${mutationCount} changed requests none is accepted (seed ${seed})`, checkScheme(scheme));
	test(`${scheme.name}: ${validCount} genuine requests are all accepted (seed ${seed})`, checkValid(scheme));
}

test(`HTTP Basic: of ${mutationCount} changed requests none is accepted (seed ${seed})`, async (t) =>
	checkScheme(await basicScheme(t))(t));
test(`HTTP Basic: ${validCount} genuine requests are all accepted (seed ${seed})`, async (t) =>
	checkValid(await basicScheme(t))());

test("without a secret, with an empty one, or locked, no request comes in, whatever it is signed with", async () => {
	const random = seededRandom(seed);
	const types = [
		{ name: "Meta sha256", type: "facebook", sign: signMeta },
		{ name: "Sinch Conversation", type: "sinchconversation", sign: signSinch },
		{ name: "Sinch SMS", type: "sinchsms", sign: signSinch },
		{ name: "Twilio form", type: "twilio", sign: signTwilio },
		{ name: "Twilio JSON", type: "twilio", sign: signTwilio },
		{ name: "WhatsApp sha256", type: "whatsapp", sign: signMeta },
		{ name: "Telegram secret", type: "telegram", sign: signTelegram },
	] as const;
	assert.deepEqual(
		types.map(({ name }) => name),
		signedSchemes.map(({ name }) => name),
	);
	const deps = {
		now: () => now,
		usesLocalHttpAuthentication: () => false,
		identity: { checkHttpUser: () => Promise.reject(new Error("nobody is asked")) },
	};
	for (const { name, type, sign } of types) {
		const scheme = signedSchemes.find((candidate) => candidate.name === name);
		assert.ok(scheme);
		const closed = [[], [""], ["", ""]].map((secrets) => serviceOf(type, entriesOf[type](secrets)));
		const locked = { ...serviceOf(type, entriesOf[type]([current])), isLocked: true };
		const samples = Array.from({ length: 200 }, () => scheme.sample(random));
		const signed = samples.flatMap((wire) => [wire, ...["", "undefined", "null"].map((secret) => sign(wire, secret))]);
		for (const service of [...closed, locked]) {
			for (const wire of signed) {
				const { open } = await admit(toRaw(wire), service, "192.0.2.1", deps);
				assert.ok(!open, `${scheme.name}: ${shown(wire)}`);
			}
		}
	}
});
