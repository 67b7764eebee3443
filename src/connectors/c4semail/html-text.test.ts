import assert from "node:assert/strict";
import test from "node:test";
import { readableText } from "./html-text.ts";

const cases: readonly [what: string, html: string, text: string][] = [
	["plain text stays", "Hello,\r\n  1 < 2 & 3 > 2 &amp;\n", "Hello,\n  1 < 2 & 3 > 2 &amp;"],
	["blocks are lines", "<p>Hello</p><p>you<br>there</p>", "Hello\n\nyou\nthere"],
	["space is one space", "<div>a\n\t  b&nbsp;c</div>", "a b c"],
	["what is never shown goes", "<style>p{}</style><script>alert('<p>x</p>')</script><p>y</p>", "y"],
	["a head goes with its title", "<html><head><title>T</title></head><body>y</body></html>", "y"],
	["a comment goes", "<p>a<!-- <script> -->b</p>", "ab"],
	["an end in a value is no end", '<p><a href="x>y" title="<b>">a</a></p>', "a"],
	[
		"references become signs",
		"<p>&lt;b&gt; &amp;amp; &#8364; &#x20ac; &uuml; &unknown; &#0;&#xd800;</p>",
		"<b> &amp; € € ü &unknown;",
	],
	["a sign that begins no tag is a sign", "<p>1 < 2 <3</p>", "1 < 2 <3"],
	["cells stand apart", "<table><tr><td>a</td><td>b</td></tr></table>", "a b"],
	["a script without an end hides the rest", "<p>a</p><script>b</p>", "a"],
	["a tag without an end hides itself", "<p>a<b", "a"],
	["control characters go", "a\u0000b\u001bc\td", "abc\td"],
];

for (const [what, html, text] of cases) {
	test(what, () => assert.equal(readableText(html), text));
}

test("hostile texts of a million signs are read within a second", () => {
	const bodies = [
		"<",
		"<p",
		"<script>",
		"<!--",
		'<p a="',
		"&",
		"&#",
		"<p>",
		"\n",
		"</",
		"<td>",
		"<b> ",
		"&#32;",
		" \n",
	];
	for (const piece of bodies) {
		const html = `<p>y${piece.repeat(Math.ceil(1_000_000 / piece.length))}x`;
		const before = process.cpuUsage();
		assert.ok(readableText(html).length <= 60_000);
		const { user } = process.cpuUsage(before);
		assert.ok(user < 1_000_000, `${piece}: ${user} µs`);
	}
});
