import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import test from "node:test";

import { graphErrorBody, judge, type ReceivedCall } from "./facebook-send-api.ts";

const app = { pageId: "111", token: "EAABtestPageAccessToken", appSecret: "vec-app-secret-7f3a" };
const appsecret_proof = "74e286aa963cf67b23569defe3c3bc92e734d9c55e046d66413ca399f719fc6b";
const hourMs = 3_600_000;
const good = {
	recipient: { id: "7010000000000001" },
	messaging_type: "RESPONSE",
	message: { text: "hi", metadata: "mark" },
	appsecret_proof,
};
const attachment = { type: "image", payload: { url: "https://parley.example/a" } };

function callWith(body: unknown, changes: Partial<ReceivedCall> = {}): ReceivedCall {
	return {
		method: "POST",
		target: "/v25.0/111/messages",
		headers: { authorization: "Bearer EAABtestPageAccessToken", "content-type": "application/json" },
		body: Buffer.from(typeof body === "string" ? body : JSON.stringify(body)),
		...changes,
	};
}

function errorOf(call: ReceivedCall, agoMs?: number) {
	const judgement = judge(call, app, () => agoMs);
	return judgement.ok ? undefined : judgement.error;
}

test("the proof the simulator wants is the published one", () => {
	assert.equal(createHmac("sha256", app.appSecret).update(app.token).digest("hex"), appsecret_proof);
});

test("a proper call is taken with its recipient, content and metadata", () => {
	const taken = { to: "7010000000000001", text: "hi", message: { text: "hi" }, metadata: "mark" };
	assert.deepEqual(
		judge(callWith(good), app, () => undefined),
		{ ok: true, taken },
	);
	assert.equal(errorOf(callWith({ ...good, message: { attachment } })), undefined);
	assert.equal(errorOf(callWith({ ...good, recipient: { user_ref: "ref-81" } })), undefined);
	assert.equal(errorOf(callWith({ ...good, messaging_type: "MESSAGE_TAG", tag: "HUMAN_AGENT" })), undefined);
	assert.equal(errorOf(callWith({ ...good, message: { text: "👍".repeat(2000) } })), undefined);
});

const bad: readonly unknown[] = [
	"not json",
	"[]",
	{ ...good, extra: 1 },
	{ ...good, recipient: {} },
	{ ...good, recipient: { id: 7 } },
	{ ...good, recipient: { id: "1", user_ref: "2" } },
	{ ...good, recipient: { id: "1", name: "x" } },
	{ ...good, messaging_type: "HELLO" },
	{ ...good, messaging_type: undefined },
	{ ...good, messaging_type: "MESSAGE_TAG" },
	{ ...good, messaging_type: "MESSAGE_TAG", tag: "ACCOUNT_UPDATE" },
	{ ...good, tag: "HUMAN_AGENT" },
	{ ...good, message: undefined },
	{ ...good, message: {} },
	{ ...good, message: { text: "" } },
	{ ...good, message: { text: "x".repeat(2001) } },
	{ ...good, message: { text: "hi", metadata: "x".repeat(1001) } },
	{ ...good, message: { text: "hi", attachment } },
	{ ...good, message: { text: "hi", constructor: 1 } },
	{ ...good, message: { attachment: { ...attachment, type: "picture" } } },
	{ ...good, message: { attachment: { payload: attachment.payload } } },
	{ ...good, message: { attachment: { type: "image", payload: {} } } },
	{ ...good, message: { attachment: { type: "image", payload: { url: "file:///etc/passwd" } } } },
];

for (const body of bad) {
	test(`refused with code 100: ${(typeof body === "string" ? body : JSON.stringify(body)).slice(0, 150)}`, () => {
		assert.deepEqual([errorOf(callWith(body))?.status, errorOf(callWith(body))?.code], [400, 100]);
	});
}

test("path, method, content type, token and proof must be exact", () => {
	const codeOf = (changes: Partial<ReceivedCall>) => errorOf(callWith(good, changes))?.code;
	assert.equal(codeOf({ target: "/v25.0/333/messages" }), 100);
	assert.equal(codeOf({ target: "/v25.0/111/feed" }), 2500);
	assert.equal(codeOf({ target: "/v25.0/111/messages?access_token=x" }), 2500);
	assert.equal(codeOf({ method: "PUT" }), 2500);
	assert.equal(codeOf({ headers: { authorization: `Bearer ${app.token}`, "content-type": "text/plain" } }), 100);
	assert.equal(codeOf({ headers: { authorization: "Bearer EAABwrong", "content-type": "application/json" } }), 190);
	assert.equal(codeOf({ headers: { "content-type": "application/json" } }), 190);
	const wrong = errorOf(callWith({ ...good, appsecret_proof: appsecret_proof.replace("7", "8") }));
	assert.deepEqual([wrong?.code, wrong?.type], [100, "GraphMethodException"]);
	const { appsecret_proof: _proof, ...without } = good;
	assert.match(errorOf(callWith(without))?.message ?? "", /require an appsecret_proof/);
});

test("a reply is taken for 24 hours, with the tag of a human agent for 7 days", () => {
	const tagged = { ...good, messaging_type: "MESSAGE_TAG", tag: "HUMAN_AGENT" };
	assert.equal(errorOf(callWith(good), 24 * hourMs), undefined);
	assert.deepEqual(
		[errorOf(callWith(good), 24 * hourMs + 1)?.code, errorOf(callWith(good), 25 * hourMs)?.subcode],
		[10, 2018278],
	);
	assert.equal(errorOf(callWith(tagged), 7 * 24 * hourMs), undefined);
	assert.equal(errorOf(callWith(tagged), 7 * 24 * hourMs + 1)?.subcode, 2018278);
});

test("an error has the shape of the Graph API", () => {
	const body = graphErrorBody({ status: 400, code: 10, subcode: 2018278, message: "outside" });
	const error = {
		message: "outside",
		type: "OAuthException",
		code: 10,
		error_subcode: 2018278,
		fbtrace_id: "simulated",
	};
	assert.deepEqual(JSON.parse(body), { error });
});
