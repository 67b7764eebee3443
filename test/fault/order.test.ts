// Goal (R6, I4): per conversation the provider gets our messages in the order in which the API accepted them, and people see
// the contact's messages in the order in which the provider sent them, whatever fails and restarts in between; a
// conversation that is stuck does not hold up the others.
// Method: conversations that talk both ways through a provider that fails every tenth send in a seeded way, over a process
// that is killed three times; then every conversation's order is read at the provider and through the API.

import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { systemClock } from "#platform/clock.ts";
import type { Random } from "#platform/random.ts";
import type { Simulator } from "#simulators/simulator.ts";
import { startTwilioSimulator } from "#simulators/twilio.ts";
import { numberFlag, seedFlag } from "#test/flags.ts";
import { brokenInvariants, type Witness } from "#test/invariants.ts";
import { type Api, childParley, configure, type MessageObject, startParley, until } from "#test/parley.ts";
import { seededRandom } from "#test/scene.ts";
import { type Front, frontOf, type Manner } from "./provider-front.ts";

const seed = seedFlag();
const conversationCount = numberFlag("conversations", 24);
const messageCount = numberFlag("messages", 30);
const kills = numberFlag("kills", 3);
const failedShare = 0.1;
const quick = [
	"--lease.ms",
	"1000",
	"--retry.baseMs",
	"100",
	"--breaker.failures",
	"1000",
	"--breaker.probeMs",
	"1000",
];
const fast = { unknownOutcome: "resend", unknownWaitSeconds: 1, sendsPerSecond: 2000 };

type Provider = { simulator: Simulator; front: Front };

async function providerOn(t: TestContext, random: Random): Promise<Provider> {
	const simulator = await startTwilioSimulator({ clock: systemClock, random });
	t.after(() => simulator.close());
	return { simulator, front: await frontOf(t, simulator.origin) };
}

/** The account as Parley has it: behind the front. */
function behind({ simulator, front }: Provider): Simulator {
	const account = { ...simulator.account, serviceConnection: front.origin };
	const pointAt: Simulator["pointAt"] = (url, httpUser) => simulator.pointAt(url, httpUser);
	return { type: simulator.type, origin: simulator.origin, account, pointAt } as Simulator;
}

function contactOf(n: number): string {
	return `+49151${String(n).padStart(8, "0")}`;
}

/** What failing looks like: certainly not taken, perhaps taken, taken and not heard of, not taken and not heard of. */
function mannersOf(random: Random): () => Manner {
	const failures: readonly Manner[] = [
		{
			kind: "answer",
			status: 429,
			body: '{"code":20429,"message":"Too many requests","status":429}',
			headers: { "retry-after": "0" }, // Without it the whole service would pause for a second each time.
		},
		{ kind: "answer", status: 500, body: "{}" },
		{ kind: "passThenDrop" },
		{ kind: "drop" },
	];
	return () =>
		(random.fraction() < failedShare ? failures[Math.floor(random.fraction() * failures.length)] : undefined) ?? {
			kind: "pass",
		};
}

type Books = Witness & {
	offered: Map<string, string>;
	acknowledged: Set<string>;
	accepted: Witness["accepted"][number][];
};

/** Says it until it is acknowledged: the provider's next message of this contact comes after that. */
async function contactTalks(simulator: Simulator, contact: number, books: Books): Promise<void> {
	for (let number = 0; number < messageCount; number++) {
		const remoteId = `SM${String(contact).padStart(16, "0")}${String(number).padStart(16, "0")}`;
		const say = () => simulator.contactWrites({ from: contactOf(contact), text: `in ${number}`, remoteId });
		books.offered.set(remoteId, `in ${number}`);
		while ((await say()).status !== 200) {
			await wait(50);
		}
		books.acknowledged.add(remoteId);
	}
}

/** Each with its own key: what was perhaps accepted before a kill is accepted once. */
async function agentTalks(api: Api, sender: { from: string; service: string }, contact: number, books: Books) {
	for (let number = 0; number < messageCount; number++) {
		const body = { ...sender, to: contactOf(contact), text: `out ${number}` };
		const key = { "idempotency-key": `"contact ${contact} message ${number}"` };
		const send = () => api.ask("POST", "/RI/cmi/messages", body, key).catch(() => undefined);
		let answer = await send();
		while (answer?.status !== 202) {
			await wait(50);
			answer = await send();
		}
		const { id } = (await answer.json()) as MessageObject;
		books.accepted.push({ id, text: body.text, to: body.to });
	}
}

function numbersOf(texts: readonly string[]): number[] {
	return texts.map((text) => Number(text.split(" ")[1]));
}

/** The first times only: a possible duplicate repeats its own number, and may not come after a later one. */
function inversionsIn(numbers: readonly number[]): number {
	return numbers.filter((number, index) => index > 0 && number < (numbers[index - 1] ?? 0)).length;
}

const firstTo = `${conversationCount} conversations × ${messageCount} messages each way, every tenth send failing, ${kills} kills`;

test(`${firstTo}: no inversion (seed ${seed})`, { timeout: 280_000 }, async (t) => {
	const random = seededRandom(seed);
	const provider = await providerOn(t, random);
	const { simulator, front } = provider;
	front.treat = mannersOf(random);
	const parley = await childParley(t, quick);
	await parley.start();
	const { api } = parley;
	const service = await configure(api, behind(provider), fast);
	const contacts = Array.from({ length: conversationCount }, (_, contact) => contact);
	const books: Books = { offered: new Map(), acknowledged: new Set(), accepted: [] };
	const sender = { from: simulator.account.ourAddress, service: service.id };
	const talk = Promise.all(
		contacts.flatMap((contact) => [contactTalks(simulator, contact, books), agentTalks(api, sender, contact, books)]),
	);
	for (let kill = 1; kill <= kills; kill++) {
		const share = (conversationCount * messageCount * kill) / (kills + 1);
		await until(() => (front.sends.length >= share ? true : undefined), `kill ${kill} is due`, 120_000);
		await parley.kill();
		await parley.start();
	}
	await talk;
	const final = new Set(["sent", "delivered", "read"]);
	await until(
		async () => {
			const open = await Promise.all(
				["queued", "sending"].map((state) => api.call<unknown[]>("GET", `/RI/cmi/messages?state=${state}&limit=1`)),
			);
			return open.flat().length === 0 ? true : undefined;
		},
		"everything has an end",
		120_000,
	);
	const failed = front.sends.length - conversationCount * messageCount;
	assert.ok(failed > conversationCount, `only ${failed} sends failed: the test proves nothing`);
	const byContact = Map.groupBy(simulator.taken, ({ to }) => to);
	let duplicates = 0;
	for (const contact of contacts) {
		const taken = numbersOf((byContact.get(contactOf(contact)) ?? []).map(({ text }) => text));
		assert.equal(inversionsIn(taken), 0, `the provider got ${taken.join(" ")}`);
		assert.equal(new Set(taken).size, messageCount, "none is missing");
		duplicates += taken.length - messageCount;
		const shown = await shownWith(api, contact);
		const expected = Array.from({ length: messageCount }, (_, number) => number);
		assert.deepEqual(numbersOf(shown.filter(({ direction }) => direction === "in").map(({ text }) => text)), expected);
		const out = shown.filter(({ direction }) => direction === "out");
		assert.deepEqual(numbersOf(out.map(({ text }) => text)), expected);
		assert.ok(out.every(({ state }) => final.has(state)));
		assert.ok(taken.length - messageCount <= out.filter(({ possibleDuplicate }) => possibleDuplicate).length, "I6");
	}
	assert.deepEqual(await brokenInvariants({ api, simulator, witness: books, argv: parley.argv }), []);
	t.diagnostic(`${front.sends.length} sends, ${failed} of them repetitions, ${duplicates} taken twice and marked`);
});

/** A contact's only conversation, as people read it. */
async function shownWith(api: Api, contact: number): Promise<MessageObject[]> {
	const conversations = await api.call<{ id: string; contactAddress: string }[]>(
		"GET",
		"/RI/cmi/conversations?limit=1000",
	);
	const mine = conversations.filter(({ contactAddress }) => contactAddress === contactOf(contact));
	assert.equal(mine.length, 1);
	return api.call<MessageObject[]>("GET", `/RI/cmi/conversations/${mine[0]?.id}/messages?limit=1000`);
}

test(`a stuck conversation waits alone: the others go on, behind it nothing overtakes (seed ${seed})`, async (t) => {
	const random = seededRandom(seed);
	const provider = await providerOn(t, random);
	const { simulator, front } = provider;
	const api = await startParley(t, { argv: quick });
	const service = await configure(api, behind(provider), fast);
	const stuck = contactOf(0);
	let isStuck = true;
	front.treat = ({ body }) =>
		isStuck && new URLSearchParams(body).get("To") === stuck
			? { kind: "answer", status: 500, body: "{}" }
			: { kind: "pass" };
	const send = (contact: number, number: number) =>
		api.call<MessageObject>("POST", "/RI/cmi/messages", {
			service: service.id,
			from: simulator.account.ourAddress,
			to: contactOf(contact),
			text: `out ${number}`,
		});
	const each = 10;
	for (let number = 0; number < each; number++) {
		await Promise.all(Array.from({ length: conversationCount }, (_, contact) => send(contact, number)));
	}
	const others = () => simulator.taken.filter(({ to }) => to !== stuck);
	const all = (conversationCount - 1) * each;
	await until(() => (others().length === all ? true : undefined), "all others are sent", 60_000);
	assert.equal(simulator.taken.length, others().length, "nothing behind the stuck one overtook it");
	isStuck = false;
	const mine = await until(
		() => {
			const taken = simulator.taken.filter(({ to }) => to === stuck);
			return taken.length === each ? taken : undefined;
		},
		"the stuck one goes on",
		60_000,
	);
	assert.deepEqual(
		numbersOf(mine.map(({ text }) => text)),
		Array.from({ length: each }, (_, number) => number),
	);
});
