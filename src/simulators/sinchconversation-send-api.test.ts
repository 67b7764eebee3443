// What the simulated doors take and refuse. The good request is the one the vendor's SDK sends.

import assert from "node:assert/strict";
import test from "node:test";

import type { HeardRequest } from "./kit.ts";
import {
	checkSend,
	errorReply,
	type SinchAccount,
	sendPath,
	tokenErrorReply,
	tokenRefusal,
} from "./sinchconversation-send-api.ts";

const account: SinchAccount = {
	projectId: "proj-1",
	appId: "APP1",
	keyId: "keyId",
	keySecret: "keySecret",
	isValidToken: (token) => token === "tok1",
};

const good = {
	app_id: "APP1",
	recipient: { identified_by: { channel_identities: [{ channel: "SMS", identity: "46732000000" }] } },
	message: { text_message: { text: "Grüße 👋" } },
	channel_priority_order: ["SMS"],
	channel_properties: { SMS_SENDER: "12345" },
	callback_url: "https://gw.example/cb",
	message_metadata: '{"k":1}',
	correlation_id: "corr-42",
	ttl: "60s",
};

function sendOf(change: object, headers: Record<string, string> = {}): HeardRequest {
	return {
		method: "POST",
		path: sendPath(account),
		query: new URLSearchParams(),
		headers: { authorization: "Bearer tok1", "content-type": "application/json", ...headers },
		body: JSON.stringify({ ...good, ...change }),
	};
}

function statusOf(request: HeardRequest): number {
	const checked = checkSend(request, account);
	return checked.ok ? 200 : checked.refusal.status;
}

test("the SDK's request is taken and understood", () => {
	assert.deepEqual(checkSend(sendOf({}), account), {
		ok: true,
		send: {
			channel: "SMS",
			identity: "46732000000",
			text: "Grüße 👋",
			metadata: '{"k":1}',
			correlationId: "corr-42",
			callbackUrl: "https://gw.example/cb",
		},
	});
});

test("every documented content and option is taken", () => {
	const media = { url: "https://a.example/a.pdf" };
	const choices = [{ text_message: { text: "Yes" }, postback_data: "yes" }];
	const whatsapp = { template_id: "t", language_code: "en_US", parameters: { a: "1" } };
	for (const message of [
		{ media_message: { ...media, filename_override: "a.pdf" } },
		{ choice_message: { text_message: { text: "?" }, choices } },
		{ card_message: { title: "t", media_message: media } },
		{ carousel_message: { cards: [{}] } },
		{ location_message: { title: "t", coordinates: { latitude: 1, longitude: 2 } } },
		{ list_message: { title: "t", sections: [{}] } },
		{ template_message: { channel_template: { WHATSAPP: whatsapp } } },
		{ template_message: { omni_template: { template_id: "t", version: "1" } } },
		{ contact_info_message: { name: {}, phone_numbers: [{}] } },
		{ text_message: { text: "a" }, agent: { display_name: "Eva" } },
	]) {
		assert.equal(statusOf(sendOf({ message })), 200, JSON.stringify(message));
	}
	const options = { queue: "HIGH_PRIORITY", processing_strategy: "DISPATCH_ONLY", conversation_metadata: { a: 1 } };
	assert.equal(statusOf(sendOf({ ...options, message_content_type: "CONTENT_NOTIFICATION" })), 200);
});

test("what Sinch would refuse is refused, and so is any field it does not document", () => {
	const to = (identity: object): object => ({ recipient: { identified_by: { channel_identities: [identity] } } });
	const wrong: object[] = [
		{ recipient: undefined },
		{ message: {} },
		{ message: { text_message: { text: "" } } },
		{ message: { text_message: { text: "a", emphasis: 1 } } },
		{ message: { text_message: { text: "a" }, media_message: { url: "https://a.example/" } } },
		{ message: { media_message: { url: "no url" } } },
		{ message: { template_message: {} } },
		{ message: { template_message: { channel_template: { WHATSAPP: { template_id: "t" } } } } },
		{ message: { template_message: { channel_template: { WHATSAPP: { template_id: "t", language_code: "en-US" } } } } },
		{ message: { constructor: {} } },
		{ recipient: { contact_id: "01EXA07N79THJ20WSN6AS30TMW" } },
		to({ channel: "CARRIER_PIGEON", identity: "1" }),
		to({ channel: "SMS", identity: "" }),
		to({ channel: "SMS", identity: "1", name: "Eva" }),
		to({ channel: "MESSENGER", identity: "1" }),
		to({ channel: "MESSENGER", identity: "1", app_id: "APP2" }),
		{ channel_priority_order: ["FAX"] },
		{ channel_priority_order: [] },
		{ ttl: "2s" },
		{ ttl: "315576000001s" },
		{ ttl: 60 },
		{ message_metadata: "x".repeat(1025) },
		{ correlation_id: "x".repeat(129) },
		{ conversation_metadata: { a: "x".repeat(2048) } },
		{ processing_strategy: "CONVERSATION" },
		{ channel_properties: { SMS_COLOUR: "red" } },
		{ channel_properties: { VIBER_SENDER_NAME: "x".repeat(29) } },
		{ surprise: true },
	];
	for (const change of wrong) {
		assert.equal(statusOf(sendOf(change)), 400, JSON.stringify(change).slice(0, 100));
	}
});

test("an unknown app, a bad token and another content type are refused before the body is read further", () => {
	assert.equal(statusOf(sendOf({ app_id: "APP2" })), 404);
	for (const authorization of ["", "Bearer tok2", "Basic a2V5SWQ6a2V5U2VjcmV0"]) {
		assert.equal(statusOf(sendOf({}, { authorization })), 401);
	}
	assert.equal(statusOf(sendOf({}, { "content-type": "text/plain" })), 400);
	assert.equal(statusOf({ ...sendOf({}), body: "{" }), 400);
});

test("an error has the shape of the API, a 401 says that the token is bad", () => {
	const reply = errorReply({ status: 401, word: "UNAUTHENTICATED", message: "No." });
	assert.deepEqual(JSON.parse(reply.body), {
		error: { code: 401, message: "No.", status: "UNAUTHENTICATED", details: [] },
	});
	assert.equal(reply.headers?.["www-authenticate"], 'Bearer error="invalid_token"');
});

test("a token is given for the access key and client credentials only", () => {
	const tokenRequest = (change: Partial<HeardRequest> = {}): HeardRequest => ({
		method: "POST",
		path: "/oauth2/token",
		query: new URLSearchParams(),
		headers: {
			authorization: "Basic a2V5SWQ6a2V5U2VjcmV0",
			"content-type": "application/x-www-form-urlencoded",
			...change.headers,
		},
		body: change.body ?? "grant_type=client_credentials",
	});
	assert.equal(tokenRefusal(tokenRequest(), account), undefined);
	assert.equal(tokenRefusal(tokenRequest({ headers: { authorization: "Basic eDp5" } }), account)?.status, 401);
	assert.equal(tokenRefusal(tokenRequest({ headers: { "content-type": "application/json" } }), account)?.status, 400);
	for (const body of ["grant_type=password", "grant_type=client_credentials&scope=a", ""]) {
		const refusal = tokenRefusal(tokenRequest({ body }), account);
		assert.ok(refusal?.status === 400);
		assert.equal((JSON.parse(tokenErrorReply(refusal).body) as { error: string }).error, "unsupported_grant_type");
	}
});
