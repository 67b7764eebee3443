import assert from "node:assert/strict";
import { test } from "node:test";
import { type Link, Unanswered, Unsent } from "#web/realtime/link.ts";
import { askOn } from "./asked.ts";

const answering = (status: number, body?: unknown): Link =>
	({ ask: () => Promise.resolve({ status, body }) }) as unknown as Link;
const failing = (error: Error): Link => ({ ask: () => Promise.reject(error) }) as unknown as Link;

test("an answer, a no for good, a no for now, and no line are told apart", async () => {
	assert.deepEqual(await askOn(answering(200, { id: "F" }), "GET", "/x"), { ok: true, body: { id: "F" } });
	assert.deepEqual(await askOn(answering(403, { error: "ended", message: "…" }), "GET", "/x"), {
		ok: false,
		why: "refused",
		code: "ended",
	});
	const why = async (link: Link | undefined) => {
		const asked = await askOn(link, "GET", "/x");
		return asked.ok ? "ok" : asked.why;
	};
	assert.equal(await why(answering(429, { error: "too_many_messages" })), "busy");
	assert.equal(await why(answering(429, { error: "too_many_chats" })), "refused");
	assert.equal(await why(answering(408)), "busy");
	assert.equal(await why(failing(new Unsent("x"))), "lost");
	assert.equal(await why(failing(new Unanswered("x"))), "lost");
	assert.equal(await why(undefined), "lost");
	await assert.rejects(why(failing(new TypeError("a mistake"))), TypeError);
});
