// Goal: XML of anybody is read as plain values or not at all, without an exception and without entities of the sender's.

import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { readXml } from "./xml.ts";

test("elements, attributes, repeated elements and texts are read as they are", () => {
	assert.deepEqual(
		readXml('\uFEFF<?xml version="1.0"?>\n<m id="7"><t> a&amp;b&#13;&#x1F600; </t><n>1</n><n>2</n></m>'),
		{
			m: { "@id": "7", t: " a&b\r😀 ", n: ["1", "2"] },
		},
	);
	assert.deepEqual(readXml("<m><![CDATA[<y>&amp;]]></m>"), { m: "<y>&amp;" });
});

test("a document type, a broken document, two roots, deep nesting and names of a prototype are refused", () => {
	const refused = [
		'<!DOCTYPE m [<!ENTITY x SYSTEM "file:///etc/passwd">]><m>&x;</m>',
		'<!doctype m [<!ENTITY a "aa">]><m>&a;</m>',
		"<m><n></m>",
		"<m/><n/>",
		"text",
		"",
		'{"a":1}',
		"<a>".repeat(7000) + "</a>".repeat(7000),
		"<m><__proto__>1</__proto__></m>",
		`<m>${"x".repeat(300_000)}</m>`,
	];
	for (const text of refused) {
		assert.equal(readXml(text), undefined, text.slice(0, 60));
	}
});

test("what is no XML never throws", () => {
	const piece = fc.oneof(
		fc.constantFrom("<", ">", "</a>", "<a>", "&", "&#", ";", '"', "<![CDATA[", "]]>", "<!--"),
		fc.string(),
	);
	fc.assert(
		fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
			const read = readXml(`<a>${pieces.join("")}</a>`);
			assert.ok(read === undefined || Object.keys(read).length > 0);
		}),
		{ numRuns: 500 },
	);
});
