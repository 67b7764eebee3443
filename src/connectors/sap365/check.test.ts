// Which answers to an empty order are the objection that proves the account, and which are not.

import assert from "node:assert/strict";
import test from "node:test";
import type { HttpAnswer, HttpCall, StoredService, Tools } from "../contract.ts";
import { check } from "./check.ts";
import { parse } from "./form.ts";

const our = { webhookUrl: "https://parley.example/sms/sap365/1" };

function service(mode: "push" | "json"): StoredService {
	return {
		id: "1" as StoredService["id"],
		serviceConnection: mode === "push" ? "https://sap.example/cmn" : "https://sap.example/api",
		authenticationUrl: null,
		authenticationScope: null,
		settings: { mode },
		authentications: [{ authenticationId: "acct", secrets: ["secret-of-the-account"] }],
	};
}

function answered(status: number, body: string): HttpAnswer {
	return { kind: "answered", status, headers: new Headers(), body: new TextEncoder().encode(body) };
}

async function found(
	mode: "push" | "json",
	answer: HttpAnswer,
): Promise<{ codes: string[]; last: HttpCall | undefined }> {
	const calls: HttpCall[] = [];
	const tools: Tools = {
		http(call) {
			calls.push(call);
			const isToken = call.url.endsWith("/oauth/token");
			return Promise.resolve(isToken ? answered(200, '{"access_token":"token-of-now","expires_in":2700000}') : answer);
		},
		token: () => assert.fail("the shared token proves nothing"),
		dropToken: () => assert.fail("the shared token is none of a check's business"),
		now: () => new Date("2026-11-26T12:00:00Z"),
	};
	const steps = await check(parse(service(mode)), our, tools);
	assert.doesNotMatch(JSON.stringify(steps), /secret-of|token-of/);
	return { codes: steps.map(({ step, code }) => `${step} ${code}`), last: calls.at(-1) };
}

const well = ["region ok", "credentials ok", "scope ok", "webhook webhook_not_shown"];

const cases: readonly [mode: "push" | "json", answer: HttpAnswer, codes: readonly string[]][] = [
	["push", answered(400, "<HTML><BODY><br>6018 Bad field List<br></BODY></HTML>"), well],
	["push", answered(400, "<br>6030 Processing error<br>"), well],
	["push", answered(400, "<br>600F Authentication failure<br>"), ["credentials account_refused"]],
	["push", answered(400, "<br>8000 Unavailable<br>"), ["credentials server_unavailable"]],
	["push", answered(400, "<br>1234 pages found<br>"), ["region not_the_push"]],
	["push", answered(400, "<html>Bad Request</html>"), ["region not_the_push"]],
	["push", answered(401, "<br>6018 of a proxy<br>"), ["credentials account_refused"]],
	["push", answered(500, "<br>6018 of a proxy<br>"), ["credentials provider_in_trouble"]],
	["push", { kind: "unclear", why: "reset" }, ["credentials provider_silent"]],
	["json", answered(400, '{"apiErrorCode":1400}'), well],
	["json", answered(400, "<html>Bad Request</html>"), ["region not_live_link"]],
	["json", answered(200, '{"livelinkOrderIds":[]}'), ["region not_live_link"]],
	["json", answered(401, "{}"), ["credentials token_refused"]],
	["json", answered(403, '{"apiErrorCode":1403}'), ["scope access_denied"]],
	["json", { kind: "unclear", why: "timeout" }, ["credentials provider_silent"]],
];

for (const [index, [mode, answer, codes]] of cases.entries()) {
	test(`${mode}, answer ${index}: ${codes.join(", ")}`, async () => {
		assert.deepEqual((await found(mode, answer)).codes, codes);
	});
}

test("an empty order names nobody and says nothing", async () => {
	const push = await found("push", answered(400, "6018"));
	assert.doesNotMatch(String(push.last?.body), /List|Text|Binary/);
	const json = await found("json", answered(400, '{"apiErrorCode":1}'));
	assert.equal(json.last?.body, "{}");
});
