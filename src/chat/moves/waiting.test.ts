import assert from "node:assert/strict";
import test from "node:test";
import type { Chat } from "#domain/chats.ts";
import type { Queue } from "#domain/queues.ts";
import { freshChat } from "../beginning.ts";
import { chatSettingDefaults } from "#storage/chat-configuration.ts";
import { queueDefaults } from "#storage/queues.ts";
import type { Move, World } from "./move.ts";
import { dueMove } from "./clocks.ts";
import { end } from "./talking.ts";
import { accept, begin, lose, moveOn, offer } from "./waiting.ts";

const queue = (id: string): Queue => ({ ...queueDefaults, id, name: `${id}'s name`, addresses: [] });
const [own, behind] = [queue("own"), queue("behind")];
const now = 1_000_000;
const arrival = { queue: behind, isOpen: true, waiting: 4, place: 3 };

const world: World = {
	now,
	settings: chatSettingDefaults,
	queue: (id) => [own, behind].find((one) => one.id === id),
	prompt: (type, { queueId }, values = {}) => `${type} of ${queueId}: ${JSON.stringify(values)}`,
	face: (userId) => ({ address: userId, alias: userId }),
};

function waiting(change: Partial<Chat> = {}): Chat {
	const known = { queueAt: () => own } as never;
	const given = { channel: "web", destination: "x", originator: "ann@home.test" };
	return { ...freshChat({ now: 1, known, ids: { next: () => "C" } as never }, given), ...change };
}

function done(chat: Chat, move: Move) {
	const result = move(chat, world);
	assert.ok(result.ok, JSON.stringify(result));
	const said = result.lines.map(({ type, message }) =>
		type === "state" ? (JSON.parse(message) as { state: string }).state : message,
	);
	return { ...result, said };
}

test("what has waited too long keeps its age, its front and whom it was refused by, and is told where it goes", () => {
	const passes = [{ userId: "mia", at: now - 1000 }];
	const chat = waiting({ isFront: true, passes, preferredAgentId: "mia", preferredUntil: now });
	const { said, events, chat: after } = done(chat, moveOn(arrival));
	assert.deepEqual(after, { ...chat, queueId: "behind", preferredAgentId: null, preferredUntil: null });
	assert.deepEqual(said, [
		"CHAT_TRANSFERRED",
		'internalTransfer of own: {"queue":"behind\'s name","position":"3"}',
		'inQueue of behind: {"position":"3"}',
	]);
	assert.deepEqual(events, [{ type: "transferred", data: { from: null, fromQueue: "own", queue: "behind" } }]);
});

test("what waits for an agent of its own, is being offered, or waits no more, stays where it is", () => {
	const kept = [
		waiting({ preferredAgentId: "mia", preferredUntil: now + 1 }),
		done(waiting(), offer("mia")).chat,
		waiting({ state: "served" }),
		waiting({ state: "ended" }),
	];
	for (const chat of kept) {
		assert.equal(moveOn(arrival)(chat, world).ok, false);
	}
});

test("a chat that its queue cannot take begins in the one behind, with the words of both", () => {
	const { said, events } = done(waiting({ queueId: "behind" }), begin(arrival, own));
	assert.deepEqual(said, [
		"CHAT_STARTED",
		'internalTransfer of own: {"queue":"behind\'s name","position":"3"}',
		'welcome of behind: {"position":"3"}',
		'inQueue of behind: {"position":"3"}',
	]);
	assert.deepEqual(events, [{ type: "started", data: { queue: "behind", fromQueue: "own" } }]);
	const usual = done(waiting(), begin({ ...arrival, queue: own }));
	assert.ok(!usual.said.some((text) => text.startsWith("internalTransfer")));
	assert.deepEqual(usual.events, [{ type: "started", data: { queue: "own" } }]);
});

test("once somebody had the chat, prompts know their name as the contact knows it", () => {
	const served: Chat = [offer("mia"), accept("mia")].reduce((chat, move) => done(chat, move).chat, waiting());
	const prompts = (chat: Chat, move: Move | undefined) =>
		done(chat, move ?? moveOn(arrival)).said.filter((text) => text.includes(" of "));
	const rules = { queue: { ...own, idleWarningMinutes: 5 }, settings: chatSettingDefaults, upSince: 0 };
	const warn = dueMove(served, rules, served.lastLineAt + 25 * 60_000);
	assert.deepEqual(prompts(served, warn), ['idleWarning of own: {"minutes":"5","agent":"mia"}']);
	assert.deepEqual(prompts(served, lose("mia")), ['agentSessionLost of own: {"agent":"mia"}']);
	assert.deepEqual(prompts(served, end("agent", "mia")), ['disconnection of own: {"agent":"mia"}']);
	const { chat: lost } = done(served, lose("mia"));
	assert.deepEqual(prompts(lost, end("system")), ['disconnection of own: {"agent":"mia"}'], "the last who had it");
});
