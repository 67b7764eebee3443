import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import test from "node:test";

import type { HeardRequest } from "./kit.ts";
import { errorReply, judgeSend, tokenRefusal } from "./whatsapp-messages-api.ts";

const number = { phoneNumberId: "111", token: "EAAGtest", appSecret: "vec-app-secret-7f3a" };
const good = {
	messaging_product: "whatsapp",
	recipient_type: "individual",
	to: "16505551234",
	type: "text",
	text: { body: "hi", preview_url: false },
	biz_opaque_callback_data: "mark",
};
const link = "https://parley.example/a";

function requestWith(body: unknown, changes: Partial<HeardRequest> = {}): HeardRequest {
	return {
		method: "POST",
		path: "/v25.0/111/messages",
		query: new URLSearchParams(),
		headers: { authorization: "Bearer EAAGtest", "content-type": "application/json" },
		body: typeof body === "string" ? body : JSON.stringify(body),
		...changes,
	};
}

function codeOf(body: unknown, changes: Partial<HeardRequest> = {}, agoMs?: number): number | undefined {
	const judged = judgeSend(requestWith(body, changes), number, () => agoMs);
	return judged.ok ? undefined : judged.refusal.code;
}

function withContent(type: string, content: unknown): object {
	const { text: _text, ...others } = good;
	return { ...others, type, [type]: content };
}

function template(...components: unknown[]): object {
	const listed = components.length === 0 ? {} : { components };
	return withContent("template", { name: "order_shipped", language: { code: "en_US" }, ...listed });
}

const text = { type: "text", text: "A-17" };

test("proper calls of every kind are taken", () => {
	assert.deepEqual(
		judgeSend(requestWith(good), number, () => undefined),
		{ ok: true, send: { to: "16505551234", type: "text", text: "hi", callbackData: "mark" } },
	);
	const { to: _to, ...nobody } = good;
	const calls = [
		{ ...nobody, recipient: "US.13491208655302741918" },
		{ ...good, context: { message_id: "wamid.1" } },
		withContent("image", { link, caption: "c" }),
		withContent("audio", { link }),
		withContent("document", { link, filename: "a.pdf" }),
		template(),
		template({ type: "header", parameters: [{ type: "image", image: { link } }] }),
		template({ type: "body", parameters: [text, { ...text, parameter_name: "order_id" }] }),
		template({ type: "button", sub_type: "url", index: "0", parameters: [text] }),
		template({ type: "button", sub_type: "quick_reply", index: "0", parameters: [{ type: "payload", payload: "Y" }] }),
	];
	for (const call of calls) {
		assert.equal(codeOf(call), undefined, JSON.stringify(call));
	}
});

const { messaging_product: _product, ...unnamed } = good;
const { type: _type, ...untyped } = good;
const bad: readonly [code: number, body: unknown][] = [
	[100, "not json"],
	[100, []],
	[131008, unnamed],
	[131008, untyped],
	[131008, { ...good, to: undefined }],
	[131008, { ...good, recipient: "US.1" }],
	[100, { ...good, extra: 1 }],
	[100, { ...good, to: "nobody" }],
	[100, { ...good, type: "telegram", telegram: {} }],
	[100, { ...good, type: "constructor" }],
	[100, { ...good, image: { link } }],
	[100, { ...good, biz_opaque_callback_data: "x".repeat(513) }],
	[100, { ...good, context: {} }],
	[100, { ...good, appsecret_proof: "0".repeat(64) }],
	[131009, { ...good, text: { body: "x".repeat(4097) } }],
	[131009, { ...good, text: { body: " " } }],
	[131009, { ...good, text: { body: "x", font: "large" } }],
	[131009, withContent("image", { link: "ftp://x/y" })],
	[131009, withContent("audio", { link, caption: "none" })],
	[131009, withContent("template", { name: "Order Shipped", language: { code: "en_US" } })],
	[131009, withContent("template", { name: "t", language: { code: "en-US" } })],
	[131009, withContent("template", { name: "t" })],
	[131009, template({ type: "footer", parameters: [text] })],
	[131009, template({ type: "body", parameters: [] })],
	[131009, template({ type: "header", parameters: [text, text] })],
	[131009, template({ type: "body", parameters: [{ type: "image", image: { link } }] })],
	[131009, template({ type: "button", sub_type: "url", index: 0, parameters: [text] })],
	[131009, template({ type: "button", sub_type: "quick_reply", index: "0", parameters: [text] })],
];

test("each thing that is wrong is refused with the provider's code", () => {
	for (const [code, body] of bad) {
		assert.equal(codeOf(body), code, JSON.stringify(body).slice(0, 200));
	}
	const proof = createHmac("sha256", number.appSecret).update(number.token).digest("hex");
	assert.equal(codeOf({ ...good, appsecret_proof: proof }), undefined);
});

test("address, method, query and content type must be right", () => {
	assert.equal(codeOf(good, { path: "/v25.0/222/messages" }), 100);
	for (const changes of [
		{ path: "/v24.0/111/messages" },
		{ path: "/111/messages" },
		{ method: "PUT" },
		{ query: new URLSearchParams("access_token=x") },
	]) {
		assert.equal(codeOf(good, changes), 2500, JSON.stringify(changes));
	}
	assert.equal(codeOf(good, { headers: { "content-type": "text/plain" } }), 100);
});

test("only the number's own token opens", () => {
	assert.equal(tokenRefusal(requestWith(good), number), undefined);
	for (const headers of [{}, { authorization: "Bearer other" }, { authorization: "EAAGtest" }]) {
		assert.equal(tokenRefusal(requestWith(good, { headers }), number)?.code, 190);
	}
});

test("a day after the person wrote only templates pass; a stranger is taken", () => {
	const dayMs = 24 * 3_600_000;
	assert.equal(codeOf(good, {}, dayMs), undefined);
	assert.equal(codeOf(good, {}, dayMs + 1), 131047);
	assert.equal(codeOf(template(), {}, dayMs + 1), undefined);
});

test("an error has the shape of the Graph API", () => {
	const reply = errorReply({ status: 400, code: 100, subcode: 33, title: "Bad", details: "Worse." });
	assert.equal(reply.status, 400);
	assert.deepEqual(JSON.parse(reply.body), {
		error: {
			message: "(#100) Bad",
			type: "OAuthException",
			code: 100,
			error_subcode: 33,
			error_data: { messaging_product: "whatsapp", details: "Worse." },
			fbtrace_id: "simulated",
		},
	});
});
