import test, { type TestContext } from "node:test";
import assert from "node:assert/strict";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { type Socket, createServer as createTcpServer } from "node:net";
import { gzipSync } from "node:zlib";
import {
	connectTimeoutMs,
	firstByteTimeoutMs,
	get,
	handClock,
	listen,
	peer,
	totalTimeoutMs,
	wayOut,
} from "#test/peers.ts";
import { freePort } from "#test/free-port.ts";
import type { Clock } from "./clock.ts";
import { type SafeRequestOptions, openWayOut } from "./safe-request.ts";

/** Gives up soon and is not waited for at the end: calls that never end fail their test instead of holding it up. */
function hastyWayOut(context: TestContext, options: Partial<SafeRequestOptions> = {}) {
	const limits = { connectTimeoutMs: 5000, firstByteTimeoutMs: 5000, totalTimeoutMs: 5000, answerBytesMax: 1000 };
	const way = openWayOut({ outboundAllow: ["127.0.0.0/8"], ...limits, ...options });
	context.after(() => void way.close());
	return way;
}

test("a refused connection is certainly not sent, and the next call to a peer that is there is answered", async (context) => {
	const { port } = await peer(context, (_request, response) => response.end("there"));
	const way = hastyWayOut(context);
	const refused = await way.request(get(`http://127.0.0.1:${await freePort()}/`));
	assert.deepEqual(refused, { kind: "notSent", why: "refused" });
	const answer = await way.request(get(`http://127.0.0.1:${port}/`));
	assert.ok(answer.kind === "answered" && Buffer.from(answer.body).toString() === "there");
});

test("a target named by an IPv6 address is tried there", async (context) => {
	const port = await freePort();
	const way = hastyWayOut(context, { outboundAllow: [`[::1]:${port}`] });
	// Also where the machine has no IPv6: then it is the machine that refuses.
	assert.deepEqual(await way.request(get(`http://[::1]:${port}/`)), { kind: "notSent", why: "refused" });
});

test("a call whose URL is exchanged while it waits for a place is blocked where the new one may not go", async (context) => {
	const held: ServerResponse[] = [];
	const twenty = Promise.withResolvers<void>();
	const open = await peer(context, (_request, response) => {
		if (held.push(response) === 20) {
			twenty.resolve();
		}
	});
	const sentinel = await peer(context, (_request, response) => response.end());
	const way = hastyWayOut(context, {
		outboundAllow: [`hub.example:${open.port}`],
		lookup: () => Promise.resolve([{ address: "127.0.0.1", family: 4 }]),
	});
	const url = `http://hub.example:${open.port}/`;
	const calls = Array.from({ length: 20 }, () => way.request(get(url)));
	const waiting = get(url);
	const last = way.request(waiting);
	waiting.url = `http://127.0.0.1:${sentinel.port}/`;
	await Promise.race([twenty.promise, ...calls]); // A call that ends before has failed.
	held.forEach((response) => response.end());
	assert.ok((await Promise.all(calls)).every(({ kind }) => kind === "answered"));
	assert.deepEqual(await last, { kind: "notSent", why: "blocked" });
	assert.equal(sentinel.connections, 0);
});

test("an answer comes back whole: status, headers and body", async (context) => {
	const { port, requests } = await peer(context, (_request, response, body) => {
		response.writeHead(201, {
			"x-one": "a",
			"set-cookie": ["b=1", "c=2"],
			"x-text": Buffer.from("grün").toString("latin1"),
		});
		response.end(`got ${body}`);
	});
	const answer = await wayOut(context, {}).request({
		method: "POST",
		url: `http://127.0.0.1:${port}/a/b?c=d&c=e#not-sent`,
		headers: { "content-type": "text/plain", authorization: "Bearer x" },
		body: "hällo",
	});
	assert.ok(answer.kind === "answered");
	assert.equal(answer.status, 201);
	assert.equal(Buffer.from(answer.body).toString(), "got hällo");
	assert.equal(answer.headers.get("x-one"), "a");
	assert.deepEqual(answer.headers.getSetCookie(), ["b=1", "c=2"]);
	const [request] = requests;
	assert.equal(request?.method, "POST");
	assert.equal(request?.url, "/a/b?c=d&c=e");
	assert.equal(request?.headers["authorization"], "Bearer x");
	assert.equal(request?.headers["content-length"], "6");
});

test("bytes are sent as they are", async (context) => {
	const { port } = await peer(context, (_request, response, body) => response.end(body));
	const body = Uint8Array.of(0x00, 0x7f, 0x41);
	const answer = await wayOut(context, {}).request({
		method: "PUT",
		url: `http://127.0.0.1:${port}/`,
		headers: {},
		body,
	});
	assert.ok(answer.kind === "answered");
	assert.deepEqual([...answer.body], [...body]);
});

test("the Host header stays the name of the URL, whatever the address is and whatever the call says", async (context) => {
	const { port, requests } = await peer(context, (_request, response) => response.end());
	const way = wayOut(context, { lookup: () => Promise.resolve([{ address: "127.0.0.1", family: 4 }]) });
	const headers = { host: "evil.example", Connection: "close", "Content-Length": "99", "accept-encoding": "br" };
	const answer = await way.request(get(`http://hub.example:${port}/`, { headers }));
	assert.equal(answer.kind, "answered");
	assert.equal(requests[0]?.headers["host"], `hub.example:${port}`);
	assert.equal(requests[0]?.headers["accept-encoding"], "identity");
	assert.equal(requests[0]?.headers["content-length"], undefined);
});

test("a connection reset after we wrote, without the peer having read anything, is unclear", async (context) => {
	const written = Promise.withResolvers<void>();
	const { clock } = handClock();
	const watching: Clock = {
		...clock,
		after(delayMs, run) {
			if (delayMs === firstByteTimeoutMs) {
				setImmediate(() => written.resolve()); // Set right before the write.
			}
			return clock.after(delayMs, run);
		},
	};
	const server = createTcpServer({ pauseOnConnect: true }, (socket) => {
		void written.promise.then(() => socket.resetAndDestroy());
	});
	const port = await listen(context, server);
	const answer = await wayOut(context, { clock: watching }).request(get(`http://127.0.0.1:${port}/`));
	assert.deepEqual(answer, { kind: "unclear", why: "reset" });
});

test("a connection that ends as soon as it is open never counts as answered, nor does it end the process", async (context) => {
	for (const end of ["destroy", "resetAndDestroy"] as const) {
		const port = await listen(
			context,
			createTcpServer((socket) => void socket[end]()),
		);
		const answers = await Promise.all(
			Array.from({ length: 20 }, () => wayOut(context, {}).request(get(`http://127.0.0.1:${port}/`))),
		);
		for (const answer of answers) {
			const told = answer.kind === "answered" ? "answered" : `${answer.kind} ${answer.why}`;
			assert.ok(told === "unclear reset" || told === "notSent refused", told);
		}
	}
});

test("a socket that is broken in the moment it opens is certainly not sent", async (context) => {
	const seen = await peer(context, (_request, response) => response.end());
	const breakIt = (message: unknown) => {
		const { socket } = message as { socket: Socket };
		socket.once("connect", () => socket.destroy());
	};
	subscribe("net.client.socket", breakIt);
	context.after(() => unsubscribe("net.client.socket", breakIt));
	const answer = await hastyWayOut(context).request(get(`http://127.0.0.1:${seen.port}/`));
	assert.deepEqual(answer, { kind: "notSent", why: "refused" });
	assert.equal(seen.requests.length, 0);
});

test("a connection reset after the request was read is unclear, and the request is not sent again", async (context) => {
	for (const method of ["GET", "POST", "PUT", "DELETE"] as const) {
		const seen = await peer(context, (request) => request.socket.resetAndDestroy());
		const call = {
			method,
			url: `http://127.0.0.1:${seen.port}/`,
			headers: {},
			...(method === "GET" ? {} : { body: "x" }),
		};
		assert.deepEqual(await wayOut(context, {}).request(call), { kind: "unclear", why: "reset" });
		assert.equal(seen.requests.length, 1);
		assert.equal(seen.connections, 1);
	}
});

test("a connection closed in the middle of the answer is unclear", async (context) => {
	const { port } = await peer(context, (request, response) => {
		response.writeHead(200, { "content-length": "10" });
		response.write("12345", () => request.socket.destroy());
	});
	assert.deepEqual(await wayOut(context, {}).request(get(`http://127.0.0.1:${port}/`)), {
		kind: "unclear",
		why: "reset",
	});
});

test("a peer that never answers is unclear after the time for the first byte, and its socket is closed", async (context) => {
	const { clock, fire, timers } = handClock();
	const arrived = Promise.withResolvers<IncomingMessage>();
	const { port } = await peer(context, (request) => arrived.resolve(request));
	const pending = wayOut(context, { clock }).request(get(`http://127.0.0.1:${port}/`));
	const request = await arrived.promise;
	const closed = once(request.socket, "close");
	fire(firstByteTimeoutMs);
	assert.deepEqual(await pending, { kind: "unclear", why: "timeout" });
	await closed;
	assert.equal(timers.size, 0, "no timer is left behind");
});

test("an answer that trickles is unclear after the total time", async (context) => {
	const { clock, fire, timers } = handClock();
	const started = Promise.withResolvers<void>();
	const { port } = await peer(context, (_request, response) => {
		response.writeHead(200);
		response.write("1", () => started.resolve());
	});
	const pending = wayOut(context, { clock }).request(get(`http://127.0.0.1:${port}/`));
	await started.promise;
	fire(totalTimeoutMs);
	assert.deepEqual(await pending, { kind: "unclear", why: "timeout" });
	assert.equal(timers.size, 0);
});

test("an interim answer is not the answer", async (context) => {
	const { port } = await peer(context, (_request, response) => {
		response.writeEarlyHints({ link: "</x>; rel=preload" });
		response.writeHead(204).end();
	});
	const answer = await wayOut(context, {}).request(get(`http://127.0.0.1:${port}/`));
	assert.ok(answer.kind === "answered" && answer.status === 204);
});

test("an answer up to the limit is read, one byte more is unclear, with and without an announced length", async (context) => {
	const { port } = await peer(context, (request, response) => {
		const size = Number(request.url?.slice(2));
		if (request.url?.startsWith("/c") === true) {
			response.setHeader("transfer-encoding", "chunked");
		}
		response.end("x".repeat(size));
	});
	const way = wayOut(context, {});
	for (const kind of ["l", "c"]) {
		const most = await way.request(get(`http://127.0.0.1:${port}/${kind}1000`));
		assert.ok(most.kind === "answered" && most.body.length === 1000);
		const tooMuch = await way.request(get(`http://127.0.0.1:${port}/${kind}1001`));
		assert.deepEqual(tooMuch, { kind: "unclear", why: "too large" });
	}
});

test("a compressed answer is not decoded: it was not asked for, and its size cannot be bounded", async (context) => {
	const { port } = await peer(context, (_request, response) => {
		response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync("x".repeat(100_000)));
	});
	assert.deepEqual(await wayOut(context, {}).request(get(`http://127.0.0.1:${port}/`)), {
		kind: "unclear",
		why: "too large",
	});
});

test("headers without end are unclear", async (context) => {
	const { port } = await peer(context, (_request, response) => {
		response.writeHead(200, { "x-long": "y".repeat(20_000) }).end();
	});
	assert.deepEqual(await wayOut(context, {}).request(get(`http://127.0.0.1:${port}/`)), {
		kind: "unclear",
		why: "too large",
	});
});

test("a look-up that never ends is certainly not sent after the time for connecting", async (context) => {
	const { clock, fire, timers } = handClock();
	const asked = Promise.withResolvers<void>();
	const way = wayOut(context, {
		clock,
		lookup: () => {
			asked.resolve();
			return new Promise(() => undefined);
		},
	});
	const pending = way.request(get("https://slow.example/"));
	await asked.promise;
	fire(connectTimeoutMs);
	assert.deepEqual(await pending, { kind: "notSent", why: "timeout" });
	assert.equal(timers.size, 0);
});

test("a call whose values cannot be sent is refused before anything is written", async (context) => {
	const seen = await peer(context, (_request, response) => response.end());
	const way = wayOut(context, {});
	for (const headers of [{ "x-a": "b\r\nx-c: d" }, { "x a": "b" }]) {
		assert.deepEqual(await way.request(get(`http://127.0.0.1:${seen.port}/`, { headers })), {
			kind: "notSent",
			why: "blocked",
		});
	}
	assert.equal(seen.requests.length, 0);
});

test("a caller's signal ends the call: not sent before it is written, unclear afterwards", async (context) => {
	const arrived = Promise.withResolvers<void>();
	const { port } = await peer(context, () => arrived.resolve());
	const way = wayOut(context, {});
	const early = await way.request(get(`http://127.0.0.1:${port}/`, { signal: AbortSignal.abort() }));
	assert.deepEqual(early, { kind: "notSent", why: "timeout" });
	const controller = new AbortController();
	const pending = way.request(get(`http://127.0.0.1:${port}/`, { signal: controller.signal }));
	await arrived.promise;
	controller.abort();
	assert.deepEqual(await pending, { kind: "unclear", why: "timeout" });
});

test("a connection that opens after the call was given up carries no request", async (context) => {
	const found = Promise.withResolvers<readonly { address: string; family: number }[]>();
	const closed = Promise.withResolvers<Buffer[]>();
	const server = createTcpServer((socket) => {
		const received: Buffer[] = [];
		socket.on("data", (chunk) => {
			received.push(chunk);
			closed.resolve(received);
		});
		socket.on("close", () => closed.resolve(received));
	});
	const port = await listen(context, server);
	const controller = new AbortController();
	const way = wayOut(context, { lookup: () => found.promise });
	const pending = way.request(get(`http://hub.example:${port}/`, { signal: controller.signal }));
	controller.abort();
	assert.deepEqual(await pending, { kind: "notSent", why: "timeout" });
	found.resolve([{ address: "127.0.0.1", family: 4 }]);
	assert.deepEqual(await closed.promise, []);
});
