import assert from "node:assert/strict";
import test from "node:test";

import { toTemplate } from "./template.ts";

function componentsOf(parameters: Readonly<Record<string, string>>): unknown {
	const template = toTemplate({ id: "order_shipped", language: "en_US", parameters }, undefined);
	assert.ok(typeof template !== "string", JSON.stringify(template));
	return template["components"];
}

test("a template without parameters is its name and its language, spelt as WhatsApp does", () => {
	const plain = { name: "hello_world", language: { code: "pt_BR" } };
	assert.deepEqual(toTemplate({ id: "hello_world", language: "pt-BR" }, "en"), plain);
	assert.deepEqual(toTemplate({ id: "hello_world", parameters: {} }, "pt_BR"), plain);
	assert.match(JSON.stringify(toTemplate({ id: "hello_world" }, undefined)), /language/);
});

test("numbered parameters fill the body in their order, whatever the order they came in", () => {
	const numbers = Object.fromEntries(Array.from({ length: 11 }, (_, index) => [String(11 - index), `v${11 - index}`]));
	const texts = Array.from({ length: 11 }, (_, index) => ({ type: "text", text: `v${index + 1}` }));
	assert.deepEqual(componentsOf(numbers), [{ type: "body", parameters: texts }]);
	assert.deepEqual(componentsOf({ "body.1": "a" }), [{ type: "body", parameters: [{ type: "text", text: "a" }] }]);
});

test("named parameters keep their names", () => {
	assert.deepEqual(componentsOf({ order_id: "A-17", "body.day": "Monday" }), [
		{
			type: "body",
			parameters: [
				{ type: "text", parameter_name: "order_id", text: "A-17" },
				{ type: "text", parameter_name: "day", text: "Monday" },
			],
		},
	]);
});

test("a header has a text or a file, and buttons stand at their places", () => {
	const link = "https://shop.example/a.pdf";
	assert.deepEqual(componentsOf({ "header.document": link, "1": "A-17" }), [
		{ type: "header", parameters: [{ type: "document", document: { link } }] },
		{ type: "body", parameters: [{ type: "text", text: "A-17" }] },
	]);
	assert.deepEqual(componentsOf({ "header.1": "Summer" }), [
		{ type: "header", parameters: [{ type: "text", text: "Summer" }] },
	]);
	assert.deepEqual(componentsOf({ "button.2.code": "SAVE10", "button.0.url": "A-17", "button.1.payload": "YES" }), [
		{ type: "button", sub_type: "url", index: "0", parameters: [{ type: "text", text: "A-17" }] },
		{ type: "button", sub_type: "quick_reply", index: "1", parameters: [{ type: "payload", payload: "YES" }] },
		{ type: "button", sub_type: "copy_code", index: "2", parameters: [{ type: "coupon_code", coupon_code: "SAVE10" }] },
	]);
});

test("parameters that cannot fit any template are explained in one sentence", () => {
	const wrong: readonly Readonly<Record<string, string>>[] = [
		{ "1": "a", "3": "c" },
		{ "2": "b" },
		{ "1": "a", name: "b" },
		{ "header.image": "https://a.example/1.png", "header.1": "x" },
		{ "header.image": "https://a.example/1.png", "header.video": "https://a.example/1.mp4" },
		{ "button.0.jump": "x" },
		{ "button.0.constructor": "x" },
	];
	for (const parameters of wrong) {
		const said = toTemplate({ id: "t", language: "en", parameters }, undefined);
		assert.ok(typeof said === "string" && /^[A-Z][^.]*\.?.*\.$/.test(said), JSON.stringify(parameters));
	}
});
