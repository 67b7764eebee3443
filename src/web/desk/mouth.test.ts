import assert from "node:assert/strict";
import { test } from "node:test";
import { type Answer, Unanswered, Unsent } from "#web/realtime/link.ts";
import { emptyTree, type Interaction } from "#web/realtime/tree.ts";
import type { DeskState } from "./desk.ts";
import { openMouth } from "./mouth.ts";
import { noWords, parseWords, type Pending, toKept, withPending } from "./pending.ts";
import { openStore } from "./store.ts";

const chat = (id: string): Interaction => ({
	id,
	status: "accepted",
	channel_status: "connected",
	originator: "ann@home.test",
	destination: "mia@desk.test",
	date_created: "",
	from_queue: { id: "Q", name: "Support" },
	attached_data: {},
	title: null,
	participants: [],
	transcript: { messages: [] },
});

type Said = { message: string; client_message_id: string };

/** A desk with two chats; `answers` are given in order, by who asks. */
function stage() {
	const store = openStore<DeskState>({
		link: "open",
		isCaughtUp: false,
		isAwaited: false,
		isLoaded: true,
		tree: { ...emptyTree, interactions: [chat("A"), chat("B")] },
		words: noWords,
		seen: {},
		letter: undefined,
	});
	const asked: (Said & { resolve(answer: Answer): void; reject(error: Error): void })[] = [];
	const mouth = openMouth(
		store,
		(_method, _uri, body) =>
			new Promise((resolve, reject) => {
				asked.push({ ...(body as Said), resolve, reject });
			}),
	);
	const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
	const states = (chatId = "A") =>
		(store.now().words.pending[chatId] ?? []).map(({ text, state }) => `${text} ${state}`);
	return { store, mouth, asked, settle, states };
}

const good: Answer = { status: 200, body: undefined };

test("in one chat words go out one after the other, in other chats beside them", async () => {
	const { mouth, asked, settle, states } = stage();
	mouth.say("A", "text", "one");
	mouth.say("A", "text", "two");
	mouth.say("B", "text", "other");
	assert.deepEqual(
		asked.map(({ message }) => message),
		["one", "other"],
	);
	assert.deepEqual(states(), ["one sending", "two waiting"]);
	asked[0]?.resolve(good);
	await settle();
	assert.deepEqual(states(), ["one taken", "two sending"]);
	assert.equal(asked.at(-1)?.message, "two");
});

test("what is refused says why, stands still until it is sent again, and holds up nothing else", async () => {
	const { store, mouth, asked, settle, states } = stage();
	mouth.say("A", "text", "one");
	mouth.say("A", "text", "two");
	asked[0]?.resolve({ status: 403, body: { error: "OPTOUT", message: "No messages wanted." } });
	await settle();
	assert.deepEqual(states(), ["one refused", "two sending"]);
	const [refused] = store.now().words.pending["A"] ?? [];
	assert.equal(refused?.because, "No messages wanted.");
	asked[1]?.resolve(good);
	await settle();
	mouth.sayAgain("A", refused?.clientId ?? "");
	assert.deepEqual(
		asked.map(({ message }) => message),
		["one", "two", "one"],
	);
	assert.equal(asked[2]?.client_message_id, asked[0]?.client_message_id);
});

test("without a line it waits, and goes out under the same id when there is one", async () => {
	const { mouth, asked, settle, states } = stage();
	mouth.say("A", "text", "one");
	asked[0]?.reject(new Unsent("There is no connection."));
	await settle();
	assert.deepEqual(states(), ["one waiting"]);
	mouth.goOn();
	assert.equal(asked.length, 2);
	assert.equal(asked[1]?.client_message_id, asked[0]?.client_message_id);
});

test("without an answer it is asked again after a while, though the line holds", async (t) => {
	t.mock.timers.enable({ apis: ["setTimeout"] });
	const { mouth, asked, settle, states } = stage();
	mouth.say("A", "text", "one");
	asked[0]?.reject(new Unanswered("The server did not answer in time."));
	await settle();
	assert.deepEqual(states(), ["one waiting"]);
	t.mock.timers.tick(5000);
	assert.equal(asked.length, 2);
});

test("words that the transcript shows are gone, and words of a gone chat stay unsent", async () => {
	const { store, mouth, asked, settle, states } = stage();
	mouth.say("A", "text", "one");
	asked[0]?.resolve(good);
	await settle();
	const id = asked[0]?.client_message_id ?? "";
	const line = { id: "M", seq: 1, type: "text", message: "one", originator: "", timestamp: "", system_message: false };
	const shown = { ...chat("A"), transcript: { messages: [{ ...line, client_message_id: id }] } };
	store.set({ tree: { ...emptyTree, interactions: [shown] } });
	mouth.sweep();
	assert.deepEqual(states(), []);
	mouth.say("B", "text", "late");
	assert.equal(asked.length, 1);
	assert.deepEqual(states("B"), ["late waiting"]);
});

test("what was refused can be taken back into the draft, before what is there", async () => {
	const { store, mouth, asked, settle } = stage();
	mouth.say("A", "note", "one");
	mouth.draft("A", { note: "two" });
	asked[0]?.resolve({ status: 403, body: {} });
	await settle();
	const [refused] = store.now().words.pending["A"] ?? [];
	assert.ok(refused);
	mouth.takeBack("A", refused);
	assert.deepEqual(store.now().words, { drafts: { A: { kind: "note", text: "", note: "one\ntwo" } }, pending: {} });
});

const foreign = (state: Pending["state"]): Pending => ({ clientId: "f", kind: "text", text: "foreign", state });

test("a window that dies while sending holds up nothing in another: its words go out before the next ones", async () => {
	const { mouth, asked, settle, states } = stage();
	mouth.hear(parseWords(JSON.stringify(withPending(noWords, "A", [foreign("sending")]))));
	assert.deepEqual(states(), ["foreign waiting"]);
	mouth.say("A", "text", "mine");
	assert.equal(asked[0]?.client_message_id, "f");
	asked[0]?.resolve(good);
	await settle();
	assert.deepEqual(
		asked.map(({ message }) => message),
		["foreign", "mine"],
	);
});

test("what another window said waits for it, and goes out here when it does not send it", async (t) => {
	t.mock.timers.enable({ apis: ["setTimeout"] });
	const { mouth, asked, states } = stage();
	mouth.hear(withPending(noWords, "A", [foreign("waiting")]));
	mouth.hear(withPending(noWords, "A", [foreign("waiting")]));
	assert.equal(asked.length, 0);
	t.mock.timers.tick(5000);
	assert.equal(asked.length, 1);
	assert.deepEqual(states(), ["foreign sending"]);
});

test("what this window sends is not told to others as being sent, and what they keep does not disturb it", async () => {
	const { store, mouth, asked, settle, states } = stage();
	mouth.say("A", "text", "one");
	const kept = toKept(store.now().words);
	assert.equal(kept.pending["A"]?.[0]?.state, "waiting");
	mouth.hear(withPending(kept, "A", [...(kept.pending["A"] ?? []), foreign("waiting")]));
	assert.deepEqual(states(), ["one sending", "foreign waiting"]);
	asked[0]?.resolve(good);
	await settle();
	mouth.hear(kept);
	assert.deepEqual(states(), ["one taken", "foreign sending"]);
	assert.equal(asked.filter(({ message }) => message === "one").length, 1);
});
