import assert from "node:assert/strict";
import { test } from "node:test";
import { testClock } from "#test/scene.ts";
import type { Asked } from "../resource.ts";
import { ownLimits } from "./limits.ts";
import { openQuotas } from "./quotas.ts";

const visitor = { kind: "visitor", userId: "V", sessionId: "S", terminalId: null, address: "203.0.113.7" } as const;
const ask = (method: Asked["method"], path: string, caller: Asked["caller"] = visitor): Asked => ({
	method,
	path: path.split("/"),
	body: undefined,
	caller,
});

const bounded = [
	{ what: "messages", asked: ask("POST", "interactions/I/transcript/messages"), times: 10, withinMs: 10_000 },
	{ what: "files", asked: ask("POST", "interactions/I/attachments"), times: 10, withinMs: 10_000 },
	{ what: "signs", asked: ask("PUT", "interactions/I/participants/P"), times: 30, withinMs: 10_000 },
] as const;

for (const { what, asked, times, withinMs } of bounded) {
	test(`a visitor has ${times} ${what} in ${withinMs} ms, agents have more`, () => {
		const clock = testClock();
		const { refusalOf } = openQuotas(clock, ownLimits);
		for (let n = 0; n < times; n += 1) {
			assert.equal(refusalOf(asked), undefined);
		}
		assert.equal(refusalOf(asked)?.status, 429);
		assert.equal(refusalOf({ ...asked, caller: { ...visitor, userId: "other" } }), undefined);
		assert.equal(refusalOf({ ...asked, caller: { ...visitor, kind: "agent" } }), undefined);
		clock.advance(withinMs);
		assert.equal(refusalOf(asked), undefined);
	});
}

test("messages and files have one bound, reading has none of these", () => {
	const { refusalOf } = openQuotas(testClock(), ownLimits);
	for (let n = 0; n < 5; n += 1) {
		assert.equal(refusalOf(ask("POST", "interactions/I/transcript/messages")), undefined);
		assert.equal(refusalOf(ask("POST", "interactions/I/attachments")), undefined);
	}
	assert.equal(refusalOf(ask("POST", "interactions/I/attachments"))?.status, 429);
	for (let n = 0; n < 100; n += 1) {
		assert.equal(refusalOf(ask("GET", "interactions")), undefined);
		assert.equal(refusalOf(ask("PUT", "interactions/I")), undefined);
	}
});

test("whatever a visitor asks counts, and agents' requests do not", () => {
	const clock = testClock();
	const { mayAsk, mayConnect } = openQuotas(clock, ownLimits);
	const allowed = (may: typeof mayAsk, kind: "agent" | "visitor") =>
		Array.from({ length: 1000 }, () => may({ kind, userId: "V" })).filter(Boolean).length;
	assert.deepEqual([allowed(mayAsk, "visitor"), allowed(mayAsk, "agent")], [200, 1000]);
	assert.deepEqual([allowed(mayConnect, "visitor"), allowed(mayConnect, "agent")], [30, 1000]);
	clock.advance(10_000);
	assert.deepEqual([allowed(mayAsk, "visitor"), allowed(mayConnect, "visitor")], [200, 0]);
});
