// What a check makes of a token endpoint's answers.

import assert from "node:assert/strict";
import test from "node:test";
import type { HttpAnswer, Tools } from "../contract.ts";
import { freshToken } from "./check-token.ts";

const client = {
	tokenUrl: "https://auth.example/token",
	clientId: "client-1",
	clientSecret: "secret-of-the-client",
	grant: { kind: "client_credentials" },
	clientIn: "basic",
	expiresIn: "seconds",
	credentialsName: "app key",
} as const;
const advice = { onRefusal: "Copy it again.", onAddress: "Correct the address." };

function answered(status: number, body: string): HttpAnswer {
	return { kind: "answered", status, headers: new Headers(), body: new TextEncoder().encode(body) };
}

function asked(answer: HttpAnswer): ReturnType<typeof freshToken> {
	const tools: Tools = {
		http: () => Promise.resolve(answer),
		token: () => assert.fail("the shared token proves nothing"),
		dropToken: () => assert.fail("the shared token is none of a check's business"),
		now: () => new Date("2026-11-26T12:00:00Z"),
	};
	return freshToken(client, advice, tools);
}

const cases: readonly [name: string, answer: HttpAnswer, code: string, advice: RegExp][] = [
	["a refusal", answered(401, '{"error":"invalid_client"}'), "client_refused", /Copy it again/],
	["a refusal with a page", answered(403, "<html>"), "client_refused", /Copy it again/],
	["another scope", answered(400, '{"error":"invalid_scope"}'), "scope_refused", /Authentication Scope/],
	["nothing there", answered(404, ""), "no_token_endpoint", /Correct the address/],
	["a redirect", answered(302, ""), "no_token_endpoint", /Correct the address/],
	["a page", answered(200, "<html>"), "no_token_endpoint", /Correct the address/],
	["JSON without a token", answered(200, "{}"), "no_token_endpoint", /Correct the address/],
	["too many questions", answered(429, ""), "token_endpoint_throttled", /Wait/],
	["trouble", answered(503, ""), "token_endpoint_in_trouble", /Wait/],
	["no way there", { kind: "notSent", why: "refused" }, "token_endpoint_silent", /Try again/],
	["silence", { kind: "unclear", why: "timeout" }, "token_endpoint_silent", /Try again/],
];

for (const [name, answer, code, says] of cases) {
	test(`${name} is ${code}`, async () => {
		const token = await asked(answer);
		assert.ok(!token.ok);
		assert.deepEqual([token.step.ok, token.step.code], [false, code]);
		assert.match(token.step.advice ?? "", says);
		assert.equal(token.step.step, code === "scope_refused" ? "scope" : "credentials");
	});
}

test("a token is a token", async () => {
	assert.deepEqual(await asked(answered(200, '{"access_token":"fresh","expires_in":60}')), {
		ok: true,
		accessToken: "fresh",
	});
});

test("an endpoint that repeats the secret does not bring it into the evidence", async () => {
	const token = await asked(answered(401, '{"error":"invalid_client","error_description":"secret-of-the-client"}'));
	assert.doesNotMatch(JSON.stringify(token), /secret-of/);
});
