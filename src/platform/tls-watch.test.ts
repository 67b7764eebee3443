// A real listener with TLS: what it takes, and what becomes of it when its files change. Time moves by hand.

import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import type { Server } from "node:https";
import { type AddressInfo, connect as connectPlain } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { connect, type SecureVersion, type TLSSocket } from "node:tls";
import { makeCertificate, type TestPair } from "#test/certificates.ts";
import { testClock } from "#test/scene.ts";
import { buildHttpServer } from "./http-server.ts";
import { idsFrom } from "./ids.ts";
import { silentLog } from "./log.ts";
import { systemClock } from "./clock.ts";
import { systemRandom } from "./random.ts";
import { readTlsPair } from "./tls-pair.ts";
import { lookEveryMs, soonMs, stampOf, watchTls } from "./tls-watch.ts";
import { routeUpgrades, takeSocket } from "./upgrades.ts";

async function stage(t: TestContext, first: TestPair) {
	const folder = mkdtempSync(join(tmpdir(), "parley-tls-"));
	t.after(() => rmSync(folder, { recursive: true, force: true }));
	const files = { certificateFile: join(folder, "cert.pem"), keyFile: join(folder, "key.pem") };
	let writes = 0;
	/** As tools do that renew certificates: beside it, then in its place. */
	const put = (file: string, text: string): void => {
		writes += 1;
		writeFileSync(`${file}.${writes}`, text);
		renameSync(`${file}.${writes}`, file);
	};
	put(files.certificateFile, first.certificate);
	put(files.keyFile, first.key);
	const read = readTlsPair(files);
	assert.ok(read.ok);
	const app = buildHttpServer({
		log: silentLog,
		trustedProxies: [],
		bodyLimitBytes: 1000,
		ids: idsFrom(systemClock, systemRandom),
		clock: systemClock,
		tls: read.pair,
	});
	app.get("/hello", () => ({ hello: true }));
	app.get("/socket", (request, reply) => {
		const taken = takeSocket(request, reply);
		taken?.socket.end("HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\nraw");
	});
	t.after(routeUpgrades(app, (url) => url));
	const origin = await app.listen({ host: "127.0.0.1", port: 0 });
	t.after(() => app.close());
	const clock = testClock();
	const facts = { alarm: false, ends: new Date(0) };
	const errors: string[] = [];
	const worker = watchTls(files, { pair: read.pair, stamp: stampOf(files) }, app.server as unknown as Server, {
		clock,
		log: { ...silentLog, error: (_text, fields) => errors.push(fields?.reason ?? "") },
		metrics: { alarm: (_name, isOn) => (facts.alarm = isOn), certificateEnds: (at) => (facts.ends = at) },
	});
	t.after(() => worker.stop());
	const turns = async (): Promise<void> => {
		for (let turn = 0; turn < 5; turn++) {
			await new Promise((resolve) => setImmediate(resolve));
		}
	};
	await turns();
	async function look(): Promise<void> {
		clock.advance(lookEveryMs);
		await turns();
	}
	return { files, put, origin, port: (app.server.address() as AddressInfo).port, look, facts, errors, clock };
}

async function open(port: number, ca: string, versions: { min?: SecureVersion; max?: SecureVersion } = {}) {
	const { min, max } = versions;
	const socket = connect({
		port,
		host: "127.0.0.1",
		ca,
		...(min === undefined ? {} : { minVersion: min }),
		...(max === undefined ? {} : { maxVersion: max }),
	});
	await once(socket, "secureConnect");
	return socket;
}

async function ask(socket: TLSSocket, text: string): Promise<string> {
	const chunks: Buffer[] = [];
	socket.on("data", (chunk: Buffer) => chunks.push(chunk));
	socket.write(text);
	await once(socket, "close");
	return Buffer.concat(chunks).toString();
}

const get = (path: string, more = "connection: close") => `GET ${path} HTTP/1.1\r\nhost: a\r\n${more}\r\n\r\n`;

test("the listener speaks HTTP/1.1 over TLS 1.2 and 1.3, and nothing older", async (t) => {
	const pair = makeCertificate();
	const { port, origin } = await stage(t, pair);
	assert.equal(origin, `https://127.0.0.1:${port}`);
	for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
		const socket = await open(port, pair.certificate, { min: version, max: version });
		assert.equal(socket.getProtocol(), version);
		assert.match(await ask(socket, get("/hello")), /^HTTP\/1\.1 200 OK[\s\S]*\{"hello":true\}/);
	}
	await assert.rejects(open(port, pair.certificate, { min: "TLSv1", max: "TLSv1.1" }), { code: /TLS|SSL|ECONNRESET/ });
});

test("a WebSocket handshake is routed as without TLS", async (t) => {
	const pair = makeCertificate();
	const { port } = await stage(t, pair);
	const socket = await open(port, pair.certificate);
	const said = await ask(socket, get("/socket", "connection: upgrade\r\nupgrade: websocket"));
	assert.match(said, /^HTTP\/1\.1 101 [\s\S]*\r\n\r\nraw$/);
});

test("who speaks plain HTTP, or breaks the handshake off, is let go, and others are served", async (t) => {
	const pair = makeCertificate();
	const { port } = await stage(t, pair);
	for (const text of [get("/hello"), "\u0016\u0003\u0001nonsense that is no handshake"]) {
		const socket = connectPlain(port, "127.0.0.1").on("error", () => undefined);
		const chunks: Buffer[] = [];
		socket.on("data", (chunk: Buffer) => chunks.push(chunk));
		socket.write(text);
		await once(socket, "close");
		assert.ok(!Buffer.concat(chunks).toString().includes("HTTP/1.1"), "no HTTP without TLS");
	}
	const gone = connectPlain(port, "127.0.0.1");
	await once(gone, "connect");
	gone.destroy();
	assert.match(await ask(await open(port, pair.certificate), get("/hello")), /200 OK/);
});

test("a new pair is used without a restart; open connections stay", async (t) => {
	const before = makeCertificate();
	const after = makeCertificate({ validUntil: new Date("2045-01-01T00:00:00Z") });
	const { files, put, port, look, facts } = await stage(t, before);
	const kept = await open(port, before.certificate);
	put(files.certificateFile, after.certificate);
	put(files.keyFile, after.key);
	await assert.rejects(open(port, after.certificate), { code: /CERT/ });
	await look();
	assert.match(await ask(await open(port, after.certificate), get("/hello")), /200 OK/);
	await assert.rejects(open(port, before.certificate), { code: /CERT/ });
	assert.match(await ask(kept, get("/hello")), /200 OK/);
	assert.deepEqual([facts.ends, facts.alarm], [new Date("2045-01-01T00:00:00Z"), false]);
});

test("a pair that does not fit keeps the old one, is told once and raises the alarm until it fits", async (t) => {
	const before = makeCertificate();
	const after = makeCertificate();
	const { files, put, port, look, facts, errors } = await stage(t, before);
	put(files.certificateFile, after.certificate);
	await look();
	await look();
	assert.deepEqual([facts.alarm, errors.length], [true, 1]);
	assert.match(errors[0] ?? "", /tls\.keyFile .*does not belong/);
	assert.match(await ask(await open(port, before.certificate), get("/hello")), /200 OK/);
	rmSync(files.keyFile);
	await look();
	assert.match(errors[1] ?? "", /tls\.keyFile .*does not exist/);
	put(files.keyFile, after.key);
	await look();
	assert.equal(facts.alarm, false);
	assert.match(await ask(await open(port, after.certificate), get("/hello")), /200 OK/);
});

test("the alarm comes fourteen days before the end", async (t) => {
	const validUntil = new Date(testClock().now().getTime() + soonMs + 2 * lookEveryMs);
	const { look, facts } = await stage(t, makeCertificate({ validUntil }));
	assert.deepEqual([facts.ends, facts.alarm], [validUntil, false]);
	await look();
	await look();
	assert.equal(facts.alarm, false);
	await look();
	assert.equal(facts.alarm, true);
});
