// What the faults of one app in a simulator do not show: several keys and apps, a rotation, what Sinch repeats.

import assert from "node:assert/strict";
import test from "node:test";
import type { CheckStep, HttpAnswer, HttpCall, StoredService, Tools } from "../contract.ts";
import { check } from "./check.ts";
import { parse } from "./form.ts";

const project = "https://proxy.example/v1/projects/p1";
const our = { webhookUrl: "https://parley.example/sms/sinchconversation/1" };

function service(...authentications: StoredService["authentications"]): StoredService {
	return {
		id: "1" as StoredService["id"],
		serviceConnection: `${project}/messages:send`,
		authenticationUrl: "https://auth.example/oauth2/token",
		authenticationScope: null,
		settings: {},
		authentications,
	};
}

const webhook = { authenticationId: "webhook", secrets: ["token-of-today", "token-of-yesterday"] };
const key = (keyId: string, appId: string) => ({
	authenticationId: `${keyId}@${appId}`,
	secrets: [`secret-of-${keyId}`],
});

function answered(status: number, body: unknown): HttpAnswer {
	const bytes = new TextEncoder().encode(JSON.stringify(body));
	return { kind: "answered", status, headers: new Headers(), body: bytes };
}

const app = (id: string) => ({ id, channel_credentials: [{ channel: "SMS", state: { status: "ACTIVE" } }] });
const registered = (change: object = {}) => ({
	target: our.webhookUrl,
	target_type: "HTTP",
	secret: "token-of-today",
	triggers: ["MESSAGE_INBOUND", "MESSAGE_DELIVERY"],
	...change,
});

type Answers = (call: HttpCall) => HttpAnswer;

/** Sinch as it should be: every key gets a token, sees its apps, and each of them has a webhook. */
const well: Answers = ({ url }) => {
	if (url.startsWith("https://auth.example/")) {
		return answered(200, { access_token: "fresh", expires_in: 3599 });
	}
	return url === `${project}/apps`
		? answered(200, { apps: [app("APP1"), app("APP2")] })
		: answered(200, { webhooks: [registered()] });
};

async function checked(
	stored: StoredService,
	answers: Answers = well,
): Promise<{ steps: CheckStep[]; calls: HttpCall[] }> {
	const calls: HttpCall[] = [];
	const tools: Tools = {
		http(call) {
			calls.push(call);
			return Promise.resolve(answers(call));
		},
		token: () => assert.fail("the shared token proves nothing about the key"),
		dropToken: () => assert.fail("the shared token is none of a check's business"),
		now: () => new Date("2026-11-26T12:00:00Z"),
	};
	return { steps: [...(await check(parse(stored), our, tools))], calls };
}

const codes = (steps: readonly CheckStep[]) => steps.map(({ step, code }) => `${step} ${code}`);

test("each key is asked once, each app looked at", async () => {
	const { steps, calls } = await checked(service(webhook, key("K1", "APP1"), key("K1", "APP2"), key("K2", "APP1")));
	assert.equal(calls.filter(({ url }) => url.startsWith("https://auth.example/")).length, 2);
	assert.deepEqual(
		codes(steps),
		["region", "credentials", "scope", ..."sender ".repeat(3).trim().split(" "), "webhook", "webhook", "webhook"].map(
			(step) => `${step} ok`,
		),
	);
	assert.ok(calls.every(({ method, url }) => method === "GET" || url.startsWith("https://auth.example/")));
});

test("the key that is refused is named, and the other is not", async () => {
	const answers: Answers = (call) =>
		call.headers["authorization"] === `Basic ${Buffer.from("K2:secret-of-K2").toString("base64")}`
			? answered(401, { error: "invalid_client", error_description: "bad secret secret-of-K2" })
			: well(call);
	const { steps } = await checked(service(webhook, key("K1", "APP1"), key("K2", "APP2")), answers);
	assert.deepEqual(codes(steps), ["credentials client_refused"]);
	assert.match(steps[0]?.evidence ?? "", /K2/);
	assert.doesNotMatch(JSON.stringify(steps), /secret-of/);
});

test("during a rotation a webhook with the previous secret token is well, and said to be", async () => {
	const answers: Answers = (call) =>
		call.url.endsWith("/webhooks")
			? answered(200, { webhooks: [registered({ secret: "token-of-yesterday" })] })
			: well(call);
	const { steps } = await checked(service(webhook, key("K1", "APP1")), answers);
	assert.deepEqual(codes(steps).at(-1), "webhook ok");
	assert.match(steps.at(-1)?.evidence ?? "", /previous secret token/);
	assert.doesNotMatch(JSON.stringify(steps), /token-of/);
});

test("the address that all services of the type share is one of ours", async () => {
	const target = our.webhookUrl.replace(/1$/, "all");
	const answers: Answers = (call) =>
		call.url.endsWith("/webhooks") ? answered(200, { webhooks: [registered({ target })] }) : well(call);
	assert.deepEqual(codes((await checked(service(webhook, key("K1", "APP1")), answers)).steps).at(-1), "webhook ok");
});

test("a proxy at Service Connection is not asked for other regions", async () => {
	const { steps, calls } = await checked(service(webhook, key("K1", "APP9")));
	assert.equal(codes(steps).at(-1), "sender app_unknown");
	assert.deepEqual(
		calls.map(({ url }) => url),
		["https://auth.example/oauth2/token", `${project}/apps`],
	);
});

const inEurope = (...authentications: StoredService["authentications"]): StoredService => ({
	...service(...authentications),
	serviceConnection: "https://eu.conversation.api.sinch.com/v1/projects/p1/messages:send",
});
/** Apps by the host that shows them. */
const spread =
	(apps: Readonly<Record<string, string>>): Answers =>
	(call) => {
		const id = apps[new URL(call.url).hostname.slice(0, 2)];
		return call.url.endsWith("/apps") ? answered(200, { apps: id === undefined ? [] : [app(id)] }) : well(call);
	};

test("an app that is lost is looked for in the other regions, and one that is there is not", async () => {
	const found = await checked(inEurope(webhook, key("K1", "APP1")), spread({ eu: "APP2", us: "APP3", br: "APP1" }));
	assert.deepEqual(codes(found.steps), ["region other_region"]);
	assert.match(found.steps[0]?.advice ?? "", /https:\/\/br\./);
	const lost = await checked(inEurope(webhook, key("K1", "APP1")), spread({ eu: "APP2", us: "APP3" }));
	assert.equal(codes(lost.steps).at(-1), "sender app_unknown");
	const there = await checked(inEurope(webhook, key("K1", "APP1")), spread({ eu: "APP1" }));
	assert.equal(codes(there.steps).at(-1), "webhook ok");
	assert.ok(there.calls.every(({ url }) => !/\/\/(?:us|br)\./.test(url)));
});

test("lists of anything at all do not make it throw", async () => {
	for (const strange of [
		null,
		1,
		"x",
		[],
		{ apps: [null, 1, { id: 1 }] },
		{ apps: [{ id: "APP1", channel_credentials: 1 }] },
	]) {
		const { steps } = await checked(service(webhook, key("K1", "APP1")), (call) =>
			call.url.endsWith("/apps") ? answered(200, strange) : well(call),
		);
		assert.equal(steps.at(-1)?.ok, false, JSON.stringify(strange));
	}
	const { steps } = await checked(service(webhook, key("K1", "APP1")), (call) =>
		call.url.endsWith("/webhooks") ? answered(200, { webhooks: [null, { target: 1 }, { target: "::" }] }) : well(call),
	);
	assert.equal(codes(steps).at(-1), "webhook webhook_missing");
});
