// Goal: the module that judges every fault test can itself say no: each of the invariants I1–I10 is seen broken.
// Method: a small sound world, made by hand, in which one thing at a time is wrong; then a running Parley whose sound world
// must pass, and whose witness then claims what is not so.

import assert from "node:assert/strict";
import test from "node:test";
import { systemClock } from "#platform/clock.ts";
import { simulators } from "#simulators/simulators.ts";
import { laws, type Seen, type ShownMessage, type StateChange, type Witness } from "./invariant-laws.ts";
import { brokenInvariants } from "./invariants.ts";
import { configure, type MessageObject, startParley, strangerWith } from "./parley.ts";
import { seededRandom } from "./scene.ts";

const at = (second: number) => new Date(Date.UTC(2026, 0, 2, 12, 0, second));

function shown(id: string, over: Partial<ShownMessage>): ShownMessage {
	return {
		id,
		service: "A",
		from: "+491",
		to: "+492",
		conversation: "C1",
		sequence: 1,
		text: `text ${id}`,
		state: "matched",
		remoteIds: [`remote-${id}`],
		attempts: 0,
		possibleDuplicate: false,
		parts: [],
		...over,
	};
}

function sent(id: string, over: Partial<ShownMessage>): ShownMessage {
	return shown(id, {
		from: "us",
		to: "+491",
		state: "read",
		attempts: 1,
		parts: [{ part: 1, state: "read" }],
		...over,
	});
}

function take(id: string, second = 0) {
	return { remoteId: `remote-${id}`, attemptId: undefined, to: "491", text: `text ${id}`, at: at(second) };
}

function change(message: string, from: string, to: string, byPerson = false): StateChange {
	return { message, part: 1, from, to, byPerson };
}

const wayToRead = (id: string) => [
	change(id, "queued", "sending"),
	change(id, "sending", "sent"),
	change(id, "sent", "delivered"),
	change(id, "delivered", "read"),
];

/** Two messages in and two out, in one conversation, all well. */
function soundWorld(): { seen: Seen; witness: Witness } {
	const incoming = [shown("I1", { sequence: 1 }), shown("I2", { sequence: 3 })];
	const outgoing = [sent("O1", { sequence: 2 }), sent("O2", { sequence: 4 })];
	return {
		seen: {
			isResting: true,
			incoming,
			outgoing,
			changes: [...wayToRead("O1"), ...wayToRead("O2")],
			taken: [take("O1"), take("O2")],
			webhooks: [],
			promisesArrival: true,
			policyOf: new Map([["A", "resend"]]),
			attemptsOf: new Map(),
			leaks: [],
			verify: { passes: true, output: "" },
		},
		witness: {
			offered: new Map(incoming.map(({ remoteIds: [id = ""], text }) => [id, text])),
			acknowledged: new Set(["remote-I1", "remote-I2"]),
			accepted: outgoing.map(({ id, text, to }) => ({ id, text, to, key: `key-${id}` })),
		},
	};
}

/** What is still sound in a world in which O1 was sent again, as it may be: unclear, marked, its policy `resend`. */
function resentWorld(): { seen: Seen; witness: Witness } {
	const { seen, witness } = soundWorld();
	const [, second] = seen.outgoing;
	assert.ok(second);
	const again = sent("O1", {
		sequence: 2,
		possibleDuplicate: true,
		attempts: 2,
		remoteIds: ["remote-O1", "remote-O1b"],
	});
	const before = { ...take("O1"), remoteId: "lost" };
	return {
		seen: {
			...seen,
			outgoing: [again, second],
			taken: [before, take("O1", 9), take("O2", 10)],
			attemptsOf: new Map([
				[
					"O1",
					[
						{ id: "a1", outcome: "unknown" as const },
						{ id: "a2", outcome: "accepted" as const },
					],
				],
			]),
			changes: [
				change("O1", "queued", "sending"),
				change("O1", "sending", "queued"),
				...wayToRead("O1"),
				...wayToRead("O2"),
			],
		},
		witness: { ...witness, unclear: new Set(["O1"]) },
	};
}

function broken({ seen, witness }: { seen: Seen; witness: Witness }): string[] {
	return laws.filter((law) => law.broken(seen, witness).length > 0).map(({ id }) => id);
}

type Break = { name: string; breaks: readonly string[]; seen?: Partial<Seen>; witness?: Partial<Witness> };

const { seen: sound, witness: knows } = soundWorld();
const [in1, in2] = sound.incoming as [ShownMessage, ShownMessage];
const [out1, out2] = sound.outgoing as [ShownMessage, ShownMessage];

const breaks: readonly Break[] = [
	{ name: "an acknowledged message is missing", breaks: ["I1"], seen: { incoming: [in2] } },
	{
		name: "an acknowledged message is in no conversation",
		breaks: ["I1"],
		seen: { incoming: [{ ...in1, state: "received", conversation: null }, in2] },
	},
	{
		name: "a message that nobody sent",
		breaks: ["I2"],
		seen: { incoming: [in1, in2, shown("I3", { sequence: 5, conversation: "C9" })] },
	},
	{ name: "another text than was sent", breaks: ["I2"], seen: { incoming: [{ ...in1, text: "x" }, in2] } },
	{
		name: "a message twice",
		breaks: ["I1", "I3"],
		seen: { incoming: [in1, in2, { ...in2, id: "I2b", sequence: 5 }] },
	},
	{
		name: "one that was never acknowledged twice",
		breaks: ["I3"],
		seen: { incoming: [in1, in2, { ...in2, id: "I2b", sequence: 5 }] },
		witness: { acknowledged: new Set(["remote-I1"]) },
	},
	{
		name: "incoming messages in another order than the provider's",
		breaks: ["I4"],
		seen: {
			incoming: [
				{ ...in1, sequence: 3 },
				{ ...in2, sequence: 1 },
			],
		},
	},
	{ name: "sends that overtook each other", breaks: ["I4"], seen: { taken: [take("O2"), take("O1")] } },
	{
		name: "sends stored in another order than they were accepted in",
		breaks: ["I4"],
		witness: { accepted: knows.accepted.toReversed() },
	},
	{
		name: "an accepted send vanished",
		breaks: ["I5"],
		witness: { accepted: [...knows.accepted, { id: "O3", text: "third", to: "+491" }] },
	},
	{
		name: "a send that never ends",
		breaks: ["I5"],
		seen: {
			outgoing: [out1, { ...out2, state: "queued", parts: [{ part: 1, state: "queued" }] }],
			changes: wayToRead("O1"),
			taken: [take("O1")],
		},
	},
	{
		name: "a send whose arrival was reported and is not shown",
		breaks: ["I5"],
		seen: {
			outgoing: [out1, { ...out2, state: "sent", parts: [{ part: 1, state: "sent" }] }],
			changes: [...wayToRead("O1"), ...wayToRead("O2").slice(0, 2)],
			webhooks: [{ kind: "receipt", remoteId: "remote-O2", status: 200, body: "", at: at(1) }],
		},
	},
	{ name: "a take that no message shows", breaks: ["I5"], seen: { taken: [...sound.taken, take("ghost")] } },
	{
		name: "a send twice, unmarked and without any cause",
		breaks: ["I6"],
		seen: { taken: [...sound.taken, take("O2", 5)] },
	},
	{
		name: "a send changed after its end",
		breaks: ["I7"],
		seen: { changes: [...sound.changes, change("O2", "read", "sent")] },
	},
	{
		name: "a delivered send fails",
		breaks: ["I7"],
		seen: {
			outgoing: [out1, { ...out2, state: "failed", parts: [{ part: 1, state: "failed" }] }],
			changes: [...wayToRead("O1"), ...wayToRead("O2").slice(0, 3), change("O2", "delivered", "failed")],
		},
	},
	{
		name: "a change from a state that was not",
		breaks: ["I7"],
		seen: { changes: [...wayToRead("O1"), ...wayToRead("O2").slice(1)] },
	},
	{ name: "a state that no event tells of", breaks: ["I7"], seen: { changes: wayToRead("O1") } },
	{
		name: "a key with two answers",
		breaks: ["I8"],
		witness: {
			accepted: [
				{ ...knows.accepted[0], id: "O1", text: "text O1", to: "+491", key: "key" },
				{ ...knows.accepted[1], id: "O2", text: "text O2", to: "+491", key: "key" },
			],
		},
	},
	{
		name: "a key with two messages",
		breaks: ["I8"],
		seen: {
			outgoing: [out1, out2, { ...out2, id: "O2b", sequence: 5, remoteIds: [], state: "failed", parts: [] }],
		},
	},
	{ name: "a stranger sees something", breaks: ["I9"], seen: { leaks: ["the list of messages shows I1"] } },
	{ name: "verify complains", breaks: ["I10"], seen: { verify: { passes: false, output: "✘ inbox" } } },
];

test("a sound world breaks nothing, nor does one in which an unclear send was repeated and marked", () => {
	assert.deepEqual(broken(soundWorld()), []);
	assert.deepEqual(broken(resentWorld()), []);
});

for (const { name, breaks: expected, seen, witness } of breaks) {
	test(`${expected.join(", ")}: ${name}`, () => {
		assert.deepEqual(broken({ seen: { ...sound, ...seen }, witness: { ...knows, ...witness } }), expected);
	});
}

test("I6: each condition of a repetition is asked for", () => {
	const { seen, witness } = resentWorld();
	const [again, other] = seen.outgoing;
	assert.ok(again && other);
	const receipt = { kind: "receipt", remoteId: "lost", status: 200, body: "", at: at(5) } as const;
	const accepted = [
		{ id: "a1", outcome: "accepted" as const },
		{ id: "a2", outcome: "accepted" as const },
	];
	const wrong: readonly [string, Partial<Seen>, Partial<Witness>][] = [
		["not marked", { outgoing: [{ ...again, possibleDuplicate: false }, other] }, {}],
		["its first attempt was clear", { attemptsOf: new Map([["O1", accepted]]) }, {}],
		["no fault met it", {}, { unclear: new Set() }],
		["the policy is to hold", { policyOf: new Map([["A", "hold"]]) }, {}],
		["a receipt had come before", { webhooks: [receipt] }, {}],
	];
	for (const [name, seenOver, witnessOver] of wrong) {
		assert.deepEqual(broken({ seen: { ...seen, ...seenOver }, witness: { ...witness, ...witnessOver } }), ["I6"], name);
	}
	const later = { ...receipt, at: at(30) };
	assert.deepEqual(broken({ seen: { ...seen, webhooks: [later] }, witness }), [], "a receipt that came after it");
	const byPerson = seen.changes.map((one) => (one.to === "queued" ? { ...one, byPerson: true } : one));
	const policyOf = new Map([["A", "hold" as const]]);
	assert.deepEqual(broken({ seen: { ...seen, policyOf, changes: byPerson }, witness }), [], "a person sent it again");
});

test("a running Parley: its sound world passes; a witness that knows better, and a stranger with rights, do not", async (t) => {
	const start = simulators["sinchconversation"];
	assert.ok(start);
	const simulator = await start({ clock: systemClock, random: seededRandom(5) });
	const other = await start({ clock: systemClock, random: seededRandom(6) });
	t.after(() => Promise.all([simulator.close(), other.close()]));
	const api = await startParley(t);
	const service = await configure(api, simulator);
	const elsewhere = await configure(api, other);
	const offered = new Map<string, string>();
	for (let number = 1; number <= 3; number++) {
		offered.set(`01MESSAGE${number}`, `hello ${number}`);
		const written = { from: "+4915112345", text: `hello ${number}`, remoteId: `01MESSAGE${number}` };
		assert.equal((await simulator.contactWrites(written)).status, 200);
	}
	const body = { service: service.id, from: simulator.account.ourAddress, to: "+4915112345", text: "answer" };
	const { id } = await api.call<MessageObject>("POST", "/RI/cmi/messages", body, { "idempotency-key": "k1" });
	const witness: Witness = {
		offered,
		acknowledged: new Set(offered.keys()),
		accepted: [{ id, key: "k1", text: "answer", to: "+4915112345" }],
		unclear: new Set(),
	};
	const { dataDir, keyRing } = api.settings;
	const world = { api, simulator, witness, argv: ["--data-dir", dataDir, "--key-ring", keyRing], service: service.id };
	const foreign = await strangerWith(api, elsewhere.id);
	assert.deepEqual(await brokenInvariants({ ...world, foreign }), []);
	const lying = {
		...witness,
		acknowledged: new Set([...offered.keys(), "01NEVER"]),
		accepted: [...witness.accepted, { id: "0".repeat(32), text: "gone", to: "+4915112345" }],
	};
	const found = await brokenInvariants({
		...world,
		witness: lying,
		foreign: await strangerWith(api, service.id),
		argv: ["--data-dir", dataDir, "--key-ring", `${keyRing}.none`],
	});
	assert.deepEqual(
		[...new Set(found.map((sentence) => sentence.split(":")[0]))],
		["I1", "I5", "I9", "I10"],
		found.join("\n"),
	);
});
