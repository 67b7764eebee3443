// Goal: nothing that stands in a message or a number can change the shape of a request. Any value at any position of any
// template is found again, as it is and alone, by a reader that shares no code with the connector.

import assert from "node:assert/strict";
import { parse as parseQuery } from "node:querystring";
import test from "node:test";
import fc from "fast-check";
import { XMLParser } from "fast-xml-parser";
import { type Charset, render, type Values } from "./encoding.ts";
import { placeholders, readTemplate, type Template } from "./template.ts";

type Kind = Parameters<typeof readTemplate>[1];

function templateOf(source: string, kind: Kind): Template {
	const read = readTemplate(source, kind);
	assert.ok(read.ok, `${source}: ${read.ok ? "" : read.message}`);
	return read.template;
}

function valuesOf(text: string): Values {
	return Object.fromEntries(placeholders.map((name) => [name, text])) as Values;
}

const trouble = [
	"&", "=", "?", "#", "%", "%26", "+", " ", "/", "..", "\\", '"', "'", "<", ">", "&amp;", "&lt;", "]]>", "<!--", "-->",
	"{{text}}", "{{password}}", "}}", "{", "\r\n", "\n", "\r", "\t", "\u2028", "\u0085", ";", ":", "@", "null", "$&", "$1", "\u00e4",
	"\u20ac", "\ud83d\ude00", "\u0000", "\u001b", "\ufeff", "\ufffe", "__proto__", "<x>", "\\u0022", "&#34;", "%00",
]; // prettier-ignore
const anyText = fc.oneof(
	fc
		.array(fc.oneof(fc.constantFrom(...trouble), fc.string({ unit: "binary", maxLength: 4 })), { maxLength: 8 })
		.map((all) => all.join("").toWellFormed()),
	fc.string({ unit: "grapheme", maxLength: 30 }).map((text) => text.toWellFormed()),
);
const charset = fc.constantFrom<Charset>("utf-8", "iso-8859-1");
const seed = 20261124;
const runs = { numRuns: 3000, seed };

/** The text as the reader finds it, or undefined where the connector made no request. */
function sent(template: Template, text: string, set: Charset): string | undefined {
	const rendered = render(template, valuesOf(text), set);
	return rendered.ok ? rendered.text : undefined;
}

function latin1(text: string): boolean {
	return Array.from(text).every((letter) => (letter.codePointAt(0) ?? 0) <= 0xff);
}

/** `decodeURIComponent` of the bytes of ISO-8859-1. */
function fromLatin1(text: string): string {
	return unescapeBytes(text).toString("latin1");
}

function unescapeBytes(text: string): Buffer {
	return Buffer.from(
		text
			.replaceAll("+", " ")
			.replaceAll(/%(..)/g, (_, digits: string) => Buffer.from(digits, "hex").toString("latin1")),
		"latin1",
	);
}

test("a value in a query or a form is one parameter with this value", () => {
	for (const [source, kind] of [
		["https://h.example/send?a=1&t={{text}}&pre={{text}}x&z=9", "url"],
		["a=1&t={{text}}&pre={{text}}x&z=9", "form"],
	] as const) {
		const template = templateOf(source, kind);
		fc.assert(
			fc.property(anyText, charset, (text, set) => {
				const written = sent(template, text, set);
				if (written === undefined) {
					assert.ok(set === "iso-8859-1" && !latin1(text), "only a foreign character may be refused");
					return;
				}
				const url = kind === "url" ? new URL(written) : undefined;
				assert.ok(url === undefined || (url.host === "h.example" && url.pathname === "/send" && url.hash === ""));
				const query = url === undefined ? written : url.search.slice(1);
				const decoded = parseQuery(query, "&", "=", {
					decodeURIComponent: set === "utf-8" ? decodeURIComponent : fromLatin1,
				});
				assert.deepEqual({ ...decoded }, { a: "1", t: text, pre: `${text}x`, z: "9" });
				if (set === "utf-8") {
					assert.deepEqual(
						[...new URLSearchParams(query)],
						[
							["a", "1"],
							["t", text],
							["pre", `${text}x`],
							["z", "9"],
						],
					);
				}
			}),
			runs,
		);
	}
});

test("a value in a path is one step of it, or there is no request", () => {
	const template = templateOf("https://h.example/v1/{{to}}/send/{{from}}?x=1", "url");
	fc.assert(
		fc.property(anyText, (text) => {
			const written = sent(template, text, "utf-8");
			if (written === undefined) {
				assert.match(text, /^\.*$/, "only an empty step and dots may be refused");
				return;
			}
			const url = new URL(written);
			const steps = url.pathname.split("/").map(decodeURIComponent);
			assert.deepEqual(
				[url.host, url.search, url.hash, ...steps],
				["h.example", "?x=1", "", "", "v1", text, "send", text],
			);
		}),
		runs,
	);
});

test("a value in JSON is one text at its place", () => {
	const template = templateOf('{"t": "{{text}}", "l": ["a{{ text }}b", {"n": 1}], "z": null}', "json");
	fc.assert(
		fc.property(anyText, charset, (text, set) => {
			const written = sent(template, text, set) ?? "";
			const bytes = Buffer.from(written, set === "utf-8" ? "utf8" : "latin1");
			const read = JSON.parse(bytes.toString(set === "utf-8" ? "utf8" : "latin1")) as unknown;
			assert.deepEqual(read, { t: text, l: [`a${text}b`, { n: 1 }], z: null });
		}),
		runs,
	);
});

const xmlReader = new XMLParser({
	ignoreAttributes: false,
	attributeNamePrefix: "@",
	parseTagValue: false,
	parseAttributeValue: false,
	trimValues: false,
	htmlEntities: true,
});

/** XML 1.0 section 2.2. */
function isXmlText(text: string): boolean {
	return Array.from(text).every((letter) => {
		const code = letter.codePointAt(0) ?? 0;
		return (
			[9, 10, 13].includes(code) ||
			(code >= 0x20 && code <= 0xd7ff) ||
			(code >= 0xe000 && code <= 0xfffd) ||
			code >= 0x10000
		);
	});
}

test("a value in XML is the text of its element or attribute, or there is no request", () => {
	const template = templateOf(
		`<?xml version="1.0"?><m a="{{text}}" b='x{{text}}y'><t>{{text}}</t><n>1</n><!-- no --><u>a{{text}}b</u></m>`,
		"xml",
	);
	fc.assert(
		fc.property(anyText, charset, (text, set) => {
			const written = sent(template, text, set);
			if (written === undefined) {
				assert.ok(!isXmlText(text), "only what XML does not have may be refused");
				return;
			}
			const bytes = Buffer.from(written, set === "utf-8" ? "utf8" : "latin1");
			const read = xmlReader.parse(bytes.toString(set === "utf-8" ? "utf8" : "latin1")) as Record<string, unknown>;
			assert.deepEqual(read["m"], { "@a": text, "@b": `x${text}y`, t: text, n: "1", u: `a${text}b` });
			assert.doesNotMatch(
				written.slice(written.indexOf("<t>")),
				/[\r\t]/,
				"what a parser would normalise is a reference",
			);
		}),
		runs,
	);
});

test("a value in a header is that line, or there is no request", () => {
	const template = templateOf("{{from}}", "header");
	fc.assert(
		fc.property(anyText, (text) => {
			const written = sent(template, text, "utf-8");
			if (written === undefined) {
				assert.ok(!/^[\x20-\x7e]*$/.test(text) || text !== text.trim());
				return;
			}
			assert.equal(new Headers({ "x-from": written }).get("x-from"), text);
			assert.doesNotMatch(written, /[\r\n\0]/);
		}),
		runs,
	);
});

test("a plain text is the text", () => {
	const template = templateOf("{{text}}", "text");
	fc.assert(
		fc.property(anyText, charset, (text, set) => {
			const written = sent(template, text, set);
			assert.equal(written, set === "iso-8859-1" && !latin1(text) ? undefined : text);
		}),
		runs,
	);
});

const wrong: readonly (readonly [kind: Kind, source: string, says: RegExp])[] = [
	["form", "t={{tekst}}", /^has a placeholder \{\{tekst\}\}, which does not exist; there are \{\{text\}\}/],
	["form", "t={{}}", /^has a placeholder without a name/],
	["form", "t={{text", /^opens a placeholder with \{\{ that is not closed/],
	["form", "t={{text}", /^opens a placeholder/],
	["form", "t={{text|raw}}", /^opens a placeholder/],
	["form", "t={{{text}}}", /^opens a placeholder|must be written as/],
	["form", "t=text}}", /^closes a placeholder/],
	["form", "t={text}", /^must be written as name=value/],
	["form", "t=a b", /^must be written as name=value/],
	["form", "t=%2", /^must be written as name=value/],
	["form", "t=%{{text}}", /^must be written as name=value/],
	["form", "{{text}}", /^has a placeholder that is not the value/],
	["form", "a=1&{{text}}=2", /^has a placeholder that is not the value/],
	["form", "t={{basic}}", /^has \{\{basic\}\} in the wrong place: it belongs into the header Authorization\.$/],
	["url", "{{to}}", /^must begin with https/],
	["url", "https://{{to}}/send", /^must begin with https/],
	["url", "https://sms{{to}}.example/send", /^has a placeholder that touches the host/],
	["url", "https://h.example{{to}}", /^has a placeholder that touches the host/],
	["url", "https://h.example:80{{to}}", /^has a placeholder that touches the host/],
	["url", "https://h.example/a/../{{to}}", /^has steps such as/],
	["url", "https://h.example/%2e%2e/{{to}}", /^has steps such as/],
	["url", "https://h.example/{{text}}", /^has \{\{text\}\} in the wrong place/],
	["url", "https://h.example/{{password}}", /^has \{\{password\}\} in the wrong place: it may stand in a header/],
	["url", "https://h.example/s?{{text}}", /^has a placeholder that is not the value/],
	["url", "https://h.example/s#{{text}}", /^must begin with https/],
	["url", "ftp://h.example/s", /^must begin with https/],
	["json", '{"t": {{text}}}', /^has a placeholder outside of a JSON text/],
	["json", '{"{{text}}": 1}', /^has a placeholder in the name of a JSON field/],
	["json", '{"t": "\\{{text}}"}', /^is no valid JSON/],
	["json", '{"t": "\\u{{text}}"}', /^is no valid JSON/],
	["json", '{"t": "{{text}}"', /^is no valid JSON/],
	["json", "[".repeat(60) + "]".repeat(60), /^is nested too deeply/],
	["xml", "<m>{{text}}", /^is no well-formed XML/],
	["xml", "<m><{{text}}/></m>", /^is no well-formed XML|has a placeholder in a tag/],
	["xml", '<m {{text}}="1"/>', /^is no well-formed XML|has a placeholder in a tag/],
	["xml", "<m><!-- {{text}} --></m>", /^has a placeholder in a tag, a comment or CDATA/],
	["xml", "<m><![CDATA[{{text}}]]></m>", /^has a placeholder in a tag, a comment or CDATA/],
	["xml", '<m><!-- " --><t a="{{text}}"/><!-- "{{text}}" --></m>', /^has a placeholder in a tag, a comment or CDATA/],
	["xml", "<?pi {{text}}?><m/>", /^is no well-formed XML|has a placeholder in a tag/],
	["xml", "<!DOCTYPE m><m>{{text}}</m>", /^is no well-formed XML/],
	["xml", "<m>&{{text}};</m>", /^has an & that is no entity/],
	["xml", "<m>a & b</m>", /^is no well-formed XML|has an & that is no entity/],
	["header", "a\r\nX-Other: {{from}}", /^must be plain ASCII/],
	["header", "ü {{from}}", /^must be plain ASCII/],
	["header", "{{text}}", /^has \{\{text\}\} in the wrong place/],
	["text", "To {{to}}: {{text}}", /^must be \{\{text\}\} or \{\{textHexUcs2\}\} alone/],
	["text", "{{to}}", /^has \{\{to\}\} in the wrong place/],
	["form", "t=\ue000", /^holds a character that cannot be sent/],
	["form", "t=\ud800", /^holds a character that cannot be sent/],
];

test("a broken template is told by its rule, and never repeated", () => {
	for (const [kind, source, says] of wrong) {
		const read = readTemplate(source, kind);
		assert.ok(!read.ok, `${kind} ${source}`);
		assert.match(read.message, says, `${kind} ${source}`);
		assert.match(read.message, /^[a-z].+\.$/);
	}
});

test("whatever an administrator enters is read or refused, and what is read sends texts unharmed", () => {
	const piece = fc.oneof(
		fc.constantFrom(
			"{{text}}",
			"{{ text }}",
			"{{",
			"}}",
			"<a>",
			"</a>",
			"<a b='",
			"'/>",
			'"',
			"{",
			"}",
			"[",
			"]",
			":",
			",",
			"=",
			"&",
			"&amp;",
			"%26",
			"%",
			"x",
			"<!--",
			"-->",
			"<![CDATA[",
			"]]>",
			"\\",
			" ",
		),
		fc.string({ maxLength: 2 }),
	);
	const inside = fc.array(piece, { maxLength: 6 }).map((all) => all.join(""));
	const around: Readonly<Record<"form" | "json" | "xml", readonly (readonly [string, string])[]>> = {
		form: [
			["a=1&t={{text}}", ""],
			["t=", "&z=1"],
			["", ""],
		],
		json: [
			['{"t": "{{text}}', '"}'],
			['["{{text}}", ', ' "x"]'],
			["", ""],
		],
		xml: [
			["<m>{{text}}", "</m>"],
			['<m a="{{text}}', '">x</m>'],
			["<m ", ">{{text}}</m>"],
		],
	};
	const entry = fc.constantFrom("form" as const, "json" as const, "xml" as const).chain((kind) =>
		fc.tuple(fc.constant(kind), fc.constantFrom(...around[kind]), inside).map(([, [before, behind], middle]) => ({
			kind,
			entered: before + middle + behind,
		})),
	);
	let usable = 0;
	fc.assert(
		fc.property(entry, anyText, ({ kind, entered }, text) => {
			const read = readTemplate(entered, kind);
			if (!read.ok || !read.template.some((one) => typeof one !== "string")) {
				return;
			}
			const [plain, written] = ["x", `x${text}`].map((value) => sent(read.template, value, "utf-8"));
			if (written !== undefined && plain !== undefined) {
				usable += 1;
				assert.deepEqual(shapeOf(written, kind), shapeOf(plain, kind));
			}
		}),
		{ numRuns: 20_000, seed },
	);
	assert.ok(usable > 1000, `only ${usable} templates could be used: the test proves nothing`);
});

/** Names and nesting, with every text replaced by a dash. */
function shapeOf(body: string, kind: "form" | "json" | "xml"): unknown {
	if (kind === "form") {
		return [...new URLSearchParams(body)].map(([name]) => name);
	}
	const blind = (value: unknown): unknown => {
		if (typeof value !== "object" || value === null) {
			return "-";
		}
		return Array.isArray(value)
			? value.map(blind)
			: Object.fromEntries(Object.entries(value).map(([name, one]) => [name, blind(one)]));
	};
	return blind(kind === "json" ? (JSON.parse(body) as unknown) : (xmlReader.parse(body) as unknown));
}
