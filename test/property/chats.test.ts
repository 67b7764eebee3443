// Laws of chats, for any sequence of what can happen to them: no chat without an owner or a place, none with two; nobody is
// over their limit; and what everybody is told, one thing after the other, is what they would see if they asked.

import assert from "node:assert/strict";
import { test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { allocate, type Candidate } from "#chat/allocate.ts";
import { freshChat } from "#chat/beginning.ts";
import { dueMove } from "#chat/moves/clocks.ts";
import type { Move, World } from "#chat/moves/move.ts";
import { end, finish, handOn, leave, moveToQueue, say, supervise } from "#chat/moves/talking.ts";
import { accept, begin, decline, lose, moveOn, offer, pick } from "#chat/moves/waiting.ts";
import {
	attachedOf,
	fromQueueOf,
	isFor,
	participantsOf,
	placeOf,
	type Step,
	tellsOf,
	toLine,
	viewOf,
} from "#chat/tells.ts";
import type { Chat, Line } from "#domain/chats.ts";
import type { Queue } from "#domain/queues.ts";
import { chatSettingDefaults } from "#storage/chat-configuration.ts";
import { queueDefaults } from "#storage/queues.ts";

const agents = ["A1", "A2", "A3"] as const;
const supervisor = "S1";
const room = 2;
const queues: readonly Queue[] = [
	{ ...queueDefaults, id: "Q1", name: "One", addresses: ["one@desk.test"], priority: 1 },
	{ ...queueDefaults, id: "Q2", name: "Two", addresses: ["two@desk.test"], priority: 2, wrapUpSeconds: 0 },
];

const queueName = (id: string): string | undefined => queues.find((queue) => queue.id === id)?.name;

/** Everything there is, and what each of them was told so far. */
class Stage {
	now = 1_000_000;
	chats = new Map<string, Chat>();
	lines = new Map<string, Line[]>();
	ready = new Set<string>(agents);
	serves: Record<string, Set<string>> = { A1: new Set(["Q1", "Q2"]), A2: new Set(["Q1"]), A3: new Set(["Q2"]) };
	told = new Map<string, Map<string, Seen>>();
	/** Whoever is being lost. */
	gone: string | undefined;
	#number = 0;

	world(): World {
		return {
			now: this.now,
			settings: chatSettingDefaults,
			queue: (id) => queues.find((queue) => queue.id === id),
			prompt: (type) => `prompt ${type}`,
			face: (userId) => ({ address: `${userId}@desk.test`, alias: userId }),
		};
	}

	start(queueIndex: number): void {
		this.#number += 1;
		const queue = queues[queueIndex] ?? queues[0];
		assert.ok(queue);
		const known = { queueAt: () => queue, queue: () => queue } as never;
		const ids = { next: () => `C${this.#number}` } as never;
		const visitorId = `V${this.#number}`;
		const given = { channel: "web", destination: "x", originator: `${visitorId}@home.test`, visitorId };
		const chat = freshChat({ now: this.now, ids, known }, given);
		this.#enact(undefined, chat, begin({ queue, isOpen: true, waiting: 0, place: 1 }));
	}

	act(chatId: string, move: Move): void {
		const chat = this.chats.get(chatId);
		if (chat !== undefined) {
			this.#enact(chat, chat, move);
		}
	}

	actOnAll(move: Move): void {
		for (const chatId of Array.from(this.chats.keys())) {
			this.act(chatId, move);
		}
	}

	#enact(before: Chat | undefined, chat: Chat, move: Move): void {
		const moved = move(chat, this.world());
		if (!moved.ok) {
			return;
		}
		const written = moved.lines.map((line, index) => ({
			line: toLine(line, { id: `${chat.id}-${chat.lines + index + 1}`, seq: chat.lines + index + 1, at: this.now }),
			isLate: line.isLate === true,
		}));
		const after: Chat = { ...moved.chat, lines: chat.lines + written.length };
		assertWrapUps(chat, after, moved.partings, this.gone);
		this.chats.set(chat.id, after);
		this.lines.set(chat.id, [...(this.lines.get(chat.id) ?? []), ...written.map(({ line }) => line)]);
		const { face } = this.world();
		const { partings } = moved;
		for (const { to, steps } of tellsOf({ before, after, written, partings, face, queueName })) {
			steps.forEach((step) => this.#hear(to, after, step));
		}
	}

	#hear(to: string, chat: Chat, step: Step): void {
		const seen = this.told.get(to) ?? new Map<string, Seen>();
		this.told.set(to, seen);
		if (step.kind === "appears") {
			seen.set(step.chatId, this.snapshot(to, chat, { status: step.status, channelStatus: step.channelStatus }));
			return;
		}
		const [, , id = "", name = "", ...rest] = step.path.split("/");
		const one = seen.get(id);
		assert.ok(one !== undefined, `${to} is told of ${step.path} without having the chat`);
		if (name === "") {
			seen.delete(id);
		} else if (name === "status" || name === "channel_status") {
			one[name] = String(step.value);
		} else if (name === "from_queue") {
			one.from_queue = step.value;
		} else if (name === "attached_data") {
			one.attached = step.value as Seen["attached"];
		} else if (name in one.place) {
			one.place = { ...one.place, [name]: step.value };
		} else if (name === "participants") {
			const key = rest[0] ?? "";
			assert.equal(one.participants.has(key), step.method === "DELETE", `${key} comes and goes once`);
			one.participants[step.method === "DELETE" ? "delete" : "add"](key);
		} else {
			assert.ok(!one.lines.includes(rest[1] ?? ""), "a line is told once");
			one.lines.push(rest[1] ?? "");
		}
	}

	snapshot(to: string, chat: Chat, view: { status: string; channelStatus: string }): Seen {
		const { face } = this.world();
		return {
			status: view.status,
			channel_status: view.channelStatus,
			from_queue: fromQueueOf(chat, to, queueName),
			attached: attachedOf(chat),
			participants: new Set(participantsOf(chat, face).map(({ uniquekey }) => uniquekey)),
			place: placeOf(
				chat,
				chat.legs.find(({ userId }) => userId === to),
			),
			lines: (this.lines.get(chat.id) ?? []).filter((line) => isFor(line, chat, to)).map(({ id }) => id),
		};
	}

	loadOf(userId: string): number {
		return [...this.chats.values()].flatMap(({ legs }) => legs).filter((leg) => leg.userId === userId).length;
	}
}

type Seen = {
	status: string;
	channel_status: string;
	from_queue: unknown;
	attached: Readonly<Record<string, unknown>>;
	participants: Set<string>;
	place: Readonly<Record<string, unknown>>;
	lines: string[];
};

type Act = { name: keyof typeof acts; chat: number; agent: number; other: number; seconds: number };

const acts = {
	start: (stage: Stage, { other }: Act) => stage.start(other % 2),
	allocate: (stage: Stage) => allocateNow(stage),
	accept: onChat((_stage, agent) => accept(agent)),
	reject: onChat((_stage, agent) => decline(agent, "rejected")),
	pick: onChat((_stage, agent) => pick(agent)),
	transfer: onChat((_stage, agent, { other }) => handOn(agent, { userId: agentAt(other), origin: "transfer" })),
	consult: onChat((_stage, agent, { other }) => handOn(agent, { userId: agentAt(other), origin: "consult" })),
	/** A transfer that comes to its end: of single acts that fit hardly one is made. */
	handOver(stage: Stage, act: Act) {
		acts.transfer(stage, { ...act, agent: agents.length });
		acts.accept(stage, { ...act, agent: agents.length });
	},
	/** To one who has a place in it already: asked in, looking on, or wrapping it up. */
	handOnInside: onChat((_stage, agent, { other }) => (chat, world) => {
		const others = chat.legs.filter(({ userId }) => userId !== chat.agentId);
		const userId = others[other % Math.max(1, others.length)]?.userId ?? agentAt(other);
		return handOn(agent, { userId, origin: "transfer", attached: { [`from ${agent} at ${world.now}`]: 1 } })(
			chat,
			world,
		);
	}),
	toQueue: onChat((_stage, agent, { other }) => {
		const queue = queues[other % 2];
		assert.ok(queue);
		return moveToQueue(agent, { queue, isOpen: true, waiting: 0, place: 1, destination: "x" });
	}),
	overflow: onChat((_stage, _agent, { other }) => {
		const queue = queues[other % 2];
		assert.ok(queue);
		return moveOn({ queue, isOpen: true, waiting: 0, place: 1 });
	}),
	end: onChat((_stage, agent) => end("agent", agent)),
	hangUp: onChat(() => end("contact")),
	leave: onChat((_stage, agent) => leave(agent)),
	finish: onChat((_stage, agent) => finish(agent, null)),
	lose(stage: Stage, act: Act) {
		stage.gone = agentAt(act.agent);
		onChat(() => lose(agentAt(act.agent)))(stage, act);
		stage.gone = undefined;
	},
	say: onChat(() => say([{ type: "text", message: "x", originator: "y", isSystem: false, audience: "all" }])),
	note: onChat(() => say([{ type: "note", message: "x", originator: "y", isSystem: false, audience: "agents" }])),
	supervise: onChat((_stage, _agent, { other }) => supervise(supervisor, other % 2 === 0)),
	supervisorGoes(stage: Stage) {
		stage.actOnAll(leave(supervisor));
		assertLooksOnNowhere(stage);
	},
	/** As when the user is deleted. */
	remove(stage: Stage, { agent }: Act) {
		stage.gone = agentAt(agent);
		stage.actOnAll(lose(stage.gone));
		assertWithoutLegs(stage, stage.gone);
		stage.gone = undefined;
	},
	toggle(stage: Stage, { agent }: Act) {
		const userId = agentAt(agent);
		stage.ready[stage.ready.has(userId) ? "delete" : "add"](userId);
	},
	wait(stage: Stage, { seconds }: Act) {
		stage.now += seconds * 1000;
		for (const chat of Array.from(stage.chats.values())) {
			const rules = { queue: stage.world().queue(chat.queueId), settings: chatSettingDefaults, upSince: 0 };
			const due = dueMove(chat, rules, stage.now);
			if (due !== undefined) {
				stage.act(chat.id, due);
			}
		}
	},
};

function agentAt(index: number): string {
	return agents[index % agents.length] ?? agents[0];
}

function onChat(moveOf: (stage: Stage, agent: string, act: Act) => Move) {
	return (stage: Stage, act: Act): void => {
		const chats = [...stage.chats.values()];
		const chat = chats[act.chat % Math.max(1, chats.length)];
		if (chat !== undefined) {
			stage.act(chat.id, moveOf(stage, actorOf(chat, act), act));
		}
	};
}

/** Anybody, or as often the one who may: left to chance alone, hardly any transfer would ever be accepted. */
function actorOf({ legs, agentId }: Chat, { name, agent }: Act): string {
	const isAnswer = name === "accept" || name === "reject";
	const fitting = isAnswer ? legs.find(({ state }) => state === "offered")?.userId : agentId;
	return agent < agents.length ? agentAt(agent) : (fitting ?? agentAt(agent));
}

function allocateNow(stage: Stage): void {
	const waiting = [...stage.chats.values()]
		.filter(({ state, legs }) => state === "queued" && !legs.some((leg) => leg.state === "offered"))
		.map((chat) => ({ ...chat, chatId: chat.id, queueId: chat.queueId ?? "", priority: priorityOf(chat) }));
	const candidates: Candidate[] = agents.map((userId) => ({
		userId,
		serves: stage.serves[userId] ?? new Set(),
		isReady: stage.ready.has(userId),
		load: stage.loadOf(userId),
		room,
		freedAt: 0,
	}));
	const allocations = allocate(waiting, candidates, stage.now);
	for (const { chatId, userId } of allocations) {
		assert.ok(stage.ready.has(userId), "nobody is offered anything who is not ready");
		assert.ok(stage.serves[userId]?.has(stage.chats.get(chatId)?.queueId ?? ""), "only queues that they serve");
		assert.ok(stage.loadOf(userId) < room, "nobody is over their limit");
		stage.act(chatId, offer(userId));
	}
	assertTurns(waiting, allocations, stage);
}

/** Who waits longer in a queue of the same priority is not passed over by somebody with the same choices. */
function assertTurns(
	waiting: readonly {
		chatId: string;
		queueId: string;
		isFront: boolean;
		waitingSince: number;
		passes: readonly object[];
	}[],
	allocations: readonly { chatId: string }[],
	stage: Stage,
): void {
	const taken = new Set(allocations.map(({ chatId }) => chatId));
	for (const one of waiting.filter(({ chatId, passes }) => !taken.has(chatId) && passes.length === 0)) {
		const later = waiting.filter(
			(other) =>
				other.queueId === one.queueId &&
				!other.isFront &&
				other.waitingSince > one.waitingSince &&
				taken.has(other.chatId) &&
				stage.chats.get(other.chatId)?.preferredAgentId === null,
		);
		assert.deepEqual(later, [], "the longest waiting comes first");
	}
}

/** A wrap-up is its agent's until they are through with it or gone; whoever gets the chat anew sees it go before. */
function assertWrapUps(
	before: Chat,
	after: Chat,
	partings: Readonly<Record<string, string>>,
	goneId: string | undefined,
): void {
	for (const { userId } of before.legs.filter(({ state }) => state === "wrapUp")) {
		const isKept = after.legs.some((leg) => leg.userId === userId && leg.state === "wrapUp");
		assert.ok(isKept || userId === goneId || partings[userId] === "handled", `${userId} goes on wrapping up`);
	}
}

function assertWithoutLegs({ chats }: Stage, userId: string): void {
	for (const { legs } of chats.values()) {
		assert.ok(!legs.some((leg) => leg.userId === userId), `${userId} has no place any more`);
	}
}

function assertLooksOnNowhere({ chats }: Stage): void {
	for (const { legs } of chats.values()) {
		assert.ok(!legs.some(({ origin }) => origin === "supervision"), "who is gone looks on nowhere");
	}
}

function priorityOf({ queueId }: Chat): number {
	return queues.find(({ id }) => id === queueId)?.priority ?? 0;
}

function assertLaws(stage: Stage): void {
	for (const chat of stage.chats.values()) {
		const owners = chat.legs.filter(({ role, state }) => role === "agent" && state === "accepted");
		assert.equal(chat.state === "served", chat.agentId !== null);
		assert.ok(owners.length <= 1, "no chat has two owners");
		assert.equal(owners[0]?.userId ?? null, chat.agentId, "whoever has it has the leg of it");
		assert.ok(chat.state !== "queued" || chat.queueId !== null, "no chat is without a place");
		assert.ok(
			chat.state === "queued" || !chat.legs.some(({ origin, state }) => origin === "allocation" && state === "offered"),
		);
		assert.equal(new Set(chat.legs.map(({ userId }) => userId)).size, chat.legs.length);
		const numbers = (stage.lines.get(chat.id) ?? []).map(({ seq }) => seq);
		assert.deepEqual(
			numbers,
			numbers.map((_, index) => index + 1),
			"lines are numbered without a gap",
		);
		for (const userId of [...agents, supervisor, chat.visitorId ?? ""]) {
			assertTold(stage, chat, userId);
		}
	}
}

/** What was told, put together, is what a snapshot would say now. */
function assertTold(stage: Stage, chat: Chat, userId: string): void {
	const view = viewOf(chat, userId);
	const seen = stage.told.get(userId)?.get(chat.id);
	if (view === undefined) {
		assert.equal(seen, undefined, `${userId} does not have ${chat.id} any more`);
		return;
	}
	const { lines, participants, place, attached, ...now } = stage.snapshot(userId, chat, view);
	assert.ok(seen, `${userId} has ${chat.id}`);
	const { status, channel_status, from_queue } = seen;
	assert.deepEqual({ status, channel_status, from_queue }, now);
	assert.deepEqual([...seen.participants].toSorted(), [...participants].toSorted());
	assert.ok(userId === chat.visitorId || isDeepStrictEqual(seen.place, place), "and their place in it");
	if (userId === chat.agentId) {
		assert.deepEqual(fromOthers(seen.attached, userId), fromOthers(attached, userId), "and what came along with it");
	}
	assert.deepEqual(seen.lines.toSorted(), lines.toSorted());
}

/** What somebody gives along themselves they are not told. */
function fromOthers(attached: Readonly<Record<string, unknown>>, userId: string): string[] {
	return Object.keys(attached).filter((key) => !key.startsWith(`from ${userId}`));
}

const names = Object.keys(acts) as (keyof typeof acts)[];
const anAct: fc.Arbitrary<Act> = fc.record({
	name: fc.constantFrom(...names, ...(["allocate", "accept", "start", "start", "start", "start"] as const)),
	chat: fc.nat(9),
	agent: fc.nat(2 * agents.length - 1),
	other: fc.nat(2),
	seconds: fc.integer({ min: 1, max: 3600 }),
});

test("whatever happens, each chat has one place or one owner, and everybody is told what is", () => {
	fc.assert(
		fc.property(fc.array(anAct, { maxLength: 80, size: "max" }), (sequence) => {
			const stage = new Stage();
			stage.start(0);
			for (const act of sequence) {
				stage.now += 1;
				acts[act.name](stage, act);
				assertLaws(stage);
			}
		}),
		{ numRuns: 4000 },
	);
});
