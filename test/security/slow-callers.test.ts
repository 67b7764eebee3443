// Goal S14: callers that are slow, huge or malformed cost a bounded amount, and others are served meanwhile. Method: a
// process of its own; some hundred connections that send their headers, their bodies or nothing a byte at a time, and some
// that never read what they asked for, while good requests are timed; then, for the same server, a set of requests that are
// compressed, too large, or that two readers would read differently. 2,000 connections with `--connections 2000`.

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import test, { type TestContext } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { administrator } from "#test/parley.ts";
import { numberFlag } from "#test/flags.ts";
import { type ChildParley, spawnParley } from "./own-parley.ts";

const connections = numberFlag("connections", 200);
const headersWithinMs = 12_000;
const bodyWithinMs = 22_000;
const goodP99Ms = 500;
const basic = `Basic ${Buffer.from(`${administrator.login}:${administrator.password}`).toString("base64")}`;

type Slow = { socket: Socket; openedMs: number; closedMs: number | undefined; said: string };

function open(t: TestContext, port: number): Slow {
	const slow: Slow = { socket: connect(port, "127.0.0.1"), openedMs: performance.now(), closedMs: undefined, said: "" };
	slow.socket.on("error", () => undefined);
	slow.socket.on("data", (chunk) => (slow.said += chunk.toString("latin1").slice(0, 200)));
	slow.socket.once("close", () => (slow.closedMs = performance.now()));
	t.after(() => slow.socket.destroy());
	return slow;
}

const portOf = (parley: ChildParley): number => Number(new URL(parley.origin).port);

/** A byte now and then, so that no idle time-out helps. */
async function drip(all: readonly Slow[], text: string, everyMs: number): Promise<void> {
	for (let at = 0; all.some(({ closedMs }) => closedMs === undefined); at++) {
		for (const { socket, closedMs } of all) {
			if (closedMs === undefined && socket.writable) {
				socket.write(text[at % text.length] ?? "x");
			}
		}
		await pause(everyMs);
	}
}

function lifeOf({ openedMs, closedMs = Number.NaN }: Slow): number {
	return closedMs - openedMs;
}

/** Milliseconds of good requests, one after the other, until told to end. */
function timeGood(parley: ChildParley): { end(): Promise<readonly number[]> } {
	const times: number[] = [];
	let isOver = false;
	const work = (async () => {
		while (!isOver) {
			const startedMs = performance.now();
			const answer = await fetch(`${parley.origin}/RI/rci/me`, { headers: { authorization: basic } });
			assert.equal(answer.status, 200, await answer.text());
			times.push(performance.now() - startedMs);
			await pause(20);
		}
		return times;
	})();
	return {
		end() {
			isOver = true;
			return work;
		},
	};
}

function p99(times: readonly number[]): number {
	return times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? Number.NaN;
}

test(`${connections} slow connections of each kind are closed in time, and good requests do not feel them`, async (t) => {
	const parley = await spawnParley(t);
	const port = portOf(parley);
	const calm = timeGood(parley);
	await pause(1500);
	const calmP99 = p99(await calm.end());
	const residentBefore = parley.residentMib();

	const share = Math.max(10, Math.floor(connections / 4));
	const many = () => Array.from({ length: share }, () => open(t, port));
	const kinds = { silent: many(), headers: many(), body: many(), chunks: many() };
	const begin = `POST /RI/rci/users HTTP/1.1\r\nHost: a\r\nAuthorization: ${basic}\r\nContent-Type: application/json\r\n`;
	await Promise.all(
		Object.values(kinds)
			.flat()
			.map(({ socket }) => once(socket, "connect")),
	);
	kinds.headers.forEach(({ socket }) => socket.write("GET /login HTTP/1.1\r\nHost: a\r\nX-Slow: "));
	kinds.body.forEach(({ socket }) => socket.write(`${begin}Content-Length: 1000\r\n\r\n{"`));
	kinds.chunks.forEach(({ socket }) => socket.write(`${begin}Transfer-Encoding: chunked\r\n\r\n2\r\n{"\r\n`));
	const good = timeGood(parley);
	await Promise.all([
		drip(kinds.headers, "y", 700),
		drip(kinds.body, " ", 700),
		drip(kinds.chunks, "1\r\n \r\n", 300),
		...kinds.silent.map(
			({ socket }) => new Promise((resolve) => (socket.closed ? resolve(0) : socket.once("close", resolve))),
		),
	]);
	const times = await good.end();
	const longest = (all: readonly Slow[]) => Math.max(...all.map(lifeOf));
	for (const [kind, all] of Object.entries(kinds)) {
		const limitMs = kind === "body" || kind === "chunks" ? bodyWithinMs : headersWithinMs;
		assert.ok(longest(all) <= limitMs, `${kind}: ${longest(all)} ms`);
		t.diagnostic(`${kind}: closed after at most ${Math.round(longest(all))} ms`);
	}
	assert.ok(
		kinds.headers.every(({ said }) => /^(?:HTTP\/1\.1 408 |$)/.test(said)),
		kinds.headers.find(({ said }) => !said.startsWith("HTTP/1.1 408"))?.said,
	);
	const grown = parley.residentMib() - residentBefore;
	t.diagnostic(
		`good p99 ${p99(times).toFixed(0)} ms of ${times.length} (${calmP99.toFixed(0)} ms before); ${grown.toFixed(0)} MiB more`,
	);
	// On a machine that is busy with other things calm requests are slow too: then the ratio counts.
	assert.ok(p99(times) <= Math.max(goodP99Ms, calmP99 * 3), `p99 ${p99(times)} ms, before ${calmP99} ms`);
	assert.ok(times.length > 50);
});

test("callers that do not read what they asked for hold no memory", async (t) => {
	const parley = await spawnParley(t);
	const port = portOf(parley);
	const document = await (
		await fetch(`${parley.origin}/RI/openapi/rci.json`, { headers: { authorization: basic } })
	).text();
	const ask = `GET /RI/openapi/rci.json HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: ${basic}\r\n\r\n`;
	await Promise.all(Array.from({ length: 20 }, () => fetch(`${parley.origin}/login`)));
	const before = parley.residentMib();
	const asked = 100; // Of each caller, in one go.
	const callers = Array.from({ length: Math.max(50, Math.floor(connections / 4)) }, () => {
		const socket = connect(port, "127.0.0.1").on("error", () => undefined);
		socket.pause();
		socket.write(ask.repeat(asked));
		t.after(() => socket.destroy());
		return socket;
	});
	await Promise.all(callers.map((socket) => once(socket, "connect")));
	const seen: number[] = [];
	for (let look = 0; look < 15; look++) {
		await pause(200);
		seen.push(parley.residentMib() - before);
		assert.equal((await fetch(`${parley.origin}/login`)).status, 200);
	}
	const askedMib = (callers.length * asked * document.length) / 1024 ** 2;
	t.diagnostic(`${askedMib.toFixed(0)} MiB asked for, at most ${Math.max(...seen).toFixed(0)} MiB more held`);
	assert.ok(askedMib > 300, "there was something to hold");
	// With one answer each on its way, and what the last ones left until the collector comes: 110 to 190 MiB were seen of 970.
	assert.ok(Math.max(...seen) < askedMib / 4, `${Math.max(...seen)} MiB`);
});

/** Sends bytes as they are; resolves with all that was answered until the server closed or said nothing more for a while. */
async function raw(port: number, text: string | Buffer): Promise<{ answer: string; isClosed: boolean }> {
	const socket = connect(port, "127.0.0.1").on("error", () => undefined);
	let answer = "";
	socket.on("data", (chunk) => (answer += chunk.toString("latin1")));
	const closed = new Promise<boolean>((resolve) => socket.once("close", () => resolve(true)));
	socket.write(text);
	const isClosed = await Promise.race([closed, pause(3000).then(() => false)]);
	socket.destroy();
	return { answer, isClosed };
}

const answersIn = (text: string): readonly string[] => text.match(/HTTP\/1\.1 \d{3}/g) ?? [];
const host = "Host: a\r\n";
const hidden = `GET /login HTTP/1.1\r\n${host}\r\n`; // A second request in the body of the first.
const chunked = "Transfer-Encoding: chunked\r\n";
const json = "Content-Type: application/json\r\n";

/** Requests on whose end two readers may disagree, or that are no requests: 400, closed, and nothing more is read. */
const ambiguous: Readonly<Record<string, string>> = {
	"length and chunks": `POST /login HTTP/1.1\r\n${host}Content-Length: 4\r\n${chunked}\r\n0\r\n\r\n${hidden}`,
	"chunks and length": `POST /login HTTP/1.1\r\n${host}${chunked}Content-Length: 4\r\n\r\n0\r\n\r\n${hidden}`,
	"two lengths": `POST /login HTTP/1.1\r\n${host}Content-Length: 4\r\nContent-Length: 40\r\n\r\nabcd${hidden}`,
	"two equal lengths": `POST /login HTTP/1.1\r\n${host}Content-Length: 4\r\nContent-Length: 4\r\n\r\nabcd${hidden}`,
	"a list of lengths": `POST /login HTTP/1.1\r\n${host}Content-Length: 4, 4\r\n\r\nabcd${hidden}`,
	"a signed length": `POST /login HTTP/1.1\r\n${host}Content-Length: +4\r\n\r\nabcd${hidden}`,
	"a negative length": `POST /login HTTP/1.1\r\n${host}Content-Length: -4\r\n\r\nabcd${hidden}`,
	"a hexadecimal length": `POST /login HTTP/1.1\r\n${host}Content-Length: 0x4\r\n\r\nabcd${hidden}`,
	"a length with a space in it": `POST /login HTTP/1.1\r\n${host}Content-Length: 4 0\r\n\r\nabcd${hidden}`,
	"an endless length": `POST /login HTTP/1.1\r\n${host}Content-Length: 99999999999999999999999\r\n\r\nabcd`,
	"a length with a space before the colon": `POST /login HTTP/1.1\r\n${host}Content-Length : 4\r\n\r\nabcd${hidden}`,
	"chunks twice": `POST /login HTTP/1.1\r\n${host}Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n${hidden}`,
	"chunks that are not last": `POST /login HTTP/1.1\r\n${host}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${hidden}`,
	"an unknown coding": `POST /login HTTP/1.1\r\n${host}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${hidden}`,
	"a vertical tab in the coding": `POST /login HTTP/1.1\r\n${host}Transfer-Encoding:\u000bchunked\r\n\r\n0\r\n\r\n${hidden}`,
	"a folded line": `GET /login HTTP/1.1\r\n${host}X: a\r\n b\r\n\r\n${hidden}`,
	"a folded coding": `POST /login HTTP/1.1\r\n${host}Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n${hidden}`,
	"a bare CR in a header": `GET /login HTTP/1.1\r\n${host}X: a\rb\r\n\r\n${hidden}`,
	"a bare CR that hides a header": `POST /login HTTP/1.1\r\n${host}X: a\rContent-Length: 40\r\n\r\n${hidden}`,
	"a bare CR at the end of the line": `GET /login HTTP/1.1\r${host}\r\n${hidden}`,
	"a NUL in a header": `GET /login HTTP/1.1\r\n${host}X: a\0b\r\n\r\n${hidden}`,
	"a NUL in a header's name": `GET /login HTTP/1.1\r\n${host}X\0: a\r\n\r\n${hidden}`,
	"a header without a name": `GET /login HTTP/1.1\r\n${host}: a\r\n\r\n${hidden}`,
	"a header without a colon": `GET /login HTTP/1.1\r\n${host}nonsense\r\n\r\n${hidden}`,
	"a space before the first header": `GET /login HTTP/1.1\r\n X: a\r\n${host}\r\n${hidden}`,
	"a chunk size that is none": `POST /login HTTP/1.1\r\n${host}${json}${chunked}\r\nzz\r\n${hidden}`,
	"a negative chunk size": `POST /login HTTP/1.1\r\n${host}${json}${chunked}\r\n-1\r\n${hidden}`,
	"a chunk size with 0x": `POST /login HTTP/1.1\r\n${host}${json}${chunked}\r\n0x4\r\nabcd\r\n0\r\n\r\n${hidden}`,
	"a chunk size with a space": `POST /login HTTP/1.1\r\n${host}${json}${chunked}\r\n4 4\r\nabcd\r\n0\r\n\r\n${hidden}`,
	"an endless chunk size": `POST /login HTTP/1.1\r\n${host}${json}${chunked}\r\nfffffffffffffffff\r\nabcd`,
	"a chunk longer than it says": `POST /login HTTP/1.1\r\n${host}${json}${chunked}\r\n2\r\nabcd\r\n0\r\n\r\n${hidden}`,
	"a bare LF in a chunk's extension": `POST /login HTTP/1.1\r\n${host}${json}${chunked}\r\n4;a\nb\r\nabcd\r\n0\r\n\r\n${hidden}`,
	"a bare CR in a chunk's extension": `POST /login HTTP/1.1\r\n${host}${json}${chunked}\r\n4;a\rb\r\nabcd\r\n0\r\n\r\n${hidden}`,
	"an endless chunk extension": `POST /login HTTP/1.1\r\n${host}${json}${chunked}\r\n4;${"x".repeat(40_000)}\r\nabcd\r\n0\r\n\r\n`,
	"a strange version": `GET /login HTTP/9.9\r\n${host}\r\n${hidden}`,
	"a strange method": `GE\u0001T /login HTTP/1.1\r\n${host}\r\n${hidden}`,
	"no HTTP at all": `\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003`,
	"no Host": `GET /login HTTP/1.1\r\n\r\n${hidden}`,
	"HTTP/2 at once": "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
};

test(`${Object.keys(ambiguous).length} ambiguous requests are answered 400 or cut, and what hides behind them is never answered`, async (t) => {
	const parley = await spawnParley(t);
	const results = await Promise.all(
		Object.entries(ambiguous).map(async ([what, text]) => {
			// Of the host it calls, so that the hidden request would be answered 200.
			const sent = text.replaceAll(host, `Host: 127.0.0.1:${portOf(parley)}\r\n`);
			return { what, ...(await raw(portOf(parley), sent)) };
		}),
	);
	for (const { what, answer, isClosed } of results) {
		const answers = answersIn(answer);
		// What was wrong may show in the body only, when the headers were answered already.
		assert.ok(answers.length <= 2 && answers.every((line) => / 4\d\d$/.test(line)), `${what}: ${answers.join(" ")}`);
		assert.ok(isClosed, `${what} is closed`);
	}
	assert.equal((await fetch(`${parley.origin}/login`)).status, 200);
});

test("what is compressed, too large or too long is refused with its own status, before it is read", async (t) => {
	const parley = await spawnParley(t);
	const port = portOf(parley);
	const bomb = gzipSync(Buffer.alloc(20_000_000, 32));
	const post = (coding: string, body: Buffer, path: string) => {
		const head = `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\nAuthorization: ${basic}\r\n`;
		const length = `${json}Content-Encoding: ${coding}\r\nContent-Length: ${body.length}\r\n\r\n`;
		return raw(port, Buffer.concat([Buffer.from(head + length), body]));
	};
	const before = parley.residentMib();
	const codings = ["gzip", "x-gzip", "deflate", "br", "zstd", "compress", "gzip, gzip", "identity, gzip", "nonsense"];
	for (const coding of codings) {
		const body = coding === "br" ? brotliCompressSync(Buffer.alloc(2_000_000, 32)) : bomb;
		for (const path of ["/RI/rci/users", "/sms/twilio/all"]) {
			assert.match((await post(coding, body, path)).answer, /^HTTP\/1\.1 415 /, coding);
		}
	}
	assert.ok(parley.residentMib() - before < 100, `${parley.residentMib() - before} MiB more`);
	const start = `GET /login HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n`;
	const manyHeaders = (count: number) => Array.from({ length: count }, (_, index) => `X${index}: y\r\n`).join("");
	const big = (bytes: number) => `X: ${"y".repeat(bytes)}\r\n`;
	const url = (length: number) => start.replace("/login", `/login?${"q".repeat(length - 7)}`);
	const limits: readonly [what: string, text: string, status: number][] = [
		["100 headers", `${start}${manyHeaders(98)}\r\n`, 200],
		["101 headers", `${start}${manyHeaders(99)}\r\n`, 431],
		["10,000 headers", `${start}${manyHeaders(10_000)}\r\n`, 431],
		["15 KiB of headers", `${start}${big(15_000)}\r\n`, 200],
		["17 KiB of headers", `${start}${big(17_000)}\r\n`, 431],
		["1 MiB of headers", `${start}${big(1_000_000)}\r\n`, 431],
		["a URL of 8 KiB", `${url(8192)}\r\n`, 200],
		["a URL of 8 KiB and one", `${url(8193)}\r\n`, 414],
		["a URL of 15 KiB", `${url(15_000)}\r\n`, 414],
	];
	for (const [what, text, status] of limits) {
		const { answer } = await raw(port, text);
		assert.equal(Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]), status, `${what}: ${answer.slice(0, 200)}`);
	}
	for (const path of ["/RI/rci/users", "/sms/twilio/all"]) {
		const head = `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: ${basic}\r\n${json}`;
		const announced = await raw(port, `${head}Content-Length: 3000000\r\n\r\n{`);
		assert.match(announced.answer, /^HTTP\/1\.1 413 /, path);
		const chunk = `10000\r\n${" ".repeat(65_536)}\r\n`;
		const grown = await raw(port, `${head}${chunked}\r\n${chunk.repeat(40)}`);
		assert.match(grown.answer, /^(?:HTTP\/1\.1 413 |$)/, path);
		assert.equal(grown.isClosed, true, path);
	}
});
