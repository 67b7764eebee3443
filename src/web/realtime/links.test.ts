import assert from "node:assert/strict";
import { test } from "node:test";
import { piecesOf } from "./links.ts";

const linked = (text: string): readonly string[] => piecesOf(text).flatMap(({ href }) => href ?? []);

test("only addresses of web pages can be opened, without the sentence's end", () => {
	assert.deepEqual(piecesOf("see https://shop.test/a?b=1. javascript:alert(1)"), [
		{ text: "see " },
		{ text: "https://shop.test/a?b=1", href: "https://shop.test/a?b=1" },
		{ text: ". javascript:alert(1)" },
	]);
	assert.deepEqual(piecesOf("http://[::x plain"), [{ text: "http://[::x plain" }]);
	assert.deepEqual(piecesOf(""), []);
});

test("quotes and brackets around an address are not of it, an apostrophe in it is", () => {
	assert.deepEqual(
		linked(`'https://a.test/b' "https://a.test/c" <https://a.test/d> {https://a.test/e} (https://a.test/f)`),
		["https://a.test/b", "https://a.test/c", "https://a.test/d", "https://a.test/e", "https://a.test/f"],
	);
	assert.deepEqual(linked("https://a.test/Ohm's_law"), ["https://a.test/Ohm's_law"]);
});
