import assert from "node:assert/strict";
import test from "node:test";
import type { AttemptId, MessageId, RemoteId, ServiceId } from "#domain/ids.ts";
import type { OutboundMessage } from "#domain/messages.ts";
import type { HttpAnswer, StoredService } from "../contract.ts";
import { placeOf } from "./addresses.ts";
import { explained, sendRule, tokenFaultIn, tokenFaults } from "./codes.ts";
import { parse } from "./form.ts";
import { toChatRequest, toOutcome, toRequest } from "./outbound.ts";

const now = new Date("2026-01-02T12:00:00Z");
const app = { authenticationId: "8e460676-ae3f-4b1e-8790-ee0fb5d6148f", secrets: ["app secret"] };
const user = { authenticationId: "service.desk@example.com", secrets: ["pass word"] };
const service: StoredService = {
	id: "S" as ServiceId,
	serviceConnection: "https://graph.microsoft.com/v1.0",
	authenticationUrl: null,
	authenticationScope: null,
	settings: {},
	authentications: [app, user],
};
const graph = parse(service);
const bot = parse({
	...service,
	settings: { mode: "bot" },
	serviceConnection: "https://smba.trafficmanager.net/emea/",
});
const chat = "19:2da4c29f6d7041eca70b638b43d45437@thread.v2";

function message(over: Partial<OutboundMessage> = {}): OutboundMessage {
	return {
		messageId: "0197F3A2B4C57E6F8091A0B1C2D3E4F5" as MessageId,
		attemptId: "0197F3A2B4C57E6F8091A0B1C2D3E4F6" as AttemptId,
		channel: "teams",
		ourAddress: "service.desk@example.com",
		contactAddress: chat,
		text: "Hello <World>",
		attachments: [],
		validUntil: new Date(now.getTime() + 60_000),
		webhookUrl: "https://parley.example/sms/teams/1",
		...over,
	};
}

function requested(over: Partial<OutboundMessage> = {}, config = graph) {
	const given = message(over);
	const place = config.mode === "graph" ? placeOf(given.contactAddress) : undefined;
	assert.ok(place?.kind !== "person");
	return toRequest(given, config, place);
}

test("a text into a chat", () => {
	const prepared = requested();
	assert.ok(prepared.ok);
	assert.deepEqual(prepared.call, {
		method: "POST",
		url: "https://graph.microsoft.com/v1.0/chats/19%3A2da4c29f6d7041eca70b638b43d45437%40thread.v2/messages",
		headers: {
			"content-type": "application/json",
			accept: "application/json",
			"client-request-id": "0197f3a2-b4c5-7e6f-8091-a0b1c2d3e4f6",
		},
		body: '{"body":{"contentType":"html","content":"Hello &lt;World&gt;"}}',
	});
	assert.equal(prepared.toRemoteId("1616991463150"), `${chat}/1616991463150`);
});

test("a post in a channel, and an answer in its thread", () => {
	const channel = "fbe2bf47-16c8-47cf-b4a5-4b9b187c508b/19:4a95@thread.tacv2";
	const posts =
		"https://graph.microsoft.com/v1.0/teams/fbe2bf47-16c8-47cf-b4a5-4b9b187c508b/channels/19%3A4a95%40thread.tacv2/messages";
	const [post, answer] = [channel, `${channel}/123`].map((contactAddress) => requested({ contactAddress }));
	assert.ok(post?.ok && answer?.ok);
	assert.deepEqual([post.call.url, answer.call.url], [posts, `${posts}/123/replies`]);
	assert.equal(answer.toRemoteId("5"), "19:4a95@thread.tacv2/5");
});

test("attachments are links, and none of their names is markup", () => {
	const attachments = [
		{ url: 'https://parley.example/f/a?x=1&y="', filename: "<b>plan</b>.pdf" },
		{ url: "https://parley.example/f/b" },
	];
	const prepared = requested({ attachments });
	assert.ok(prepared.ok);
	assert.match(
		String(prepared.call.body),
		/Hello &lt;World&gt;<br><a href=\\"https:\/\/parley\.example\/f\/a\?x=1&amp;y=&quot;\\">&lt;b&gt;plan&lt;\/b&gt;\.pdf<\/a><br><a href=/,
	);
});

test("a bot's text, with attachments by their address", () => {
	const attachments = [{ url: "https://parley.example/f/a", contentType: "image/png", filename: "a.png" }];
	const prepared = requested({ contactAddress: "a:1xyz", attachments }, bot);
	assert.ok(prepared.ok);
	assert.equal(prepared.call.url, "https://smba.trafficmanager.net/emea/v3/conversations/a%3A1xyz/activities");
	assert.deepEqual(JSON.parse(String(prepared.call.body)), {
		type: "message",
		from: { id: "28:8e460676-ae3f-4b1e-8790-ee0fb5d6148f" },
		conversation: { id: "a:1xyz" },
		textFormat: "plain",
		text: "Hello <World>",
		attachments: [{ contentType: "image/png", contentUrl: "https://parley.example/f/a", name: "a.png" }],
	});
});

test("what Teams does not have is refused before anything is asked", () => {
	assert.equal(requested({ template: { id: "t" } }).ok, false);
	assert.equal(requested({ text: "" }).ok, false);
	assert.equal(toRequest(message(), { ...graph, base: undefined }, { kind: "chat", chatId: chat }).ok, false);
});

test("a chat with somebody names both, and no quotation mark ends a name", () => {
	const { url, body } = toChatRequest("o'brien@contoso.example", graph);
	assert.equal(url, "https://graph.microsoft.com/v1.0/chats");
	const { members } = JSON.parse(String(body)) as { members: Record<string, string>[] };
	assert.deepEqual(
		members.map((member) => member["user@odata.bind"]),
		["service.desk@example.com", "o''brien@contoso.example"].map(
			(name) => `https://graph.microsoft.com/v1.0/users('${name}')`,
		),
	);
});

function outcome(status: number, body: unknown = {}, config = graph, headers: Record<string, string> = {}) {
	const bytes = Buffer.from(JSON.stringify(body));
	const answer: HttpAnswer = { kind: "answered", status, headers: new Headers(headers), body: bytes };
	const toRemoteId = (id: string) => id as RemoteId;
	return toOutcome(answer, { config, message: message(), accessToken: "an access token", now, toRemoteId });
}

test("what each status becomes", () => {
	const kinds = (statuses: readonly number[], config = graph) =>
		statuses.map((status) =>
			[status, outcome(status, { error: { code: "X", message: "words" } }, config).kind].join(" "),
		);
	const both = [
		"301 rejected",
		"400 rejected",
		"401 retry",
		"403 rejected",
		"404 rejected",
		"408 unknown",
		"409 unknown",
	];
	const more = ["410 rejected", "413 rejected", "423 unknown", "429 retry", "500 unknown", "503 unknown"];
	const numbers = [301, 400, 401, 403, 404, 408, 409, 410, 413, 423, 429, 500, 503];
	assert.deepEqual(kinds(numbers), [...both, ...more]);
	assert.deepEqual(kinds(numbers, bot), [...both, ...more]);
	assert.deepEqual(kinds([412, 502, 504]), ["412 unknown", "502 unknown", "504 unknown"]);
	assert.deepEqual(kinds([412, 502, 504], bot), ["412 unknown", "502 unknown", "504 unknown"]);
	assert.deepEqual(outcome(201, { id: "1616991463150" }), { kind: "accepted", remoteIds: ["1616991463150"] });
	for (const id of [undefined, null, "", 7, {}, "x".repeat(201)]) {
		assert.equal(outcome(201, { id }).kind, "unknown", JSON.stringify(id));
	}
});

test("Retry-After is obeyed, and what is quoted tells nothing confidential", () => {
	const throttled = outcome(429, { error: { code: "TooManyRequests", message: "Slow down" } }, graph, {
		"retry-after": "7",
	});
	assert.deepEqual(throttled, {
		kind: "retry",
		code: "throttled",
		detail: "Microsoft asks to slow down (429 Slow down).",
		notBefore: new Date(now.getTime() + 7000),
	});
	const secrets = ["an access token", "app secret", "pass word", "Hello <World>", "Hello &lt;World&gt;"];
	const told = outcome(400, { error: { message: secrets.join(" ") } });
	assert.ok(told.kind === "rejected");
	for (const secret of secrets) {
		assert.ok(!told.detail.includes(secret), told.detail);
	}
});

test("the numbers of the token endpoint are told in words", () => {
	const refused = (words: string) =>
		explained({ kind: "retry", code: "credentials", detail: `The token endpoint refused it (400 ${words}).` });
	assert.deepEqual(refused("invalid_grant: AADSTS50126: Error validating credentials."), {
		kind: "retry",
		code: "credentials",
		detail:
			"Microsoft gives no access token: the user name or the password is wrong (AADSTS50126). Enter the technical user's password.",
	});
	assert.equal((refused("AADSTS65001: no consent") as { code: string }).code, "config");
	assert.match((refused("AADSTS99999: news") as { detail: string }).detail, /AADSTS99999/);
	assert.equal(tokenFaultIn("AADSTS50126x AADSTS1"), undefined);
	for (const [number, { code, says, advice }] of tokenFaults) {
		assert.match(`${number} ${code} ${says} ${advice}`, /^\d{5,7} [a-z_]+ [a-z].*[a-z] [A-Z].*\.$/);
	}
	assert.equal(new Set([...tokenFaults.values()].map(({ code }) => code)).size, tokenFaults.size);
	assert.deepEqual(explained({ kind: "rejected", code: "content", detail: "x" }).kind, "rejected");
});

test("each rule is one sentence", () => {
	for (const mode of ["graph", "bot"] as const) {
		for (let status = 300; status < 600; status++) {
			assert.match(sendRule(status, mode).says, /^[A-Z].*[a-z]$/);
		}
	}
});
