import assert from "node:assert/strict";
import test from "node:test";
import { withoutSecrets, withoutSecretsInUrl } from "./registry.ts";

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

test("credentials that a provider repeats in its calls are kept nowhere", () => {
	const address =
		"https://parley.example/sms/smshttp/1?from=%2B1&username=gw&password=S3cret&text=my%20token%3D1&tokens=2";
	assert.equal(withoutSecretsInUrl(address), address.replace("S3cret", "(removed)"));
	assert.equal(
		withoutSecretsInUrl("/x?api_key=a;auth-token=b&passage=c"),
		"/x?api_key=(removed);auth-token=(removed)&passage=c",
	);
	assert.equal(text("id=1&pwd=S3cret&Body=pwd%3D1"), "id=1&pwd=(removed)&Body=pwd%3D1");
	assert.equal(
		text('[{"text":"\\"password\\":\\"x\\"","api_key" : "S\\"3cret"}]'),
		'[{"text":"\\"password\\":\\"x\\"","api_key" : "(removed)"}]',
	);
	const plain = "Body=the+password+is+easy&From=%2B49";
	assert.equal(text(plain), plain);
	for (const piece of ["pwd=", "&a", "?", '"password":"', '"', "pass"]) {
		const before = process.cpuUsage();
		text(piece.repeat(300_000));
		text(`{${piece.repeat(300_000)}`);
		assert.ok(process.cpuUsage(before).user < 1_500_000, piece);
	}
});
