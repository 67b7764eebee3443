import assert from "node:assert/strict";
import test from "node:test";
import type { AttemptId, MessageId, ServiceId } from "#domain/ids.ts";
import type { OutboundMessage } from "#domain/messages.ts";
import type { HttpAnswer, HttpCall, Outcome, StoredService, Tools } from "../contract.ts";
import { askRule, sendRule } from "./codes.ts";
import { parse } from "./form.ts";
import { lookup, send } from "./outbound.ts";

const now = new Date("2026-11-24T12:00:00.000Z");
const attemptId = "A1".repeat(16) as AttemptId;
const objectId = "00163E03A0701EE28BE6D1A72CF7B7D6";

const service: StoredService = {
	id: "1" as ServiceId,
	serviceConnection: "https://my123456.crm.ondemand.com",
	authenticationUrl: null,
	authenticationScope: null,
	settings: { replyMode: "odata", mailbox: "service@example.com" },
	authentications: [{ authenticationId: "_PARLEY", secrets: ["a secret word"] }],
};
const message: OutboundMessage = {
	messageId: "0".repeat(32) as MessageId,
	attemptId,
	channel: "email",
	ourAddress: "service@example.com",
	contactAddress: "kim@example.com",
	text: 'Good day, "Kim"',
	attachments: [],
	validUntil: new Date(now.getTime() + 60_000),
	webhookUrl: "https://gw.example.com/sms/c4semail/1",
};

type Answer = { status: number; body?: unknown; headers?: readonly [string, string][] };

function toolsOf(answers: readonly (Answer | HttpAnswer)[]): { tools: Tools; calls: HttpCall[] } {
	const calls: HttpCall[] = [];
	const tools: Tools = {
		http(call) {
			const given = answers[calls.push(call) - 1];
			assert.ok(given, `nobody expected ${call.method} ${call.url}`);
			if ("kind" in given) {
				return Promise.resolve(given);
			}
			const headers = new Headers([...(given.headers ?? [])]);
			const body = new TextEncoder().encode(JSON.stringify(given.body ?? ""));
			return Promise.resolve({ kind: "answered", status: given.status, headers, body });
		},
		token: () => assert.fail("no tokens here"),
		dropToken: () => undefined,
		now: () => now,
	};
	return { tools, calls };
}

const made: Answer = { status: 201, body: { d: { results: { ObjectID: objectId.toLowerCase() } } } };
const taken: Outcome = { kind: "accepted", remoteIds: [objectId as never] };

async function sent(answers: readonly (Answer | HttpAnswer)[], changes: Partial<OutboundMessage> = {}, settings = {}) {
	const { tools, calls } = toolsOf(answers);
	const config = parse({ ...service, settings: { ...service.settings, ...settings } });
	return { outcome: await send({ ...message, ...changes }, config, tools), calls };
}

test("by default nothing is called: agents answer in SAP Cloud for Customer", async () => {
	const { outcome, calls } = await sent([], {}, { replyMode: "c4c" });
	assert.deepEqual([outcome.kind, "code" in outcome && outcome.code, calls.length], ["rejected", "config", 0]);
	assert.match("detail" in outcome ? outcome.detail : "", /are written in SAP Cloud for Customer/);
});

test("by odata it is one deep insert of an outgoing e-mail, with the names of the tenant", async () => {
	const settings = {
		recipientProperty: "KUT_To",
		noteTypeCode: "10007",
		replyProperties: '{"PriorityCode":"3","Subject":"x"}',
	};
	const { outcome, calls } = await sent([made], {}, settings);
	assert.deepEqual(outcome, taken);
	const [call] = calls;
	assert.equal(call?.url, "https://my123456.crm.ondemand.com/sap/c4c/odata/v1/c4codataapi/EMailCollection");
	assert.equal(call.headers["authorization"], `Basic ${Buffer.from("_PARLEY:a secret word").toString("base64")}`);
	assert.deepEqual(JSON.parse(String(call.body)), {
		PriorityCode: "3",
		Subject: "Your e-mail",
		InitiatorCode: "3",
		KUT_To: "kim@example.com",
		FromEMailURI: "service@example.com",
		ExternalID: `parley:${attemptId}`,
		EMailNotes: [{ TypeCode: "10007", Text: 'Good day, "Kim"' }],
	});
});

test("what cannot be an e-mail there is refused before anything is called", async () => {
	const refused: readonly [Partial<OutboundMessage>, string][] = [
		[{ text: "" }, "content"],
		[{ attachments: [{ url: "https://x.example/a.pdf" }] }, "content"],
		[{ template: { id: "t" } }, "content"],
	];
	for (const [changes, code] of refused) {
		const { outcome } = await sent([], changes);
		assert.deepEqual([outcome.kind, "code" in outcome && outcome.code], ["rejected", code]);
	}
	const { tools } = toolsOf([]);
	assert.equal((await send(message, parse({ ...service, authentications: [] }), tools)).kind, "retry");
});

const demanded: Answer = { status: 403, headers: [["x-csrf-token", "Required"]] };
const token: Answer = {
	status: 200,
	body: { d: { EntitySets: [] } },
	headers: [
		["x-csrf-token", "Xi6wOfG-O55Wt8ZkhYW0eA=="],
		["set-cookie", "sap-XSRF_AB=one; path=/; secure; HttpOnly"],
		["set-cookie", "sap-usercontext=sap-client=041; path=/"],
	],
};

test("a CSRF token is fetched with its cookies where it is demanded, and the same request is sent once more", async () => {
	const { outcome, calls } = await sent([demanded, token, made]);
	assert.deepEqual(outcome, taken);
	const [first, fetch, second] = calls;
	assert.deepEqual([fetch?.method, fetch?.headers["x-csrf-token"]], ["GET", "fetch"]);
	assert.equal(fetch?.url, "https://my123456.crm.ondemand.com/sap/c4c/odata/v1/c4codataapi/?$format=json");
	assert.deepEqual([second?.body, second?.url], [first?.body, first?.url]);
	assert.equal(second?.headers["x-csrf-token"], "Xi6wOfG-O55Wt8ZkhYW0eA==");
	assert.equal(second?.headers["cookie"], "sap-XSRF_AB=one; sap-usercontext=sap-client=041");
});

test("without a token that is taken nothing was sent, and it is not tried for ever", async () => {
	const useless: readonly (Answer | HttpAnswer)[] = [
		{ status: 200, body: {} },
		{ status: 401 },
		{ status: 200, headers: [["x-csrf-token", "Required"]] },
		{ kind: "unclear", why: "reset" },
	];
	for (const answer of useless) {
		const { outcome, calls } = await sent([demanded, answer]);
		assert.deepEqual([outcome.kind, calls.length], ["retry", 2]);
	}
	const { outcome, calls } = await sent([demanded, token, demanded]);
	assert.deepEqual([outcome.kind, "code" in outcome && outcome.code, calls.length], ["retry", "credentials", 3]);
	assert.equal((await sent([demanded, token, { kind: "unclear", why: "reset" }])).outcome.kind, "unknown");
	assert.equal((await sent([{ status: 403 }])).outcome.kind, "rejected");
});

test("what the tenant says is shown, but neither the text nor a secret", async () => {
	const says = (value: string): Answer => ({
		status: 400,
		body: { error: { code: "", message: { lang: "en", value } } },
	});
	const told = async (value: string) => {
		const { outcome } = await sent([says(value)]);
		return "detail" in outcome ? outcome.detail : "";
	};
	assert.match(
		await told("Property KUT_To is not known."),
		/^SAP .* answered 400: .* \(Property KUT_To is not known\)\.$/,
	);
	const secret = await told(
		`a secret word, ${Buffer.from("_PARLEY:a secret word").toString("base64")}, ${message.text}`,
	);
	assert.doesNotMatch(secret, /secret word|Good day|X1BBUkxFWT/);
	assert.doesNotMatch(await told("<html>"), /</);
});

test("every status has a meaning", () => {
	for (let status = 100; status < 600; status++) {
		assert.match(sendRule(status).meaning, /^\S.*[^.]$/);
		assert.match(askRule(status).meaning, /^\S.*[^.]$/);
	}
});

test("the look-up finds the e-mail by our mark, and anything else settles nothing", async () => {
	const config = parse(service);
	const found = toolsOf([{ status: 200, body: { d: { results: [{ ObjectID: objectId }] } } }]);
	assert.deepEqual(await lookup(message, now, config, found.tools), taken);
	const url = new URL(found.calls[0]?.url ?? "");
	assert.equal(url.searchParams.get("$filter"), `ExternalID eq 'parley:${attemptId}'`);
	for (const body of [{ d: { results: [] } }, { d: { results: [null, 7, { ObjectID: "x" }] } }, { d: {} }, []]) {
		const { tools } = toolsOf([{ status: 200, body }]);
		assert.equal((await lookup(message, now, config, tools)).kind, "unknown");
	}
	const { tools } = toolsOf([{ status: 404 }]);
	assert.equal((await lookup(message, now, config, tools)).kind, "unknown");
	const silent = toolsOf([]);
	const inC4c = parse({ ...service, settings: {} });
	assert.equal((await lookup(message, now, inC4c, silent.tools)).kind, "unknown");
});
