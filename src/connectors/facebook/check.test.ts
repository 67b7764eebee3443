import assert from "node:assert/strict";
import test from "node:test";
import type { HttpAnswer, HttpCall, Tools } from "../contract.ts";
import { check } from "./check.ts";
import type { FacebookConfig } from "./form.ts";

const webhookUrl = "https://parley.example/sms/facebook/1";
const config: FacebookConfig = {
	serviceConnection: "https://graph.example/v25.0",
	pages: [
		{ pageId: "1", token: "token-of-page-1" },
		{ pageId: "2", token: "token-of-page-2" },
		{ pageId: "3", token: undefined },
	],
	appSecrets: ["app-secret", "previous-app-secret"],
	verifyTokens: [],
	humanAgentTag: false,
};

const fields = [
	"messages",
	"message_echoes",
	"message_edits",
	"message_reactions",
	"message_deliveries",
	"message_reads",
	"messaging_postbacks",
];
const webhook = { object: "page", callback_url: webhookUrl, active: true, fields: fields.map((name) => ({ name })) };
const well: Readonly<Record<string, object>> = {
	app: { id: "9" },
	"9/subscriptions": { data: [{ object: "user", callback_url: "https://other.example" }, webhook] },
	debug_token: { data: { type: "PAGE", scopes: ["pages_messaging"], expires_at: 0 } },
	"1": { id: "1", name: "Shop", is_published: true },
	"2": { id: "2", name: "Help", is_published: true },
	"1/subscribed_apps": { data: [{ id: "8" }, { id: "9", subscribed_fields: fields }] },
	"2/subscribed_apps": { data: [{ id: "9", subscribed_fields: fields }] },
};

/** What each path is answered; `answers` may name one page's question as `app 2`. */
function toolsOver(answers: Readonly<Record<string, object>>): Tools & { calls: HttpCall[] } {
	const calls: HttpCall[] = [];
	const http = (call: HttpCall): Promise<HttpAnswer> => {
		calls.push(call);
		const path = new URL(call.url).pathname.replace("/v25.0/", "");
		const page = /token-of-page-(\d)/.exec(call.headers["authorization"] ?? call.url)?.[1] ?? "";
		const body = JSON.stringify(answers[`${path} ${page}`] ?? answers[path] ?? {});
		return Promise.resolve({ kind: "answered", status: 200, headers: new Headers(), body: Buffer.from(body) });
	};
	const none = () => assert.fail("no token is fetched");
	return { http, token: none, dropToken: none, now: () => new Date(0), calls };
}

test("each page with a token is asked, and only by GETs that prove the current app secret", async () => {
	const tools = toolsOver(well);
	const steps = await check(config, { webhookUrl }, tools);
	assert.deepEqual(
		steps.map(({ step, code }) => [step, code]),
		[
			["credentials", "ok"],
			["credentials", "ok"],
			["credentials", "ok"],
			["scope", "ok"],
			["scope", "ok"],
			["sender", "ok"],
			["sender", "ok"],
			["webhook", "ok"],
			["webhook", "ok"],
			["webhook", "ok"],
		],
		JSON.stringify(steps),
	);
	for (const { method, url, body } of tools.calls) {
		assert.equal(method, "GET");
		assert.equal(body, undefined);
		assert.match(url, /[?&]appsecret_proof=[0-9a-f]{64}$/);
	}
	assert.ok(tools.calls.some(({ headers }) => headers["authorization"] === "Bearer 9|app-secret"));
	assert.ok(!tools.calls.some(({ url, headers }) => `${url} ${JSON.stringify(headers)}`.includes("previous")));
});

test("the finding names the page, whose error is quoted without its token; the other page is told too", async () => {
	const error = { code: 190, error_subcode: 463, message: "Session of token-of-page-2 has expired: app-secret" };
	const tools = toolsOver({ ...well, "app 2": { error } });
	const steps = await check(config, { webhookUrl }, tools);
	assert.deepEqual(
		steps.map(({ ok, code }) => [ok, code]),
		[
			[false, "token_expired"],
			[true, "ok"],
		],
	);
	assert.match(steps[0]?.evidence ?? "", /page 2.*190\/463.*expired/);
	assert.doesNotMatch(JSON.stringify(steps), /token-of-page|app-secret/);
	assert.equal(tools.calls.length, 2, "nothing is asked after a step that failed");
});

test("pages of two apps are told apart", async () => {
	const steps = await check(config, { webhookUrl }, toolsOver({ ...well, "app 2": { id: "8" } }));
	assert.equal(steps.at(-1)?.code, "senders_of_two_apps");
});

test("a number that is none of Meta's documented errors is quoted, and any permission counts as one", async () => {
	const codeOf = async (error: object) =>
		(await check(config, { webhookUrl }, toolsOver({ ...well, app: { error } })))[0]?.code;
	assert.equal(await codeOf({ code: 99_999 }), "refused");
	assert.equal(await codeOf({}), "refused");
	assert.equal(await codeOf({ code: 299 }), "permission_missing");
	assert.equal(await codeOf({ code: 190, error_subcode: 12 }), "token_invalid");
	assert.equal(await codeOf({ code: 100, error_subcode: 33 }), "refused");
});
