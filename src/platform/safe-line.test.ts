// The way out for lines keeps the rules of the way out for requests, by the same code: what is tested here is that it asks it.

import assert from "node:assert/strict";
import { createServer } from "node:net";
import test from "node:test";
import { type TLSSocket, createServer as createTlsServer } from "node:tls";
import { connectTimeoutMs, handClock, listen, testCertificate, testKey } from "#test/peers.ts";
import { lineTargetOf, mayConnect, parseAllowList } from "./outbound-rules.ts";
import { type LineOutOptions, openLineOut } from "./safe-line.ts";

const here = () => Promise.resolve([{ address: "127.0.0.1", family: 4 }]);

function lineOut(change: Partial<LineOutOptions> = {}) {
	const { clock } = handClock();
	const limits = { connectTimeoutMs, answerTimeoutMs: 1000, clock };
	return openLineOut({ outboundAllow: ["127.0.0.0/8"], lookup: here, ...limits, ...change });
}

test("a plain line goes where the allow list says, and nowhere else", async (t) => {
	const port = await listen(t, createServer());
	const opened = await lineOut().open(`smpp://smsc.example:${port}`);
	assert.ok(opened.ok);
	opened.socket.destroy();
	for (const options of [
		{ outboundAllow: [] },
		{ outboundAllow: ["10.0.0.0/8"] },
		{ outboundAllow: ["other.example:1"] },
	]) {
		assert.deepEqual(await lineOut(options).open(`smpp://smsc.example:${port}`), { ok: false, why: "blocked" });
	}
});

test("a line by TLS verifies the certificate for the name, and negotiates no protocol", async (t) => {
	const offered: unknown[] = [];
	const server = createTlsServer({ key: testKey, cert: testCertificate, ALPNProtocols: ["http/1.1"] }, (socket) =>
		offered.push(socket.alpnProtocol),
	);
	const port = await listen(t, server);
	const trusting = lineOut({ certificateAuthorities: [testCertificate] });
	const opened = await trusting.open(`smpps://api.example:${port}`);
	assert.ok(opened.ok);
	assert.equal((opened.socket as TLSSocket).alpnProtocol, false);
	opened.socket.destroy();
	const failure = { ok: false, why: "tls" };
	assert.deepEqual(await trusting.open(`smpps://other.example:${port}`), failure, "another name");
	assert.deepEqual(await lineOut().open(`smpps://api.example:${port}`), failure, "not trusted");
});

test("a name without an address and a shut port are told apart", async () => {
	assert.deepEqual(await lineOut({ lookup: () => Promise.resolve([]) }).open("smpp://smsc.example:2775"), {
		ok: false,
		why: "dns",
	});
	assert.deepEqual(await lineOut().open("smpp://smsc.example:1"), { ok: false, why: "refused" });
});

const nothing = parseAllowList([]);

test("without a list only an encrypted line to a public address at a port of its own is possible", () => {
	const target = lineTargetOf("smpps://SMSC.example.:3601", nothing);
	assert.deepEqual(target, { isTls: true, host: "smsc.example", port: 3601, literal: undefined, needs: "public" });
	assert.ok(target);
	assert.equal(mayConnect(target, ["93.184.216.34"], nothing), true);
	assert.equal(mayConnect(target, ["93.184.216.34", "10.0.0.1"], nothing), false);
	for (const url of [
		"smpp://smsc.example:2775",
		"smpps://smsc.example:443",
		"smpps://smsc.example:25",
		"smpps://smsc.example",
		"smpps://smsc.internal:3601",
		"smpps://localhost:3601",
		"smpps://user@smsc.example:3601",
		"smpps://smsc.example:0",
		"https://smsc.example:3601",
		"http://smsc.example:3601",
		"smpps:smsc.example:3601",
		"smpps://",
		"",
	]) {
		assert.equal(lineTargetOf(url, nothing), undefined, url);
	}
});

test("an address in disguise is read as what it is", () => {
	for (const host of ["127.0.0.1", "0x7f000001", "2130706433", "017700000001", "127.1", "[::ffff:127.0.0.1]"]) {
		const target = lineTargetOf(`smpps://${host}:3601`, nothing);
		assert.ok(target !== undefined && target.literal !== undefined, host);
		assert.equal(mayConnect(target, [target.literal], nothing), false, host);
	}
	const listed = parseAllowList(["127.0.0.1:3601"]);
	const target = lineTargetOf("smpp://0x7f000001:3601", listed);
	assert.ok(target !== undefined && mayConnect(target, ["127.0.0.1"], listed));
});
