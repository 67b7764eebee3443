// Goal (R11, I6): a send whose outcome nobody heard of is never lost and never repeated in silence. Where the provider can
// prove what became of it (echo, receipt, look-up) it arrives exactly once; where it cannot, the policy *resend* repeats it
// marked, at most once for each unclear outcome, and *hold* never repeats it and shows it to a person.
// Method: a front that lets the simulator take the message and then cuts the line, is silent, or cuts before anything was
// taken, for two sends in five, seeded; and a kill −9 at the very moment at which the simulator has taken one.

import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import { systemClock } from "#platform/clock.ts";
import type { Random } from "#platform/random.ts";
import { startFacebookSimulator } from "#simulators/facebook.ts";
import type { Simulator, StartSimulator } from "#simulators/simulator.ts";
import { startSinchConversationSimulator } from "#simulators/sinchconversation.ts";
import { startTwilioSimulator } from "#simulators/twilio.ts";
import { brokenInvariants, type Witness } from "#test/invariants.ts";
import { numberFlag, seedFlag } from "#test/flags.ts";
import { type Api, childParley, configure, type MessageObject, until } from "#test/parley.ts";
import { seededRandom } from "#test/scene.ts";
import { type Front, frontOf, type Manner } from "./provider-front.ts";

const seed = seedFlag();
const sendCount = numberFlag("sends", 60);
const kills = numberFlag("kills", 3);
const contactCount = 20;
const unclearShare = 0.4; // Below the 70 % at which a service stops asking.
const argv = ["--outbound.firstByteMs", "1500", "--outbound.totalMs", "3000", "--lease.ms", "1000"];
const quick = [...argv, "--breaker.failures", "1000", "--breaker.probeMs", "1000"];
const ended = new Set(["sent", "delivered", "read", "failed", "expired", "held"]);

type Policy = "hold" | "resend";
type Case = {
	name: string;
	start: StartSimulator;
	receipts: "all" | "none";
	policy: Policy;
	proves: boolean;
	/** Long where the proof comes by itself: then nobody waits for its end. */
	waitSeconds: number;
};

const byItself = { proves: true, waitSeconds: 20 };
const cases: readonly Case[] = [
	{ name: "Messenger's echo", start: startFacebookSimulator, receipts: "all", policy: "resend", ...byItself },
	{ name: "Sinch's receipt", start: startSinchConversationSimulator, receipts: "all", policy: "resend", ...byItself },
	{
		name: "Twilio's list of messages",
		start: startTwilioSimulator,
		receipts: "none",
		policy: "hold",
		proves: true,
		waitSeconds: 2,
	},
	{
		name: "no proof, resend",
		start: startFacebookSimulator,
		receipts: "none",
		policy: "resend",
		proves: false,
		waitSeconds: 1,
	},
	{
		name: "no proof, hold",
		start: startFacebookSimulator,
		receipts: "none",
		policy: "hold",
		proves: false,
		waitSeconds: 1,
	},
];

type Silence = "passThenDrop" | "passThenSilence" | "drop";
type Provider = { simulator: Simulator; front: Front; service: string };

async function providerFor(t: TestContext, api: Api, one: Case, random: Random): Promise<Provider> {
	const simulator = await one.start({ clock: systemClock, random });
	t.after(() => simulator.close());
	if (one.receipts === "none") {
		simulator.manners = { ...simulator.manners, receipts: [] };
	}
	const isSend = ({ method, path }: { method: string; path: string }) =>
		method === "POST" && !path.includes("/oauth2/");
	const front = await frontOf(t, simulator.origin, isSend);
	const account = { ...simulator.account };
	account.serviceConnection = account.serviceConnection.replace(simulator.origin, front.origin);
	const pointAt: Simulator["pointAt"] = (url, httpUser) => simulator.pointAt(url, httpUser);
	const shown = { type: simulator.type, origin: simulator.origin, account, pointAt } as Simulator;
	const { id } = await configure(api, shown, {
		unknownOutcome: one.policy,
		unknownWaitSeconds: one.waitSeconds,
		sendsPerSecond: 2000,
	});
	return { simulator, front, service: id };
}

/** Messenger knows people by digits alone. */
function contactOf({ simulator }: Provider, n: number): string {
	return `${simulator.type === "facebook" ? "" : "+"}49151${String(n).padStart(8, "0")}`;
}

/** Messenger takes answers only: everybody writes first. */
async function greet(api: Api, provider: Provider, witness: Books): Promise<void> {
	for (let contact = 0; contact < contactCount; contact++) {
		const said = await provider.simulator.contactWrites({ from: contactOf(provider, contact), text: "hello" });
		assert.equal(said.status, 200);
		witness.offered.set(said.remoteId, "hello");
		witness.acknowledged.add(said.remoteId);
	}
	const path = `/RI/cmi/messages?service=${provider.service}&state=matched&limit=1000`;
	const areKnown = async () => (await api.call<unknown[]>("GET", path)).length === contactCount || undefined;
	await until(areKnown, "everybody has written", 30_000);
}

type Books = Witness & {
	offered: Map<string, string>;
	acknowledged: Set<string>;
	accepted: Witness["accepted"][number][];
};

function emptyBooks(): Books {
	return { offered: new Map(), acknowledged: new Set(), accepted: [] };
}

async function send(api: Api, provider: Provider, contact: number, text: string): Promise<MessageObject> {
	const to = contactOf(provider, contact);
	const from = provider.simulator.account.ourAddress;
	return api.call<MessageObject>("POST", "/RI/cmi/messages", { service: provider.service, from, to, text });
}

/** Every contact is written to in turn, all of them side by side. */
async function sendAll(api: Api, provider: Provider, books: Books): Promise<void> {
	await Promise.all(
		Array.from({ length: contactCount }, async (_, contact) => {
			for (let n = contact; n < sendCount; n += contactCount) {
				const { id } = await send(api, provider, contact, `text ${n}`);
				books.accepted.push({ id, text: `text ${n}`, to: contactOf(provider, contact) });
			}
		}),
	);
}

async function outcomesOf(api: Api, { service }: Provider, count: number): Promise<MessageObject[]> {
	return until(
		async () => {
			const path = `/RI/cmi/messages?service=${service}&direction=out&limit=1000`;
			const found = await api.call<MessageObject[]>("GET", path);
			return found.length === count && found.every(({ state }) => ended.has(state)) ? found : undefined;
		},
		"every send has an end",
		60_000,
	);
}

/** Texts that the provider has more than once, with how many times too many. */
function doubles({ simulator }: Provider): Map<string, number> {
	const times = Map.groupBy(simulator.taken, ({ text }) => text);
	return new Map([...times].filter(([, taken]) => taken.length > 1).map(([text, taken]) => [text, taken.length - 1]));
}

function isIn(states: readonly string[]): (message: MessageObject) => boolean {
	return ({ state }) => states.includes(state);
}

const arrived = isIn(["sent", "delivered", "read"]);

test(
	`two sends in five have an unclear outcome (${sendCount} per case, seed ${seed})`,
	{ concurrency: true, timeout: 200_000 },
	async (t) => {
		const parley = await childParley(t, quick);
		await parley.start();
		const { api } = parley;
		await Promise.all(
			cases.map((one, index) =>
				t.test(`${one.name}, policy ${one.policy}`, async (st) => {
					const random = seededRandom(seed + index);
					const provider = await providerFor(t, api, one, random);
					const books = emptyBooks();
					await greet(api, provider, books);
					const perhaps: readonly Silence[] = [
						"passThenDrop",
						"passThenSilence",
						...(one.proves ? [] : ["drop" as const]),
					];
					let unclearTaken = 0;
					provider.front.treat = (): Manner => {
						const kind =
							random.fraction() < unclearShare ? perhaps[Math.floor(random.fraction() * perhaps.length)] : undefined;
						unclearTaken += kind === "passThenDrop" || kind === "passThenSilence" ? 1 : 0;
						return { kind: kind ?? "pass" };
					};
					await sendAll(api, provider, books);
					const sends = await outcomesOf(api, provider, sendCount);
					assert.ok(unclearTaken > sendCount / 20, `only ${unclearTaken} were unclear: the test proves nothing`);
					checkCase(one, provider, sends, unclearTaken);
					st.diagnostic(`${unclearTaken} taken and not heard of, ${doubles(provider).size} sent twice`);
					const world = {
						api,
						simulator: provider.simulator,
						witness: books,
						argv: parley.argv,
						service: provider.service,
					};
					assert.deepEqual(await brokenInvariants(world), []);
				}),
			),
		);
	},
);

function checkCase(one: Case, provider: Provider, sends: readonly MessageObject[], unclearTaken: number): void {
	const twice = doubles(provider);
	const taken = new Set(provider.simulator.taken.map(({ text }) => text));
	if (one.proves) {
		assert.deepEqual(twice, new Map(), "where there is proof, nothing is sent twice");
		assert.ok(sends.every(arrived), "and nothing is lost or held");
		assert.equal(taken.size, sendCount);
		const idOf = new Map(provider.simulator.taken.map(({ text, remoteId }) => [text, remoteId]));
		assert.deepEqual(new Map(sends.map(({ text, remoteIds }) => [text, remoteIds[0]])), idOf, "proof brings the id");
		return;
	}
	if (one.policy === "resend") {
		assert.ok(sends.every(arrived), "nothing is lost");
		assert.equal(taken.size, sendCount);
		assert.ok(twice.size > 0, "without proof, some are sent twice");
		const tooMany = [...twice.values()].reduce((sum, times) => sum + times, 0);
		assert.ok(tooMany <= unclearTaken, `${tooMany} too many for ${unclearTaken} unclear outcomes`);
		const unmarked = sends.filter(({ text, possibleDuplicate }) => twice.has(text) && !possibleDuplicate);
		assert.deepEqual(unmarked, [], "each of them is marked");
		return;
	}
	assert.deepEqual(twice, new Map(), "what is held is not sent twice");
	const heldUp = sends.filter(isIn(["held"]));
	assert.ok(heldUp.length >= unclearTaken, "each unclear one is held");
	const others = sends.filter((send) => !arrived(send) && send.state !== "held");
	assert.deepEqual(
		others.map(({ state, error }) => [state, error]),
		[],
		"everything else arrived",
	);
	assert.ok(heldUp.every(({ attempts, error }) => attempts === 1 && error !== null));
	assert.ok(sends.every(({ state, text }) => state === "held" || taken.has(text)));
}

const killed: readonly Case[] = cases.filter(({ receipts }) => receipts === "none");

test(
	`kill −9 at the moment at which the provider has taken a message, ${kills} times (seed ${seed})`,
	{ timeout: 200_000 },
	async (t) => {
		const parley = await childParley(t, quick);
		await parley.start();
		const { api } = parley;
		const providers = await Promise.all(
			killed.map((one, index) => providerFor(t, api, one, seededRandom(seed + index))),
		);
		const books = killed.map(emptyBooks);
		for (const [index, provider] of providers.entries()) {
			await greet(api, provider, books[index] ?? emptyBooks());
		}
		for (let kill = 0; kill < kills; kill++) {
			const allTaken = Promise.all(
				providers.map(({ front }) => {
					front.treat = () => ({ kind: "passThenSilence" });
					return new Promise<void>((resolve) => {
						front.onTaken = resolve;
					});
				}),
			);
			for (const [index, provider] of providers.entries()) {
				const { id } = await send(api, provider, kill % contactCount, `text ${kill}`);
				books[index]?.accepted.push({ id, text: `text ${kill}`, to: contactOf(provider, kill % contactCount) });
			}
			await allTaken;
			await parley.kill();
			providers.forEach(({ front }) => (front.treat = () => ({ kind: "pass" })));
			await parley.start();
			await Promise.all(providers.map((provider) => outcomesOf(api, provider, kill + 1)));
		}
		for (const [index, provider] of providers.entries()) {
			const one = killed[index];
			assert.ok(one);
			const sends = await outcomesOf(api, provider, kills);
			const twice = doubles(provider);
			if (one.proves || one.policy === "hold") {
				assert.deepEqual(twice, new Map(), one.name);
				assert.ok(sends.every(one.proves ? arrived : isIn(["held"])), one.name);
			} else {
				assert.equal(twice.size, kills, "each was taken before the kill and again after it");
				assert.ok(
					sends.every((send) => arrived(send) && send.possibleDuplicate && send.attempts === 2),
					one.name,
				);
			}
			const witness = books[index] ?? emptyBooks();
			const world = { api, simulator: provider.simulator, witness, argv: parley.argv, service: provider.service };
			assert.deepEqual(await brokenInvariants(world), []);
		}
	},
);
