// What a check makes of the messages that Wavy shows, and of more of them than are read.

import assert from "node:assert/strict";
import test from "node:test";
import type { CheckStep, HttpAnswer, HttpCall, StoredService, Tools } from "../contract.ts";
import { check } from "./check.ts";
import { parse } from "./form.ts";

const stored: StoredService = {
	id: "1" as StoredService["id"],
	serviceConnection: "https://api-messaging.wavy.global",
	authenticationUrl: null,
	authenticationScope: null,
	settings: { shortCode: "28128", subAccount: "Shop" },
	authentications: [{ authenticationId: "shop-user", secrets: ["token-of-the-user"] }],
};

type Checked = { steps: CheckStep[]; calls: HttpCall[] };

async function checked(...answers: HttpAnswer[]): Promise<Checked> {
	return checkedWith(stored.settings, answers);
}

async function checkedWith(settings: StoredService["settings"], answers: HttpAnswer[]): Promise<Checked> {
	const calls: HttpCall[] = [];
	const tools: Tools = {
		http(call) {
			calls.push(call);
			return Promise.resolve(answers.shift() ?? assert.fail("one question too many"));
		},
		token: () => assert.fail("there are no tokens"),
		dropToken: () => assert.fail("there are no tokens"),
		now: () => new Date("2026-11-26T12:00:00Z"),
	};
	return {
		steps: [...(await check(parse({ ...stored, settings }), { webhookUrl: "https://parley.example/x" }, tools))],
		calls,
	};
}

function showing(...messages: unknown[]): HttpAnswer {
	const body = new TextEncoder().encode(JSON.stringify({ total: messages.length, messages }));
	return { kind: "answered", status: 200, headers: new Headers(), body };
}

const stepOf = (steps: readonly CheckStep[], name: string) => steps.find(({ step }) => step === name);

test("short code and sub-account in use prove the settings", async () => {
	const { steps, calls } = await checked(showing({ shortCode: "28128", subAccount: "SHOP", messageText: "private" }));
	assert.deepEqual([stepOf(steps, "sender")?.code, stepOf(steps, "scope")?.code], ["ok", "ok"]);
	assert.match(stepOf(steps, "sender")?.evidence ?? "", /28128/);
	assert.doesNotMatch(JSON.stringify(steps), /private|token-of/);
	assert.equal(calls[0]?.url, "https://api-messaging.wavy.global/v1/sms/receive/search?start=2026-11-25T12%3A00%3A00");
});

test("a short code to which nobody writes is noted, not refused", async () => {
	const { steps } = await checked(
		showing({ shortCode: 27182, subAccount: "Shop" }, "strange", null, { shortCode: "<b>" }),
	);
	const sender = stepOf(steps, "sender");
	assert.deepEqual([sender?.ok, sender?.code], [true, "short_code_unused"]);
	assert.match(sender?.evidence ?? "", /27182/);
	assert.doesNotMatch(JSON.stringify(steps), /<b>/);
});

test("more messages of a day than are read: a minute is asked for", async () => {
	const { steps, calls } = await checked({ kind: "unclear", why: "too large" }, showing());
	assert.equal(stepOf(steps, "credentials")?.code, "ok");
	assert.match(calls[1]?.url ?? "", /start=2026-11-26T11%3A59%3A00$/);
});

test("silence for another reason is not asked again", async () => {
	const { steps, calls } = await checked({ kind: "unclear", why: "timeout" });
	assert.equal(steps.at(-1)?.code, "provider_silent");
	assert.equal(calls.length, 1);
});

test("without a short code in the settings, whichever is in use is well", async () => {
	const { steps } = await checkedWith({}, [showing({ shortCode: "27182", subAccount: "Shop" })]);
	assert.equal(stepOf(steps, "sender")?.code, "ok");
});
