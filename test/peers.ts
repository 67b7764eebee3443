// Peers on loopback and a clock by hand, for the tests of the way out: so that "sent" and "not sent" are what a peer saw,
// not what we believe, and time limits are fired at the moment the peer is known to be in the state meant.

import type { TestContext } from "node:test";
import assert from "node:assert/strict";
import { once } from "node:events";
import { type IncomingMessage, type ServerResponse, createServer } from "node:http";
import type { AddressInfo, Server, Socket } from "node:net";
import type { Clock } from "#platform/clock.ts";
import { type OutgoingCall, type SafeRequestOptions, type WayOut, openWayOut } from "#platform/safe-request.ts";

// A pair for these tests only: api.example, signed by itself, valid from 2020 to 2120.
export const testKey = `-----BEGIN EC PRIVATE KEY-----
MHcCAQEEILfsICfJ43SKB3bEPzzY6yIsdW+el5hxkPRm6RDvskB7oAoGCCqGSM49
AwEHoUQDQgAEq0r671MEfvlquVU4LEmeHhRzb9IWdqTmA+mCd5tN//KB4v0RW1c2
saEzIVWeuZpT828Ab6Xn6P8ERClFjfP/YA==
-----END EC PRIVATE KEY-----`;
export const testCertificate = `-----BEGIN CERTIFICATE-----
MIIBZjCCAQ2gAwIBAgIBATAKBggqhkjOPQQDAjAWMRQwEgYDVQQDDAthcGkuZXhh
bXBsZTAgFw0yMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAwMFowFjEUMBIGA1UE
AwwLYXBpLmV4YW1wbGUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASrSvrvUwR+
+Wq5VTgsSZ4eFHNv0hZ2pOYD6YJ3m03/8oHi/RFbVzaxoTMhVZ65mlPzbwBvpefo
/wREKUWN8/9go0owSDAWBgNVHREEDzANggthcGkuZXhhbXBsZTAPBgNVHRMBAf8E
BTADAQH/MB0GA1UdDgQWBBS0gJCxoc6ixkINYsa7nc5ZzXc02TAKBggqhkjOPQQD
AgNHADBEAiBN+jGp9We1ZIJGE8QB7tVmqK0rWgbtQNul+CrGWDquJAIgf8M9kwtd
ByVPGM35SMt5UlC5dJL9sX5q6ZTGLjmpGm8=
-----END CERTIFICATE-----`;

export const connectTimeoutMs = 5000;
export const firstByteTimeoutMs = 15_000;
export const totalTimeoutMs = 30_000;

/** A clock whose timers run when the test says so, by their length. */
export function handClock() {
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

/** Starts the server on a free port of 127.0.0.1; everything is closed after the test. */
export async function listen(context: TestContext, server: Server): Promise<number> {
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
export async function peer(context: TestContext, reply: Reply): Promise<Seen> {
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

export function wayOut(context: TestContext, options: Partial<SafeRequestOptions>): WayOut {
	const limits = { connectTimeoutMs, firstByteTimeoutMs, totalTimeoutMs, answerBytesMax: 1000 };
	const way = openWayOut({ outboundAllow: ["127.0.0.0/8"], ...limits, ...options });
	context.after(() => way.close());
	return way;
}

export function get(url: string, extra: Partial<OutgoingCall> = {}): OutgoingCall {
	return { method: "GET", url, headers: {}, ...extra };
}
