// Goal: whatever undici tells an exchange, in whatever order and after whatever end, the answer is given once and is true, and
// nothing is left behind. Method: undici's part is played by hand.

import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import test from "node:test";
import type { Agent, Dispatcher } from "undici";
import { firstByteTimeoutMs, get, handClock, totalTimeoutMs } from "#test/peers.ts";
import { Exchange, type OutgoingAnswer, type OutgoingCall } from "./exchange.ts";

const limits = { firstByteTimeoutMs, totalTimeoutMs, answerBytesMax: 10 };

function stage(signal?: AbortSignal) {
	const { clock, fire, timers } = handClock();
	let cancelled = 0;
	const counting: typeof clock = {
		...clock,
		after(delayMs, run) {
			const cancel = clock.after(delayMs, run);
			return () => {
				cancelled += 1;
				cancel();
			};
		},
	};
	const exchange = new Exchange(limits, counting, signal);
	const dispatched: Dispatcher.DispatchOptions[] = [];
	const agent = { dispatch: (options: Dispatcher.DispatchOptions) => dispatched.push(options) > 0 } as unknown as Agent;
	const aborts: string[] = [];
	const controller = {
		abort: (reason: Error) => void aborts.push(reason.message),
	} as unknown as Dispatcher.DispatchController;
	const answering = (status: number, headers = {}) => exchange.onResponseStart(controller, status, headers);
	const data = (text: string) => exchange.onResponseData(controller, Buffer.from(text));
	return { exchange, agent, dispatched, aborts, controller, fire, timers, answering, data, cancelled: () => cancelled };
}

function told(answer: OutgoingAnswer): string {
	return answer.kind === "answered"
		? `${answer.status} ${Buffer.from(answer.body).toString()}`
		: `${answer.kind} ${answer.why}`;
}

test("what a connection needs is undici's to say: a caller's own words about it are left out", () => {
	const { exchange, agent, dispatched } = stage();
	const names = [
		"Host Connection Content-Length Transfer-Encoding Accept-Encoding Expect Upgrade",
		"Keep-Alive TE Trailer Proxy-Authorization",
	].flatMap((line) => line.split(" "));
	const headers = { ...Object.fromEntries(names.map((name) => [name, "x"])), "X-One": "1" };
	const call: OutgoingCall = { method: "POST", url: "https://a.example:444/b?c", body: "text", headers };
	exchange.start(agent, call);
	assert.equal(names.length, 11);
	assert.deepEqual(dispatched[0]?.headers, { "X-One": "1", "accept-encoding": "identity" });
	assert.deepEqual([dispatched[0]?.method, dispatched[0]?.body], ["POST", "text"]);
	exchange.start(agent, get("https://a.example/"));
	assert.equal(dispatched[1]?.body, null);
});

test("a call that undici refuses to take was not sent", async () => {
	const { exchange } = stage();
	const refusing = {
		dispatch() {
			throw new TypeError("invalid header");
		},
	} as unknown as Agent;
	exchange.start(refusing, get("https://a.example/"));
	assert.equal(told(await exchange.answer), "notSent blocked");
});

test("a call that was given up while it waited is not started, and does not begin when its socket is there", async () => {
	const { exchange, agent, dispatched, aborts, controller, fire } = stage();
	fire(totalTimeoutMs);
	exchange.start(agent, get("https://a.example/"));
	assert.equal(told(await exchange.answer), "notSent timeout");
	assert.deepEqual(dispatched, []);
	exchange.onRequestStart(controller);
	assert.deepEqual(aborts, ["given up"]);
});

test("an answer that has begun in time is read although the time for its first byte passes", async () => {
	const { exchange, controller, fire, answering, data } = stage();
	exchange.onRequestStart(controller);
	answering(200);
	fire(firstByteTimeoutMs);
	data("whole");
	exchange.onResponseEnd();
	assert.equal(told(await exchange.answer), "200 whole");
});

test("an interim answer does not count as the first byte", async () => {
	const { exchange, controller, fire, answering, aborts } = stage();
	exchange.onRequestStart(controller);
	answering(103);
	fire(firstByteTimeoutMs);
	assert.equal(told(await exchange.answer), "unclear timeout");
	assert.deepEqual(aborts, ["timeout"]);
});

test("after its end nothing that still comes changes anything", async () => {
	const { exchange, controller, fire, answering, data, aborts, cancelled } = stage();
	exchange.onRequestStart(controller);
	fire(totalTimeoutMs);
	const ended = cancelled();
	answering(200, { "content-encoding": "gzip" });
	data("much too much text");
	exchange.onResponseEnd();
	assert.deepEqual(aborts, ["timeout"], "aborted once");
	exchange.onResponseError(controller, new Error("aborted"));
	assert.equal(told(await exchange.answer), "unclear timeout");
	assert.equal(cancelled(), ended, "taken down once");
});

test("an exchange that ended keeps neither timers nor its caller's signal", async () => {
	const { signal } = new AbortController();
	const { exchange, controller, answering, timers } = stage(signal);
	assert.equal(getEventListeners(signal, "abort").length, 1);
	exchange.onRequestStart(controller);
	assert.equal(timers.size, 2);
	answering(204);
	exchange.onResponseEnd();
	assert.equal(told(await exchange.answer), "204 ");
	assert.deepEqual([timers.size, getEventListeners(signal, "abort").length], [0, 0]);
});

test("what undici complains of means what was certain then", async () => {
	const withCode = (code: string) => Object.assign(new Error(code), { code });
	const cases = [
		["UND_ERR_INVALID_ARG", false, "notSent blocked"],
		["UND_ERR_CLOSED", false, "notSent refused"],
		["UND_ERR_SOCKET", true, "unclear reset"],
		["UND_ERR_HEADERS_OVERFLOW", true, "unclear too large"],
	] as const;
	for (const [code, isSent, must] of cases) {
		const { exchange, controller } = stage();
		if (isSent) {
			exchange.onRequestStart(controller);
		}
		exchange.onResponseError(controller, withCode(code));
		assert.equal(told(await exchange.answer), must);
	}
});
