import test from "node:test";
import assert from "node:assert/strict";
import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { connectTimeoutMs, firstByteTimeoutMs, get, handClock, peer, totalTimeoutMs, wayOut } from "#test/peers.ts";
import { openWayOut } from "./safe-request.ts";

test("sockets are kept and used again; one the peer has closed meanwhile is not", async (context) => {
	const seen = await peer(context, (request, response) => {
		response.end(() => {
			if (request.url === "/last") {
				request.socket.end();
			}
		});
	});
	const way = wayOut(context, {});
	const url = `http://127.0.0.1:${seen.port}`;
	await way.request(get(`${url}/1`));
	await turn();
	const last = await way.request(get(`${url}/last`));
	assert.equal(last.kind, "answered");
	assert.equal(seen.connections, 1);
	await once(seen.requests[1]?.socket ?? assert.fail("no request"), "close");
	await turn();
	assert.equal((await way.request(get(`${url}/2`))).kind, "answered");
	assert.equal(seen.connections, 2);
});

/** undici lets a socket rest for one turn of the event loop before it is used again. */
async function turn(): Promise<void> {
	for (let count = 0; count < 3; count++) {
		await new Promise((resolve) => setImmediate(resolve));
	}
}

for (const { name, first, late } of [
	{ name: "a lane", first: { lane: "A" }, late: { lane: "A" } },
	{ name: "the lane of those that name none", first: { lane: "" }, late: {} },
]) {
	test(`${name} has 20 places: its 21st call waits, another lane's does not`, async (context) => {
		const held: ServerResponse[] = [];
		const twenty = Promise.withResolvers<void>();
		const seen = await peer(context, (request, response) => {
			if (request.url === "/b") {
				response.end();
			} else if (held.push(response) >= 20) {
				twenty.resolve();
			}
		});
		const way = wayOut(context, { totalTimeoutMs: 5000 }); // A call that waits in the wrong lane fails the test soon.
		const url = `http://127.0.0.1:${seen.port}`;
		const calls = Array.from({ length: 21 }, (_, at) => way.request(get(`${url}/a`, at < 20 ? first : late)));
		await twenty.promise;
		assert.equal((await way.request(get(`${url}/b`, { lane: "B" }))).kind, "answered");
		assert.equal(held.length, 20);
		for (const response of held.splice(0)) {
			response.end();
		}
		await Promise.all(calls.slice(0, 20));
		const [last] = await Promise.all([calls[20], untilHeld(held)]);
		assert.equal(last?.kind, "answered");
	});
}

/** Answers the call that was let in last, once it has arrived. */
async function untilHeld(held: ServerResponse[]): Promise<void> {
	while (held.length === 0) {
		await new Promise((resolve) => setImmediate(resolve));
	}
	held[0]?.end();
}

test("a call that waits for a place until its time is over is certainly not sent", async (context) => {
	const { clock, fire } = handClock();
	const twenty = Promise.withResolvers<void>();
	let arrived = 0;
	const { port } = await peer(context, () => {
		arrived++;
		if (arrived === 20) {
			twenty.resolve();
		}
	});
	const way = wayOut(context, { clock });
	const calls = Array.from({ length: 21 }, () => way.request(get(`http://127.0.0.1:${port}/`)));
	await twenty.promise;
	fire(totalTimeoutMs);
	const answers = await Promise.all(calls);
	assert.deepEqual(answers.at(-1), { kind: "notSent", why: "timeout" });
	assert.equal(answers.filter(({ kind }) => kind === "unclear").length, 20);
	assert.equal(arrived, 20);
});

test("after closing nothing is sent any more", async (context) => {
	const seen = await peer(context, (_request, response) => response.end());
	const way = openWayOut({
		outboundAllow: ["127.0.0.0/8"],
		connectTimeoutMs,
		firstByteTimeoutMs,
		totalTimeoutMs,
		answerBytesMax: 1,
	});
	await way.close();
	assert.deepEqual(await way.request(get(`http://127.0.0.1:${seen.port}/`)), { kind: "notSent", why: "refused" });
	assert.equal(seen.connections, 0);
});
