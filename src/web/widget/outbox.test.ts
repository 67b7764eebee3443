import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import type { Asked } from "./asked.ts";
import { keep, keptNames } from "./kept.ts";
import { Outbox } from "./outbox.ts";
import { keepUnsent, unsentIn } from "./unsent.ts";

const none = new Set<string | undefined>();
const ok: Asked = { ok: true, body: undefined };
const lost: Asked = { ok: false, why: "lost", code: "" };
const busy: Asked = { ok: false, why: "busy", code: "too_many_messages" };
const refused: Asked = { ok: false, why: "refused", code: "interaction_gone" };

beforeEach(() => keptNames("").forEach((name) => keep(name, null)));

function stage(answers: Asked[]) {
	const asked: { uri: string; body: unknown }[] = [];
	const timers: (() => void)[] = [];
	let number = 0;
	const outbox = new Outbox({
		ask(_method, uri, body) {
			asked.push({ uri, body });
			return Promise.resolve(answers.shift() ?? lost);
		},
		after(_delayMs, run) {
			timers.push(run);
			return () => undefined;
		},
		now: () => number,
		newId() {
			number += 1;
			return `id${number}`;
		},
		onChange: () => undefined,
	});
	const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
	const texts = (saidIds: ReadonlySet<string | undefined> = none) =>
		outbox.of("C", saidIds).map(({ text, because }) => (because === undefined ? text : `${text}: ${because}`));
	return {
		outbox,
		asked,
		timers,
		settle,
		texts,
		sent: () => asked.map(({ body }) => (body as { message: string }).message),
	};
}

test("what is said goes out in order, under an id of its own, and shows until the transcript has it", async () => {
	const { outbox, asked, settle, texts } = stage([ok, ok]);
	outbox.say("C", "one");
	outbox.say("C", "two");
	await settle();
	assert.deepEqual(asked, [
		{ uri: "/interactions/C/transcript/messages", body: { message: "one", client_message_id: "id1" } },
		{ uri: "/interactions/C/transcript/messages", body: { message: "two", client_message_id: "id2" } },
	]);
	assert.deepEqual(texts(), ["one", "two"]);
	assert.deepEqual(texts(new Set(["id1", "id2"])), []);
	assert.deepEqual(keptNames("parley.unsent."), [], "and is not kept any longer");
});

test("without a line it waits, outlives the page, and is sent again under the same id", async () => {
	const first = stage([lost]);
	first.outbox.say("C", "one");
	await first.settle();
	const second = stage([ok]);
	assert.deepEqual(second.texts(), ["one"]);
	await second.outbox.goOn();
	assert.deepEqual(
		second.asked.map(({ body }) => body),
		[{ message: "one", client_message_id: "id1" }],
	);
});

test("what is refused stays with the reason, lets others pass, and can be sent again or removed", async () => {
	const { outbox, settle, texts, sent } = stage([refused, ok, ok]);
	outbox.say("C", "one");
	outbox.say("C", "two");
	await settle();
	assert.deepEqual(texts(new Set(["id2"])), ["one: interaction_gone"]);
	outbox.again("id1");
	await settle();
	assert.deepEqual(sent(), ["one", "two", "one"]);
	const other = stage([refused]);
	other.outbox.say("C", "three");
	await other.settle();
	other.outbox.drop("id1");
	assert.deepEqual(other.texts(), []);
});

test("a server that has too much to do is asked again later, and nothing overtakes", async () => {
	const { outbox, settle, timers, sent } = stage([busy, ok, ok]);
	outbox.say("C", "one");
	await settle();
	assert.equal(timers.length, 1);
	timers[0]?.();
	await settle();
	outbox.say("C", "two");
	await settle();
	assert.deepEqual(sent(), ["one", "one", "two"]);
});

test("two pages of one browser do not overwrite what the other keeps", () => {
	const a = stage([]);
	keepUnsent({ clientId: "elsewhere", chatId: "C", text: "other page", at: 0 });
	a.outbox.reread();
	assert.deepEqual(a.texts(), ["other page"]);
	assert.deepEqual(a.outbox.of("D", none), [], "each chat has its own");
});

test("what another version kept is left alone", () => {
	for (const text of ["", "{", "[]", "null", "7", '{"clientId":1}', null]) {
		assert.deepEqual(unsentIn(text), []);
	}
});
