import assert from "node:assert/strict";
import { test } from "node:test";
import type { Interaction, Message } from "#web/realtime/tree.ts";
import {
	changed,
	leftOver,
	noWords,
	parseWords,
	type Pending,
	resumed,
	stillPending,
	swept,
	withDraft,
	without,
	withoutChat,
	withPending,
} from "./pending.ts";

const pending = (clientId: string, state: Pending["state"] = "waiting"): Pending => ({
	clientId,
	kind: "text",
	text: clientId,
	state,
});
const message = (client_message_id: string): Message => ({
	id: client_message_id,
	seq: 1,
	type: "text",
	message: "",
	originator: "",
	timestamp: "",
	system_message: false,
	client_message_id,
});
const chat = (id: string, messages: readonly Message[]) => ({ id, transcript: { messages } }) as Interaction;

test("what the transcript shows is not pending any more", () => {
	const all = [pending("a"), pending("b", "taken")];
	assert.deepEqual(
		stillPending(all, [message("a")]).map(({ clientId }) => clientId),
		["b"],
	);
	const words = withPending(noWords, "A", all);
	assert.deepEqual(swept(words, [chat("A", [message("b")]), chat("B", [message("a")])]).pending, {
		A: [pending("a")],
	});
	assert.equal(swept(words, [chat("A", [message("x")])]), words);
});

test("answer and note are drafts apart, and one that is empty is not kept", () => {
	const answer = withDraft(withDraft(noWords, "A", { text: "Hel" }), "A", { kind: "note", note: "vip" });
	assert.deepEqual(answer.drafts, { A: { kind: "note", text: "Hel", note: "vip" } });
	assert.deepEqual(withDraft(answer, "A", { kind: "text", text: "", note: "" }).drafts, {});
});

test("pending words are kept by chat, change, and are dropped", () => {
	const words = withPending(noWords, "A", [pending("a")]);
	assert.deepEqual(without(words, "A", "a").pending, {});
	const refused = changed(words, "A", "a", { state: "refused", because: "The chat has ended." });
	assert.equal(refused.pending["A"]?.[0]?.because, "The chat has ended.");
});

test("when the line is back, what was on its way waits again, and what was taken is not sent twice", () => {
	const words = withPending(noWords, "A", [pending("a", "sending"), pending("b", "taken"), pending("c", "refused")]);
	assert.deepEqual(resumed(words).pending["A"], [pending("a", "waiting"), pending("c", "refused")]);
});

test("words of a chat that is gone are left over until somebody drops them", () => {
	const words = withDraft(withPending(noWords, "A", [pending("a"), pending("b", "taken")]), "B", { text: "x" });
	assert.deepEqual(leftOver(words, ["B"]), [{ chatId: "A", texts: ["a"] }]);
	assert.deepEqual(leftOver(words, ["A", "B"]), []);
	assert.deepEqual(leftOver(withoutChat(words, "A"), []), [{ chatId: "B", texts: ["x"] }]);
});

test("no more than fifty chats are kept, the oldest goes first", () => {
	const names = Array.from({ length: 60 }, (_, number) => `chat ${number}`);
	const words = names.reduce((all, id) => withDraft(all, id, { text: "x" }), noWords);
	assert.deepEqual(Object.keys(words.drafts), names.slice(10));
});

test("what was stored is read back, and what is no such thing is nothing", () => {
	const words = withDraft(withPending(noWords, "A", [pending("a")]), "B", { note: "n" });
	assert.deepEqual(parseWords(JSON.stringify(words)), words);
	assert.deepEqual(parseWords("{"), noWords);
	assert.deepEqual(parseWords(null), noWords);
	assert.deepEqual(parseWords("null"), noWords);
	assert.deepEqual(parseWords('{"drafts":[],"pending":"no"}'), noWords);
	const otherwise = {
		drafts: { ...words.drafts, C: "a word" },
		pending: { ...words.pending, D: [{ text: 1 }], E: {} },
	};
	assert.deepEqual(parseWords(JSON.stringify(otherwise)), words);
});
