import assert from "node:assert/strict";
import { test } from "node:test";
import { openTyping } from "./typing.ts";

function stage() {
	const told: unknown[] = [];
	const now: { rest: (() => void) | undefined; chatId: string | undefined } = { rest: undefined, chatId: "C" };
	const typing = openTyping({
		ask(method, uri, body) {
			told.push([method, uri, (body as { status: string }).status]);
			return Promise.resolve();
		},
		after(_delayMs, run) {
			now.rest = run;
			return () => (now.rest = undefined);
		},
		at: () => (now.chatId === undefined ? undefined : { chat: { id: now.chatId }, address: "a/b@home.test" }),
	});
	const at = (chatId: string, ...words: readonly string[]) =>
		words.map((word) => ["PUT", `/interactions/${chatId}/participants/a%2Fb%40home.test`, word]);
	return { typing, told, now, at };
}

test("the other side hears once that one writes, and when it is over", () => {
	const { typing, told, now, at } = stage();
	typing.note();
	typing.note();
	now.rest?.();
	typing.note();
	typing.stop();
	typing.stop();
	assert.deepEqual(told, at("C", "typing", "not_typing", "typing", "not_typing"));
	assert.equal(now.rest, undefined);
});

test("who writes elsewhere has stopped where they wrote before", () => {
	const { typing, told, now, at } = stage();
	typing.note();
	now.chatId = "D";
	typing.note();
	now.chatId = undefined;
	typing.note();
	assert.deepEqual(told, [...at("C", "typing", "not_typing"), ...at("D", "typing", "not_typing")]);
});
