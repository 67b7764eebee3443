import assert from "node:assert/strict";
import test from "node:test";
import { withoutSecrets } from "./registry.ts";

const text = (body: string | Uint8Array) => Buffer.from(withoutSecrets(Buffer.from(body))).toString("latin1");

test("a secret that stands in a body is kept nowhere, however it is written; everything else is, to the byte", () => {
	assert.equal(
		text('{"value":[{"clientState":"s3cret","a":1},{"clientState" :\n "s3\\"cret\\\\"}]}'),
		'{"value":[{"clientState":"(removed)","a":1},{"clientState" :\n "(removed)"}]}',
	);
	const odd = Uint8Array.from([0xff, 0x00, 0x22, 0xed, 0xa0]);
	assert.deepEqual(withoutSecrets(odd), Buffer.from(odd));
	assert.equal(
		text(Buffer.concat([odd, Buffer.from('"clientState":"x"')])).endsWith('"clientState":"(removed)"'),
		true,
	);
	assert.equal(text('"clientState":"no end'), '"clientState":"no end');
	const started = process.hrtime.bigint();
	text('"clientState":"'.repeat(100_000));
	assert.ok(process.hrtime.bigint() - started < 1_000_000_000n, "the time grows with the length");
});
