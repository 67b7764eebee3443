import assert from "node:assert/strict";
import { test } from "node:test";
import { allocate, type Candidate, passRestMs, type Waiting } from "./allocate.ts";

const now = 1_000_000;

function waiting(chatId: string, more: Partial<Waiting> = {}): Waiting {
	return {
		chatId,
		queueId: "Q",
		priority: 1,
		isFront: false,
		waitingSince: now - 1000,
		preferredAgentId: null,
		preferredUntil: null,
		passes: [],
		...more,
	};
}

function agent(userId: string, more: Partial<Candidate> = {}): Candidate {
	return { userId, serves: new Set(["Q"]), isReady: true, load: 0, room: 1, freedAt: 0, ...more };
}

const pairs = (chats: Waiting[], agents: Candidate[]) =>
	allocate(chats, agents, now).map(({ chatId, userId }) => `${chatId} ${userId}`);

test("the longest waiting comes first, behind lower priorities and those at the front", () => {
	const chats = [
		waiting("young", { waitingSince: now - 1 }),
		waiting("old", { waitingSince: now - 9 }),
		waiting("front", { isFront: true, waitingSince: now - 2 }),
		waiting("first", { priority: 0, waitingSince: now }),
	];
	const one = agent("A", { room: 4 });
	assert.deepEqual(pairs(chats, [one]), ["first A", "front A", "old A", "young A"]);
	assert.deepEqual(pairs(chats, [agent("A", { room: 2 })]), ["first A", "front A"]);
});

test("who has the fewest chats gets it, then who was free the longest", () => {
	const agents = [
		agent("busy", { load: 1, room: 3 }),
		agent("later", { freedAt: 5, room: 3 }),
		agent("longest", { room: 3 }),
	];
	assert.deepEqual(pairs([waiting("a"), waiting("b", { waitingSince: now })], agents), ["a longest", "b later"]);
});

test("nobody gets it who is not ready, has no room, or does not serve the queue", () => {
	const agents = [
		agent("resting", { isReady: false }),
		agent("full", { load: 1 }),
		agent("elsewhere", { serves: new Set(["X"]) }),
	];
	assert.deepEqual(pairs([waiting("a")], agents), []);
});

test("a chat waits for its preferred agent who is here, until the time is over", () => {
	const preferred = { preferredAgentId: "P", preferredUntil: now + 1 };
	const others = [agent("P", { isReady: false }), agent("A")];
	assert.deepEqual(pairs([waiting("a", preferred)], others), []);
	assert.deepEqual(pairs([waiting("a", preferred)], [agent("P"), agent("A")]), ["a P"]);
	assert.deepEqual(pairs([waiting("a", preferred)], [agent("A")]), ["a A"], "who is not here is not waited for");
	assert.deepEqual(pairs([waiting("a", { ...preferred, preferredUntil: now })], others), ["a A"]);
});

test("who did not take it is not offered it again for a while, not even the preferred one", () => {
	const passes = [{ userId: "A", at: now - passRestMs + 1 }];
	assert.deepEqual(pairs([waiting("a", { passes })], [agent("A"), agent("B", { freedAt: 9 })]), ["a B"]);
	assert.deepEqual(pairs([waiting("a", { passes })], [agent("A")]), []);
	assert.deepEqual(pairs([waiting("a", { passes: [{ userId: "A", at: now - passRestMs }] })], [agent("A")]), ["a A"]);
	const preferred = { preferredAgentId: "A", preferredUntil: now + 1, passes };
	assert.deepEqual(pairs([waiting("a", preferred)], [agent("A"), agent("B")]), ["a B"]);
});
