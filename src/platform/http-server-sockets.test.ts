import test from "node:test";
import assert from "node:assert/strict";
import { once } from "node:events";
import { Agent, type IncomingMessage, request, type RequestOptions } from "node:http";
import { type AddressInfo, connect } from "node:net";
import type { FastifyInstance } from "fastify";
import { systemClock } from "#platform/clock.ts";
import { buildScene } from "#test/http-scene.ts";

async function listen(instance: FastifyInstance): Promise<number> {
	await instance.listen({ host: "127.0.0.1", port: 0 });
	return (instance.server.address() as AddressInfo).port;
}

/** Sends bytes as they are and reads until the server closes. */
async function raw(port: number, text: string): Promise<string> {
	const socket = connect(port, "127.0.0.1");
	socket.on("error", () => undefined);
	const chunks: Buffer[] = [];
	socket.on("data", (chunk) => chunks.push(chunk));
	socket.write(text);
	await once(socket, "close");
	return Buffer.concat(chunks).toString();
}

test("what is no HTTP, or smuggles, is answered 400 with headers and problem, and the connection is closed", async (context) => {
	const { instance } = buildScene(context);
	const port = await listen(instance);
	const host = "Host: a\r\n";
	const wrong = [
		"nonsense\r\n\r\n",
		`POST /any HTTP/1.1\r\n${host}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
		`POST /any HTTP/1.1\r\n${host}Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcd`,
		`GET /things HTTP/1.1\r\n${host}X: a\r\n b\r\n\r\n`,
		`GET /things HTTP/1.1\r\n${host}X: a\rb\r\n\r\n`,
		`GET /things HTTP/1.1\r\n${host}X : a\r\n\r\n`,
		`POST /any HTTP/1.1\r\n${host}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n`,
	];
	for (const text of wrong) {
		const answer = await raw(port, text);
		assert.match(answer, /^HTTP\/1\.1 400 Bad Request\r\n/, JSON.stringify(text));
		assert.match(answer, /\r\nx-content-type-options: nosniff\r\n/i);
		assert.match(answer, /\r\ncontent-security-policy: default-src 'none'/i);
		assert.match(answer, /\r\nconnection: close\r\n/i);
		assert.match(answer, /"code":"malformed_request"/);
	}
});

test("headers above 16 KiB or more than 100 are answered 431", async (context) => {
	const { instance } = buildScene(context);
	const port = await listen(instance);
	const start = "GET /things HTTP/1.1\r\nHost: a\r\nConnection: close\r\n";
	assert.match(
		await raw(port, `${start}X: ${"y".repeat(17_000)}\r\n\r\n`),
		/^HTTP\/1\.1 431 [\s\S]*"headers_too_large"/,
	);
	const many = (count: number) =>
		start + Array.from({ length: count }, (_, index) => `X${index}: y\r\n`).join("") + "\r\n";
	assert.match(await raw(port, many(98)), /^HTTP\/1\.1 200 /);
	assert.match(await raw(port, many(99)), /^HTTP\/1\.1 431 [\s\S]*"headers_too_large"/);
});

test("TRACE is answered 405 and echoes nothing", async (context) => {
	const { instance } = buildScene(context);
	const port = await listen(instance);
	for (const path of ["/things", "/nothing"]) {
		const answer = await raw(
			port,
			`TRACE ${path} HTTP/1.1\r\nHost: a\r\nX-Secret: hunter2\r\nConnection: close\r\n\r\n`,
		);
		assert.match(answer, /^HTTP\/1\.1 405 /);
		assert.ok(!answer.includes("hunter2"));
	}
});

/** Opens a connection, writes nothing yet; `ask` writes and reads until the server closes it. */
async function opened(instance: FastifyInstance, port: number) {
	const accepted = once(instance.server, "connection");
	const socket = connect(port, "127.0.0.1");
	const chunks: Buffer[] = [];
	socket.on("data", (chunk) => chunks.push(chunk));
	await accepted;
	return async (text: string): Promise<string> => {
		socket.write(text);
		await once(socket, "close");
		return Buffer.concat(chunks).toString();
	};
}

test("while the server stops, requests on open connections are answered 503, with headers, and the connection closes", async (context) => {
	const { instance } = buildScene(context);
	const port = await listen(instance);
	const ask = await opened(instance, port);
	const closing = instance.close();
	const answer = await ask("GET /things HTTP/1.1\r\nHost: a\r\n\r\n");
	await closing;
	assert.match(answer, /^HTTP\/1\.1 503 /);
	assert.match(answer, /"code":"shutting_down"/);
	assert.match(answer, /\r\nx-content-type-options: nosniff\r\n/i);
	assert.match(answer, /\r\nretry-after: 5\r\n/i);
	assert.match(answer, /\r\nconnection: close\r\n/i);
});

test("a kept connection that was used before hears 503 within the grace, and so does a new one", async (context) => {
	const { instance } = buildScene(context, { clock: systemClock, closingGraceMs: 60_000 });
	const port = await listen(instance);
	const agent = new Agent({ keepAlive: true, maxSockets: 1 });
	context.after(() => agent.destroy());
	const get = async (over: RequestOptions): Promise<IncomingMessage> => {
		const [answer] = (await once(request({ port, path: "/things", ...over }).end(), "response")) as [IncomingMessage];
		answer.resume();
		await once(answer, "end");
		return answer;
	};
	const first = await get({ agent });
	assert.deepEqual([first.statusCode, first.headers.connection], [200, "keep-alive"]);
	const ask = await opened(instance, port);
	const closing = instance.close();
	const fresh = await get({ agent: false });
	assert.deepEqual([fresh.statusCode, fresh.headers.connection], [503, "close"]);
	const kept = await get({ agent });
	assert.deepEqual([kept.statusCode, kept.headers.connection], [503, "close"]);
	assert.match(await ask("GET /things HTTP/1.1\r\nHost: a\r\n\r\n"), /^HTTP\/1\.1 503 /);
	await closing; // Long before the grace is over: no connection is open any more.
});
