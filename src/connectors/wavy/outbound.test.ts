// Goal: a message becomes exactly the documented request of its channel, and every answer becomes the outcome that is
// certain.

import assert from "node:assert/strict";
import test from "node:test";
import type { AttemptId, MessageId } from "#domain/ids.ts";
import { faultCodes } from "#domain/faults.ts";
import type { OutboundMessage } from "#domain/messages.ts";
import type { HttpAnswer, HttpCall, Outcome, Tools } from "../contract.ts";
import type { WavyConfig } from "./form.ts";
import { mediaTypes } from "./media-types.ts";
import { lookup, readLookup, send, toLookup, toOutcome, toRequest } from "./outbound.ts";

const now = new Date("2026-11-24T12:00:00.000Z");
const mark = "parley:0197F3A2B4C57E6F8091A0B1C2D3E4F6";
const token = "token-of-the-user";
const config: WavyConfig = {
	origin: "https://api-messaging.wavy.global",
	user: { name: "wa_shop_br", token },
	tokens: [token, "old-token"],
	shortCode: "28128",
	whatsappNumber: "+5519911110000",
	subAccount: undefined,
	campaignAlias: undefined,
	templateNamespace: undefined,
};
const sms: OutboundMessage = {
	messageId: "0197F3A2B4C57E6F8091A0B1C2D3E4F5" as MessageId,
	attemptId: "0197F3A2B4C57E6F8091A0B1C2D3E4F6" as AttemptId,
	channel: "sms",
	ourAddress: "28128",
	contactAddress: "+5519900001111",
	text: "Olá,\nsegunda linha 👍",
	attachments: [],
	validUntil: new Date("2026-11-24T12:10:30.000Z"),
	webhookUrl: "https://gw.example.com/sms/wavy/1",
};
const whatsapp: OutboundMessage = {
	...sms,
	channel: "whatsapp",
	ourAddress: "whatsapp:+5519911110000",
	contactAddress: "whatsapp:+5519900001111",
};

function callOf(message: OutboundMessage, by = config): HttpCall {
	const prepared = toRequest(message, by, now);
	assert.ok(prepared.ok, prepared.ok ? "" : JSON.stringify(prepared.outcome));
	return prepared.call;
}

function bodyOf(message: OutboundMessage, by = config): Readonly<Record<string, unknown>> {
	return JSON.parse(callOf(message, by).body as string) as Record<string, unknown>;
}

function refusalOf(message: OutboundMessage, by = config): string {
	const prepared = toRequest(message, by, now);
	return prepared.ok || !("code" in prepared.outcome) ? "none" : `${prepared.outcome.kind} ${prepared.outcome.code}`;
}

test("a text message becomes the documented request, user and token in the headers and nowhere else", () => {
	const call = callOf(sms);
	assert.deepEqual(
		{ ...call, body: JSON.parse(call.body as string) as unknown },
		{
			method: "POST",
			url: "https://api-messaging.wavy.global/v1/send-sms",
			headers: {
				username: "wa_shop_br",
				authenticationtoken: token,
				"content-type": "application/json",
				accept: "application/json",
			},
			body: {
				destination: "5519900001111",
				messageText: "Olá,\nsegunda linha 👍",
				correlationId: mark,
				expiresInMinutes: 10,
			},
		},
	);
	assert.ok(mark.length <= 64, "correlationId has at most 64 characters");
});

test("a WhatsApp message becomes the documented request; its time to live counts days", () => {
	assert.equal(callOf(whatsapp).url, "https://api-messaging.wavy.global/v1/whatsapp/send");
	const destinations = [{ correlationId: mark, destination: "5519900001111", recipientType: "individual" }];
	assert.deepEqual(bodyOf(whatsapp), { destinations, message: { ttl: 1, messageText: "Olá,\nsegunda linha 👍" } });
	const lasting = (days: number) => ({ ...whatsapp, validUntil: new Date(now.getTime() + days * 86_400_000) });
	const ttls = [-1, 0.5, 2.9, 30, 31].map((days) => (bodyOf(lasting(days))["message"] as { ttl: number }).ttl);
	assert.deepEqual(ttls, [1, 1, 2, 30, 30]);
	assert.equal(bodyOf({ ...sms, validUntil: now })["expiresInMinutes"], 1);
});

test("the campaign alias goes out with both", () => {
	const tagged = { ...config, campaignAlias: "support" };
	assert.equal(bodyOf(sms, tagged)["campaignAlias"], "support");
	assert.equal(bodyOf(whatsapp, tagged)["campaignAlias"], "support");
});

test("a medium goes by link under the word of its family, a document with its name", () => {
	const message = (contentType: string, filename?: string) => {
		const attachment = { url: "https://a.example/1", contentType, ...(filename === undefined ? {} : { filename }) };
		return bodyOf({ ...whatsapp, text: "", attachments: [attachment] })["message"];
	};
	const url = "https://a.example/1";
	assert.deepEqual(message("image/JPEG; x=1"), { ttl: 1, image: { type: "JPG", url } });
	assert.deepEqual(message("audio/mpeg", "a.mp3"), { ttl: 1, audio: { type: "MP3", url } });
	assert.deepEqual(message("application/pdf", "Invoice.pdf"), {
		ttl: 1,
		document: { type: "PDF", url, caption: "Invoice.pdf" },
	});
	for (const contentType of mediaTypes.keys()) {
		assert.equal(Object.keys(message(contentType) as object).length, 2, contentType);
	}
});

test("a template goes as hsm with its parameters in order of their position", () => {
	const parameters = { 10: "j", 2: "b", 1: "a" };
	const template = { id: "ns_1/aviso", language: "pt_BR", parameters };
	const hsm = { namespace: "ns_1", elementName: "aviso", languageCode: "pt_BR", parameters: ["a", "b", "j"] };
	assert.deepEqual(bodyOf({ ...whatsapp, text: "", template })["message"], { ttl: 1, hsm });
	const short = { id: "aviso", language: "pt_BR" };
	const named = bodyOf({ ...whatsapp, text: "", template: short }, { ...config, templateNamespace: "ns_1" });
	assert.deepEqual(named["message"], { ttl: 1, hsm: { ...hsm, parameters: [] } });
	assert.equal(refusalOf({ ...whatsapp, text: "", template: short }), "rejected config");
	assert.equal(refusalOf({ ...whatsapp, text: "", template: { id: "ns_1/aviso" } }), "rejected config");
});

test("what a channel cannot carry is refused before anything is sent", () => {
	const attachment = { url: "https://a.example/1.jpg", contentType: "image/jpeg" };
	const refused = [
		refusalOf({ ...sms, attachments: [attachment] }),
		refusalOf({ ...sms, template: { id: "a/b", language: "pt" } }),
		refusalOf({ ...sms, text: " " }),
		refusalOf({ ...sms, text: "x".repeat(1281) }),
		refusalOf({ ...whatsapp, text: "" }),
		refusalOf({ ...whatsapp, attachments: [attachment] }),
		refusalOf({ ...whatsapp, text: "", attachments: [attachment, attachment] }),
		refusalOf({ ...whatsapp, text: "", attachments: [{ url: "https://a.example/1", contentType: "text/html" }] }),
		refusalOf({ ...whatsapp, text: "", attachments: [{ url: "https://a.example/1" }] }),
	];
	assert.deepEqual([...new Set(refused)], ["rejected content"]);
	assert.equal(refusalOf({ ...sms, text: "x".repeat(1280) }), "none");
});

function answered(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): HttpAnswer {
	const text = typeof body === "string" ? body : JSON.stringify(body);
	return { kind: "answered", status, headers: new Headers(headers), body: new TextEncoder().encode(text) };
}

function outcomeOf(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Outcome {
	return toOutcome(answered(status, body, headers), { now, mark, hidden: [sms.text, token] });
}

const id = "9cb87d36-79af-11e5-89f3-1b0591cdf807";
const entry = { id, correlationId: mark };

for (const [name, body] of Object.entries({
	"the object of the older pages": entry,
	"the list of the newer page": [entry],
	"an object without correlationId": { id },
	"names in other cases": { ID: id, CorrelationId: mark },
	"the WhatsApp answer": { id: "batch", destinations: [{ ...entry, destination: "5519900001111" }] },
	"the WhatsApp answer as printed": { Id: "batch", destination: [{ ...entry, destination: "5519900001111." }] },
	"several entries, one of them ours": [{ id: "other", correlationId: "x" }, entry],
})) {
	test(`accepted with the id of our entry: ${name}`, () => {
		assert.deepEqual(outcomeOf(200, body), { kind: "accepted", remoteIds: [id] });
		assert.deepEqual(outcomeOf(201, body), { kind: "accepted", remoteIds: [id] });
	});
}

test("a 2xx that does not name our message, or names two, leaves it unknown", () => {
	const unclear = [
		[],
		{},
		"",
		"OK",
		null,
		{ id: "" },
		{ id: { a: 1 } },
		{ id, correlationId: "another" },
		[{ id }, { id: "second" }],
		{ id: "batch", destinations: [] },
		{ errorCode: 500, errorMessage: "no" },
	];
	for (const body of unclear) {
		const outcome = outcomeOf(200, body);
		assert.ok(outcome.kind === "unknown" && outcome.code === "protocol", JSON.stringify(body));
	}
});

test("each documented status has its outcome", () => {
	const kinds = [400, 401, 403, 404, 405, 412, 420, 429, 500, 503, 504, 410, 302, 418, 502].map((status) => {
		const outcome = outcomeOf(status, { errorCode: status, errorMessage: "Because." });
		assert.ok(outcome.kind !== "accepted" && faultCodes.includes(outcome.code));
		return [status, outcome.kind, outcome.code].join(" ");
	});
	assert.deepEqual(kinds, [
		"400 rejected content",
		"401 retry credentials",
		"403 rejected credentials",
		"404 rejected config",
		"405 rejected config",
		"412 rejected content",
		"420 retry throttled",
		"429 retry throttled",
		"500 unknown unreachable",
		"503 unknown unreachable",
		"504 unknown unreachable",
		"410 rejected config",
		"302 rejected config",
		"418 rejected content",
		"502 unknown unreachable",
	]);
	const throttled = outcomeOf(420, "slow down", { "retry-after": "7" });
	assert.ok(throttled.kind === "retry" && throttled.notBefore?.getTime() === now.getTime() + 7000);
});

test("the provider's sentence is quoted, but never a page, our text or a token", () => {
	const detailOf = (body: unknown) => {
		const outcome = outcomeOf(400, body);
		return outcome.kind === "accepted" ? "" : outcome.detail;
	};
	assert.equal(
		detailOf({ errorCode: 400, errorMessage: "Invalid\ndestination" }),
		"Wavy finds the message not valid (HTTP 400: Invalid destination).",
	);
	const bare = "Wavy finds the message not valid (HTTP 400).";
	assert.equal(detailOf("<html>plain text</html>"), bare);
	assert.equal(detailOf({ ErrorMessage: `bad token ${token}` }), bare);
	assert.equal(detailOf({ errorMessage: `bad text ${sms.text}` }), bare);
	assert.ok(detailOf({ errorMessage: "x".repeat(5000) }).length < 300);
});

function toolsAnswering(answer: HttpAnswer, calls: HttpCall[] = []): Tools {
	return {
		http: (call) => {
			calls.push(call);
			return Promise.resolve(answer);
		},
		token: () => assert.fail("Wavy needs no access token"),
		dropToken: () => assert.fail("Wavy needs no access token"),
		now: () => now,
	};
}

test("nothing is sent without a token, and silence is told apart", async () => {
	const calls: HttpCall[] = [];
	const without = { ...config, user: { name: "wa_shop_br", token: undefined } };
	const obstacle = await send(sms, without, toolsAnswering(answered(200, [entry]), calls));
	assert.deepEqual([obstacle.kind, calls.length], ["retry", 0]);
	assert.equal((await send(sms, config, toolsAnswering({ kind: "notSent", why: "refused" }))).kind, "retry");
	assert.equal((await send(sms, config, toolsAnswering({ kind: "unclear", why: "timeout" }))).kind, "unknown");
	assert.deepEqual(await send(sms, config, toolsAnswering(answered(200, [entry]))), {
		kind: "accepted",
		remoteIds: [id],
	});
});

test("a look-up searches by our correlationId and says nothing of the message", async () => {
	const call = toLookup(sms, config);
	assert.equal(call.url, "https://api-messaging.wavy.global/v1/sms/status/search");
	assert.deepEqual(JSON.parse(call.body as string), { correlationIds: [mark] });
	const found = await lookup(sms, now, config, toolsAnswering(answered(200, [entry])));
	assert.deepEqual(found, { kind: "accepted", remoteIds: [id] });
});

test("only one entry with our correlationId settles a look-up, wherever the list is", () => {
	const kindOf = (status: number, body: unknown) => readLookup(answered(status, body), mark).kind;
	for (const body of [[entry], [entry, entry], entry, { total: 1, smsStatuses: [entry] }, [{ id: "x" }, entry]]) {
		assert.equal(kindOf(200, body), "accepted", JSON.stringify(body));
	}
	for (const body of [[], {}, "", [{ id }], [{ correlationId: mark }], [entry, { ...entry, id: "second" }]]) {
		assert.equal(kindOf(200, body), "unknown", JSON.stringify(body));
	}
	assert.equal(kindOf(429, [entry]), "unknown");
	assert.equal(readLookup({ kind: "unclear", why: "timeout" }, mark).kind, "unknown");
});
