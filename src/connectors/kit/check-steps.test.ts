import assert from "node:assert/strict";
import test from "node:test";
import type { HttpAnswer } from "../contract.ts";
import { askEach, askInOrder, failed, leadsTo, passed, refusal, shownUrl, toldBy } from "./check-steps.ts";

const good = passed("credentials", "Well.");
const bad = failed("scope", "permission_missing", "Not well.", "Mend it.");
const never = () => assert.fail("asked after a failure");

test("questions are asked in order, and none after the first that finds something wrong", async () => {
	assert.deepEqual(await askInOrder([() => [good], () => Promise.resolve([good, bad, good]), never]), [
		good,
		good,
		bad,
		good,
	]);
	assert.deepEqual(await askInOrder([() => [], () => [good]]), [good]);
});

test("of many senders, what is wrong comes first and what nobody would read is left out", async () => {
	const senders = Array.from({ length: 50 }, (_, index) => index);
	const told = await askEach(senders, (index) => Promise.resolve([index === 49 ? bad : good]));
	assert.equal(told.length, 20);
	assert.deepEqual(told[0], bad);
	assert.deepEqual(await askEach([], never), []);
});

function answered(status: number, body = ""): HttpAnswer {
	return { kind: "answered", status, headers: new Headers(), body: Buffer.from(body) };
}

test("an object, or a refusal with or without one, is for the connector to read", () => {
	const read = (status: number, body: string) => toldBy("It", "sender", answered(status, body));
	assert.deepEqual(read(200, '{"a":1}'), { ok: true, status: 200, fields: { a: 1 } });
	assert.deepEqual(read(401, '{"a":1}'), { ok: true, status: 401, fields: { a: 1 } });
	assert.deepEqual(read(404, "<html>"), { ok: true, status: 404, fields: {} });
});

const troubles: readonly [code: string, answer: HttpAnswer][] = [
	["provider_silent", { kind: "unclear", why: "reset" }],
	["provider_silent", { kind: "notSent", why: "refused" }],
	["provider_in_trouble", answered(500, "{}")],
	["throttled", answered(429, "{}")],
	["api_elsewhere", answered(301)],
	["api_elsewhere", answered(304)],
	["not_the_api", answered(200, "<html>")],
	["not_the_api", answered(204)],
	["not_the_api", answered(200, "[1]")],
];

for (const [code, answer] of troubles) {
	test(`any provider's trouble is named: ${code} (${JSON.stringify(answer)})`, () => {
		const told = toldBy("It", "sender", answer);
		assert.ok(!told.ok);
		assert.deepEqual([told.step.step, told.step.ok, told.step.code], ["sender", false, code]);
		assert.match(told.step.evidence, /^It .*\.$/);
		assert.match(told.step.advice ?? "", /\.$/);
	});
}

test("a refusal quotes the provider in one short sentence", () => {
	assert.equal(refusal("It", "sender", 400, "error 7").evidence, "It refuses the question (HTTP 400): error 7.");
	assert.equal(refusal("It", "sender", 400).evidence, "It refuses the question (HTTP 400).");
	assert.ok(refusal("It", "sender", 400, "x".repeat(1000)).evidence.length < 300);
});

const ours = "https://parley.example:8443/base/sms/twilio/0197F3A2";
const addresses: readonly [registered: string, leads: boolean][] = [
	[ours, true],
	["https://parley.example:8443/base/sms/twilio/all", true],
	[`https://user:password@parley.example:8443/base/sms/twilio/0197F3A2#rc=5&rp=all`, true],
	["https://PARLEY.example:8443/base/sms/twilio/0197F3A2?x=1", true],
	["http://parley.example:8443/base/sms/twilio/0197F3A2", false],
	["https://parley.example/base/sms/twilio/0197F3A2", false],
	["https://parley.example:8443/base/sms/twilio/other", false],
	["https://parley.example:8443/base/sms/facebook/all", false],
	["https://parley.example:8443/base/sms/twilio/0197f3a2", false],
	["parley.example", false],
	["", false],
];

for (const [registered, leads] of addresses) {
	test(`${registered} ${leads ? "leads" : "does not lead"} to us`, () => {
		assert.equal(leadsTo(ours, registered), leads);
	});
}

test("a registered address is shown without what may be secret in it", () => {
	assert.equal(shownUrl("https://user:password@a.example/hook?token=t#f"), "https://a.example/hook");
	assert.equal(shownUrl("not an address"), "an address that cannot be read");
	assert.ok(shownUrl(`https://a.example/${"x".repeat(1000)}`).length <= 200);
});
