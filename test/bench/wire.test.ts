// Goal: the bench counts every answer once and reads its status right, however the bytes are cut.
// Method: the same stream of messages in one chunk, byte by byte, and cut at seeded places.

import assert from "node:assert/strict";
import test from "node:test";
import { closesConnection, type Framed, framing, hasHeader, statusOf } from "#bench/wire.ts";
import { seedFlag } from "#test/flags.ts";
import { seededRandom } from "#test/scene.ts";

const stream = Buffer.from(
	[
		"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\nhello",
		"HTTP/1.1 503 Service Unavailable\r\ncontent-length:2\r\nRetry-After: 5\r\nconnection: close\r\n\r\n\r\n",
		"HTTP/1.1 204 No Content\r\ndate: now\r\n\r\n",
		`HTTP/1.1 200 OK\r\ncontent-length: ${Buffer.byteLength("grüß")}\r\n\r\ngrüß`,
	].join(""),
);
const expected = [
	[200, "hello"],
	[503, "\r\n"],
	[204, ""],
	[200, "grüß"],
];

function read(chunks: readonly Buffer[]): Framed[] {
	const messages: Framed[] = [];
	// The body is a view of a chunk that may be used again.
	const take = framing((message) => messages.push({ ...message, body: Buffer.from(message.body) }));
	chunks.forEach(take);
	return messages;
}

function cutAt(places: readonly number[]): Buffer[] {
	return [0, ...places].map((from, index) => stream.subarray(from, places[index] ?? stream.length));
}

test("messages are found however they are cut", () => {
	const everyByte = Array.from({ length: stream.length - 1 }, (_, index) => index + 1);
	for (const places of [[], everyByte]) {
		assert.deepEqual(
			read(cutAt(places)).map((message) => [statusOf(message), message.body.toString()]),
			expected,
		);
	}
});

const seed = seedFlag();

test(`messages are found in chunks of any length (seed ${seed})`, () => {
	const random = seededRandom(seed);
	for (let round = 0; round < 200; round++) {
		const places = Array.from({ length: 6 }, () => Math.floor(random.fraction() * stream.length));
		const messages = read(cutAt(places.toSorted((a, b) => a - b)));
		assert.deepEqual(
			messages.map((message) => [statusOf(message), message.body.toString()]),
			expected,
			places.join(),
		);
	}
});

test("headers are found whatever their case", () => {
	const [first, second] = read([stream]);
	assert.ok(first !== undefined && second !== undefined);
	assert.deepEqual([closesConnection(first), closesConnection(second)], [false, true]);
	assert.deepEqual([hasHeader(first, "retry-after"), hasHeader(second, "retry-after")], [false, true]);
});

test("a message in chunks of HTTP's own is refused rather than miscounted", () => {
	assert.throws(() => read([Buffer.from("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]), /chunks/);
});
