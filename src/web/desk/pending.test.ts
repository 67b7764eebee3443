import assert from "node:assert/strict";
import { test } from "node:test";
import type { Message } from "#web/realtime/tree.ts";
import {
	changed,
	noWords,
	parseWords,
	type Pending,
	restored,
	stillPending,
	withDraft,
	without,
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

test("what the transcript shows is not pending any more", () => {
	assert.deepEqual(
		stillPending([pending("a"), pending("b")], [message("a")]).map(({ clientId }) => clientId),
		["b"],
	);
});

test("drafts and pending words are kept by chat, and empty ones are not", () => {
	const words = withPending(withDraft(withDraft(noWords, "A", "Hel"), "B", "x"), "A", [pending("a")]);
	assert.deepEqual(withDraft(words, "B", "").drafts, { A: "Hel" });
	assert.deepEqual(without(words, "A", "a").pending, {});
	assert.equal(changed(words, "A", "a", { state: "refused" }).pending["A"]?.[0]?.state, "refused");
});

test("after a reload words of chats that are there come back, and go out again", () => {
	const words = { drafts: { A: "x", B: "y" }, pending: { A: [pending("a", "sending")], B: [pending("b")] } };
	assert.deepEqual(restored(words, ["A"]), { drafts: { A: "x" }, pending: { A: [pending("a")] } });
	assert.deepEqual(parseWords(JSON.stringify(words)), words);
	assert.deepEqual(parseWords("{"), noWords);
	assert.deepEqual(parseWords(null), noWords);
});
