import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { attributeOf, toAttribute, toHtml, toText } from "./html.ts";

test("what goes out is text: nothing in it is markup, and nothing is lost", () => {
	assert.equal(toHtml(`<b>"1 < 2" & 'so'</b>`), `&lt;b&gt;"1 &lt; 2" &amp; 'so'&lt;/b&gt;`);
	assert.equal(toHtml("one\r\ntwo\rthree\nfour"), "one<br>two<br>three<br>four");
	assert.equal(toHtml("  a   b\n c"), "\u00a0 a \u00a0 b<br>\u00a0c");
	assert.equal(toAttribute(`https://x.example/?a="b"&c=<d>`), "https://x.example/?a=&quot;b&quot;&amp;c=&lt;d&gt;");
	fc.assert(
		fc.property(fc.string({ unit: "grapheme" }), (text) => {
			assert.ok(!/<(?!br>)/.test(toHtml(text)));
		}),
	);
});

test("what goes out comes back", () => {
	const words = fc.string({
		unit: fc.constantFrom("a", "<", "&", ">", '"', " ", "\n", "👍", "ü", ";", "#"),
		maxLength: 40,
	});
	fc.assert(
		fc.property(words, (text) => {
			const lines = text.split("\n").map((line) => line.trimEnd());
			assert.equal(toText(toHtml(text)), lines.join("\n").replace(/^\n+/, "").trimEnd());
		}),
	);
});

const rows: readonly (readonly [html: string, text: string])[] = [
	["<p>Olá 👍</p>", "Olá 👍"],
	["<p>one</p><p>two</p>", "one\ntwo"],
	["<div>one<br>two<br/>three</div>", "one\ntwo\nthree"],
	["<div><div>in</div></div>after", "in\nafter"],
	["a\n   b\t c", "a b c"],
	["<ul><li>first</li><li>second</li></ul>", "- first\n- second"],
	["<p>&nbsp;</p><p>x</p>", "x"],
	["1 &lt; 2 &amp;&amp; 3 &gt; 2 &quot;q&quot; &#39;s&#39; &#x1F44D; &apos;", `1 < 2 && 3 > 2 "q" 's' 👍 '`],
	["&unknown; &#0; &#xD800; &#99999999; & ;", "&unknown; \ufffd \ufffd &#99999999; & ;"],
	["&amp;lt;b&amp;gt;", "&lt;b&gt;"],
	['<a href="https://x.example/a">here</a>', "here (https://x.example/a)"],
	['<a href="https://x.example/">https://x.example</a>', "https://x.example"],
	['<a href="javascript:alert(1)">here</a>', "here"],
	["<a>nothing</a> </a>", "nothing"],
	['<emoji id="smile" alt="🙂"></emoji> hi', "🙂 hi"],
	['<img itemtype="http://schema.skype.com/Emoji" alt="👍" src="https://x">', "👍"],
	['<img src="https://graph.microsoft.com/x" alt="a picture">', ""],
	['<attachment id="1"></attachment>see', "see"],
	["<script>alert('x')</script>safe<style>p{}</style>", "safe"],
	["<!-- hidden <b> -->shown", "shown"],
	["<!-- no end", ""],
	["a <b", "a"],
	["a < b", "a"],
	["<table><tr><td>1</td><td>2</td></tr><tr><td>3</td></tr></table>", "1 2\n3"],
	['<at id="0">Bot</at> hello', "Bot hello"],
	["", ""],
];
for (const [html, text] of rows) {
	test(`${html} is ${JSON.stringify(text)}`, () => assert.equal(toText(html), text));
}

test("the time grows with the length, whatever comes", () => {
	const size = 300_000;
	const shapes = ["<", "<a href='", "<!--", "&", "&#", "<a>", "</a>", "<p>", "<script>", " ", '<a href="https://x">y'];
	const started = process.hrtime.bigint();
	for (const shape of shapes) {
		toText(shape.repeat(size / shape.length));
		attributeOf({ source: shape.repeat(size / shape.length) }, "href");
	}
	assert.ok(process.hrtime.bigint() - started < 4_000_000_000n);
});
