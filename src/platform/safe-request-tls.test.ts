import test from "node:test";
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer as createTlsServer } from "node:https";
import { type Socket, createServer as createTcpServer } from "node:net";
import { connectTimeoutMs, get, handClock, listen, peer, testCertificate, testKey, wayOut } from "#test/peers.ts";

test("TLS: a peer that does not speak it is certainly not sent", async (context) => {
	const seen = await peer(context, (_request, response) => response.end());
	const answer = await wayOut(context, {}).request(get(`https://127.0.0.1:${seen.port}/`));
	assert.deepEqual(answer, { kind: "notSent", why: "tls" });
	assert.equal(seen.requests.length, 0);
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
