// What the older API answers to a send without recipient and text, and what is never sent in either mode.

import assert from "node:assert/strict";
import test from "node:test";
import type { HttpAnswer, HttpCall, StoredService, Tools } from "../contract.ts";
import { check } from "./check.ts";
import { parse } from "./form.ts";

const our = { webhookUrl: "https://parley.example/sms/sinchsms/1" };

function answered(status: number, body: string): HttpAnswer {
	return { kind: "answered", status, headers: new Headers(), body: new TextEncoder().encode(body) };
}

async function found(settings: StoredService["settings"], ...answers: HttpAnswer[]) {
	const calls: HttpCall[] = [];
	const stored: StoredService = {
		id: "1" as StoredService["id"],
		serviceConnection: "https://eu.sms.api.sinch.com",
		authenticationUrl: null,
		authenticationScope: null,
		settings,
		authentications: [{ authenticationId: "plan-1", secrets: ["secret-of-the-plan"] }],
	};
	const tools: Tools = {
		http(call) {
			calls.push(call);
			return Promise.resolve(answers.shift() ?? assert.fail("one question too many"));
		},
		token: () => assert.fail("there are no tokens"),
		dropToken: () => assert.fail("there are no tokens"),
		now: () => new Date("2026-11-26T12:00:00Z"),
	};
	const steps = await check(parse(stored), our, tools);
	assert.doesNotMatch(JSON.stringify(steps), /secret-of/);
	return { codes: steps.map(({ step, code }) => `${step} ${code}`), calls };
}

const ofBasic: readonly [answer: HttpAnswer, codes: readonly string[]][] = [
	[answered(400, "From number missing"), ["region ok", "credentials ok", "scope ok"]],
	[answered(400, "<html>Bad Request</html>"), ["region not_the_older_api"]],
	[answered(200, "<html></html>"), ["region not_the_older_api"]],
	[answered(200, "{}"), ["region not_the_older_api"]],
	[answered(307, "Account throttled"), ["credentials throttled"]],
	[answered(402, "Account blocked"), ["scope account_blocked"]],
	[answered(403, ""), ["scope access_denied"]],
	[answered(503, ""), ["credentials provider_in_trouble"]],
	[answered(301, ""), ["credentials api_elsewhere"]],
	[{ kind: "unclear", why: "reset" }, ["credentials provider_silent"]],
];

for (const [index, [answer, codes]] of ofBasic.entries()) {
	test(`older API, answer ${index}: ${codes.join(", ")}`, async () => {
		const { codes: told, calls } = await found({ mode: "basic" }, answer);
		assert.deepEqual(told, codes);
		assert.deepEqual([...new URL(calls[0]?.url ?? "").searchParams.keys()], ["username", "password"]);
	});
}

test("a message is judged by the dry run, and never posted to the batches", async () => {
	const list = answered(200, '{"batches":[]}');
	const { codes, calls } = await found({ sender: "+447700900100" }, list, answered(200, "{}"));
	assert.deepEqual(codes.at(-1), "webhook webhook_not_shown");
	assert.deepEqual(
		calls.map(({ method, url }) => `${method} ${new URL(url).pathname}`),
		["GET /xms/v1/plan-1/batches", "POST /xms/v1/plan-1/batches/dry_run"],
	);
	assert.match(String(calls[1]?.body), /"from":"447700900100"/);
});

test("an invented recipient that Sinch does not take is no fault of the service", async () => {
	const list = answered(200, '{"batches":[]}');
	const refusal = answered(403, '{"code":"llegal_number_type","text":"no"}');
	assert.ok((await found({ sender: "+447700900100" }, list, refusal)).codes.includes("sender ok"));
});

test("an account that is blocked between the two questions is named", async () => {
	const blocked = answered(403, '{"code":"blocked_account","text":"no"}');
	const { codes } = await found({}, answered(200, '{"batches":[]}'), blocked);
	assert.equal(codes.at(-1), "scope account_blocked");
});
