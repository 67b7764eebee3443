// Every test has real sockets on loopback, so that "sent" and "not sent" are what a peer saw, not what we believe. Time
// limits are fired by hand, at the moment the peer is known to be in the state meant.

import test, { type TestContext } from "node:test";
import assert from "node:assert/strict";
import { once } from "node:events";
import { type IncomingMessage, type ServerResponse, createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, type Server, type Socket, createServer as createTcpServer } from "node:net";
import { gzipSync } from "node:zlib";
import type { Clock } from "./clock.ts";
import { type OutgoingCall, type SafeRequestOptions, type WayOut, openWayOut } from "./safe-request.ts";

// A pair for these tests only: api.example, signed by itself, valid from 2020 to 2120.
const testKey = `-----BEGIN EC PRIVATE KEY-----
MHcCAQEEILfsICfJ43SKB3bEPzzY6yIsdW+el5hxkPRm6RDvskB7oAoGCCqGSM49
AwEHoUQDQgAEq0r671MEfvlquVU4LEmeHhRzb9IWdqTmA+mCd5tN//KB4v0RW1c2
saEzIVWeuZpT828Ab6Xn6P8ERClFjfP/YA==
-----END EC PRIVATE KEY-----`;
const testCertificate = `-----BEGIN CERTIFICATE-----
MIIBZjCCAQ2gAwIBAgIBATAKBggqhkjOPQQDAjAWMRQwEgYDVQQDDAthcGkuZXhh
bXBsZTAgFw0yMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAwMFowFjEUMBIGA1UE
AwwLYXBpLmV4YW1wbGUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASrSvrvUwR+
+Wq5VTgsSZ4eFHNv0hZ2pOYD6YJ3m03/8oHi/RFbVzaxoTMhVZ65mlPzbwBvpefo
/wREKUWN8/9go0owSDAWBgNVHREEDzANggthcGkuZXhhbXBsZTAPBgNVHRMBAf8E
BTADAQH/MB0GA1UdDgQWBBS0gJCxoc6ixkINYsa7nc5ZzXc02TAKBggqhkjOPQQD
AgNHADBEAiBN+jGp9We1ZIJGE8QB7tVmqK0rWgbtQNul+CrGWDquJAIgf8M9kwtd
ByVPGM35SMt5UlC5dJL9sX5q6ZTGLjmpGm8=
-----END CERTIFICATE-----`;

const connectTimeoutMs = 5000;
const firstByteTimeoutMs = 15_000;
const totalTimeoutMs = 30_000;

/** A clock whose timers run when the test says so, by their length. */
function handClock() {
	const timers = new Set<{ delayMs: number; run: () => void }>();
	const clock: Clock = {
		now: () => new Date(0),
		monotonicMs: () => 0,
		after(delayMs, run) {
			const timer = { delayMs, run };
			timers.add(timer);
			return () => void timers.delete(timer);
		},
	};
	const fire = (delayMs: number): void => {
		const due = [...timers].filter((timer) => timer.delayMs === delayMs);
		assert.ok(due.length > 0, `a timer of ${delayMs} ms is set`);
		for (const timer of due) {
			timers.delete(timer);
			timer.run();
		}
	};
	return { clock, fire, timers };
}

async function listen(context: TestContext, server: Server): Promise<number> {
	const sockets = new Set<Socket>();
	server.on("connection", (socket: Socket) => void sockets.add(socket.on("error", () => undefined)));
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	context.after(() => {
		for (const socket of sockets) {
			socket.destroy();
		}
		server.close();
	});
	return (server.address() as AddressInfo).port;
}

type Seen = { requests: IncomingMessage[]; connections: number; port: number };
type Reply = (request: IncomingMessage, response: ServerResponse, body: string) => void;

/** An HTTP peer that notes what reached it. */
async function peer(context: TestContext, reply: Reply): Promise<Seen> {
	const seen: Seen = { requests: [], connections: 0, port: 0 };
	const server = createServer((request, response) => {
		seen.requests.push(request);
		const chunks: Buffer[] = [];
		request.on("data", (chunk: Buffer) => chunks.push(chunk));
		request.on("end", () => reply(request, response, Buffer.concat(chunks).toString()));
	});
	server.on("connection", () => seen.connections++);
	seen.port = await listen(context, server);
	return seen;
}

function wayOut(context: TestContext, options: Partial<SafeRequestOptions>): WayOut {
	const limits = { connectTimeoutMs, firstByteTimeoutMs, totalTimeoutMs, answerBytesMax: 1000 };
	const way = openWayOut({ outboundAllow: ["127.0.0.0/8"], ...limits, ...options });
	context.after(() => way.close());
	return way;
}

function get(url: string, extra: Partial<OutgoingCall> = {}): OutgoingCall {
	return { method: "GET", url, headers: {}, ...extra };
}

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

test("a refused connection is certainly not sent", async (context) => {
	const server = createTcpServer();
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	const { port } = server.address() as AddressInfo;
	server.close();
	await once(server, "close");
	const answer = await wayOut(context, {}).request(get(`http://127.0.0.1:${port}/`));
	assert.deepEqual(answer, { kind: "notSent", why: "refused" });
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

test("a redirect is an answer; nobody goes there", async (context) => {
	const target = await peer(context, (_request, response) => response.end());
	for (const status of [301, 302, 303, 307, 308]) {
		const { port } = await peer(context, (_request, response) => {
			response.writeHead(status, { location: `http://127.0.0.1:${target.port}/` }).end();
		});
		const answer = await wayOut(context, {}).request(get(`http://127.0.0.1:${port}/`));
		assert.ok(answer.kind === "answered" && answer.status === status);
	}
	assert.equal(target.connections, 0);
});

test("a private target that is not listed is blocked, and nothing connects to it", async (context) => {
	const sentinel = await peer(context, (_request, response) => response.end());
	const { port } = sentinel;
	let lookups = 0;
	const way = wayOut(context, {
		outboundAllow: ["10.0.0.0/8"],
		lookup: () => {
			lookups++;
			return Promise.resolve([{ address: "127.0.0.1", family: 4 }]);
		},
	});
	const urls = [
		`http://127.0.0.1:${port}/`,
		`https://127.0.0.1:${port}/`,
		`http://2130706433:${port}/`,
		`http://0177.0.0.1:${port}/`,
		`http://[::ffff:127.0.0.1]:${port}/`,
		`http://[::127.0.0.1]:${port}/`,
		`http://0x7f.1:${port}/`,
		`http://localhost:${port}/`,
		`http://name.example:${port}/`,
		`https://name.example/`,
		`http://u:p@127.0.0.1:${port}/`,
		"not a url",
		"ftp://127.0.0.1/",
	];
	for (const url of urls) {
		assert.deepEqual(await way.request(get(url)), { kind: "notSent", why: "blocked" }, url);
	}
	assert.equal(sentinel.connections, 0);
	assert.equal(lookups, 3, "names are looked up once each, and only those that may be open");
});

test("one private address among the answers of a look-up blocks the call", async (context) => {
	const sentinel = await peer(context, (_request, response) => response.end());
	const way = wayOut(context, {
		outboundAllow: [],
		lookup: () =>
			Promise.resolve([
				{ address: "93.184.215.14", family: 4 },
				{ address: "127.0.0.1", family: 4 },
			]),
	});
	assert.deepEqual(await way.request(get("https://name.example/")), { kind: "notSent", why: "blocked" });
	assert.equal(sentinel.connections, 0);
});

test("a name is looked up once per connection, and the connection goes to the address that was checked", async (context) => {
	const sentinel = await peer(context, (_request, response) => response.end());
	const answers = ["127.0.0.1", "127.0.0.2", "127.0.0.1"];
	let lookups = 0;
	const way = wayOut(context, {
		outboundAllow: [`127.0.0.1:${sentinel.port}`],
		lookup: () => Promise.resolve([{ address: answers[lookups++] ?? "", family: 4 }]),
	});
	const url = `http://rebind.example:${sentinel.port}/`;
	assert.equal((await way.request(get(url))).kind, "answered");
	assert.equal(lookups, 1);
	const another = wayOut(context, {
		outboundAllow: [`127.0.0.1:${sentinel.port}`],
		lookup: () => Promise.resolve([{ address: answers[lookups++] ?? "", family: 4 }]),
	});
	assert.deepEqual(await another.request(get(url)), { kind: "notSent", why: "blocked" });
	assert.equal(sentinel.connections, 1);
});

test("a listed host and port is open by name, and its other ports are not", async (context) => {
	const open = await peer(context, (_request, response) => response.end());
	const shut = await peer(context, (_request, response) => response.end());
	const way = wayOut(context, { outboundAllow: [`localhost:${open.port}`] });
	assert.equal((await way.request(get(`http://localhost:${open.port}/`))).kind, "answered");
	assert.deepEqual(await way.request(get(`http://localhost:${shut.port}/`)), { kind: "notSent", why: "blocked" });
	assert.deepEqual(await way.request(get(`http://127.0.0.1:${open.port}/`)), { kind: "notSent", why: "blocked" });
	assert.equal(shut.connections, 0);
});

test("a name that is not found, or has no address, is certainly not sent", async (context) => {
	const lost = wayOut(context, { lookup: () => Promise.reject(new Error("ENOTFOUND")) });
	assert.deepEqual(await lost.request(get("https://gone.example/")), { kind: "notSent", why: "dns" });
	const empty = wayOut(context, { lookup: () => Promise.resolve([]) });
	assert.deepEqual(await empty.request(get("https://gone.example/")), { kind: "notSent", why: "dns" });
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

test("a TLS handshake that never ends is certainly not sent after the time for connecting", async (context) => {
	const { clock, fire } = handClock();
	const arrived = Promise.withResolvers<Socket>();
	const port = await listen(
		context,
		createTcpServer((socket) => socket.once("data", () => arrived.resolve(socket))),
	);
	const pending = wayOut(context, { clock }).request(get(`https://127.0.0.1:${port}/`));
	const socket = await arrived.promise;
	fire(connectTimeoutMs);
	assert.deepEqual(await pending, { kind: "notSent", why: "timeout" });
	await once(socket, "close");
});

test("TLS: only a certificate that is trusted and names the host opens, and SNI and Host are the name", async (context) => {
	let requests = 0;
	const names: (string | false | undefined)[] = [];
	const server = createTlsServer({ key: testKey, cert: testCertificate }, (request, response) => {
		requests++;
		names.push((request.socket as Socket & { servername?: string | false }).servername);
		response.end(request.headers.host);
	});
	const port = await listen(context, server);
	const lookup = () => Promise.resolve([{ address: "127.0.0.1", family: 4 }]);
	const trusting = wayOut(context, { lookup, certificateAuthorities: [testCertificate] });
	const answer = await trusting.request(get(`https://api.example:${port}/`));
	assert.ok(answer.kind === "answered");
	assert.equal(Buffer.from(answer.body).toString(), `api.example:${port}`);
	assert.deepEqual(names, ["api.example"]);
	const failure = { kind: "notSent", why: "tls" };
	assert.deepEqual(await trusting.request(get(`https://other.example:${port}/`)), failure, "another name");
	assert.deepEqual(await trusting.request(get(`https://127.0.0.1:${port}/`)), failure, "no name");
	assert.deepEqual(
		await wayOut(context, { lookup }).request(get(`https://api.example:${port}/`)),
		failure,
		"not trusted",
	);
	assert.equal(requests, 1);
});

test("TLS: a peer that does not speak it is certainly not sent", async (context) => {
	const seen = await peer(context, (_request, response) => response.end());
	const answer = await wayOut(context, {}).request(get(`https://127.0.0.1:${seen.port}/`));
	assert.deepEqual(answer, { kind: "notSent", why: "tls" });
	assert.equal(seen.requests.length, 0);
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
		socket.on("data", (chunk) => received.push(chunk));
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

test("a lane has 20 places: its 21st call waits, another lane's does not", async (context) => {
	const held: ServerResponse[] = [];
	const twenty = Promise.withResolvers<void>();
	const seen = await peer(context, (request, response) => {
		if (request.url === "/b") {
			response.end();
		} else if (held.push(response) >= 20) {
			twenty.resolve();
		}
	});
	const way = wayOut(context, {});
	const url = `http://127.0.0.1:${seen.port}`;
	const calls = Array.from({ length: 21 }, () => way.request(get(`${url}/a`, { lane: "A" })));
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

test("proxies named in the environment are not used", async (context) => {
	const proxy = await peer(context, (_request, response) => response.end());
	const { port } = await peer(context, (_request, response) => response.end("direct"));
	const before = { ...process.env };
	context.after(() => {
		process.env = before;
	});
	for (const name of ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"]) {
		process.env[name] = `http://127.0.0.1:${proxy.port}`;
	}
	const answer = await wayOut(context, {}).request(get(`http://127.0.0.1:${port}/`));
	assert.ok(answer.kind === "answered" && Buffer.from(answer.body).toString() === "direct");
	assert.equal(proxy.connections, 0);
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
