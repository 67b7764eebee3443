// The text of an e-mail out of its HTML, for people to read as text: tags go, what is never shown goes with its content,
// blocks become lines, references become characters. One pass, bounded; the result is text and has to be escaped like any.

import { cut } from "../kit/facts.ts";

const htmlCharactersMax = 500_000; // Ours: whatever is behind it is quoted mail or a picture.
const textCharactersMax = 60_000;

const lineTags: ReadonlySet<string> = new Set(
	"address article blockquote br dd div dl dt footer h1 h2 h3 h4 h5 h6 header hr li ol p pre section table tr ul".split(
		" ",
	),
);
const silentTags: ReadonlySet<string> = new Set(
	"head script style title template noscript iframe object svg".split(" "),
);

const characters: Readonly<Record<string, string>> = {
	amp: "&",
	apos: "'",
	copy: "©",
	euro: "€",
	gt: ">",
	hellip: "…",
	laquo: "«",
	ldquo: "“",
	lsquo: "‘",
	lt: "<",
	mdash: "—",
	nbsp: " ",
	ndash: "–",
	quot: '"',
	raquo: "»",
	rdquo: "”",
	rsquo: "’",
	auml: "ä",
	ouml: "ö",
	uuml: "ü",
	Auml: "Ä",
	Ouml: "Ö",
	Uuml: "Ü",
	szlig: "ß",
};

/** Plain text stays as it is, but for its bounds and control characters. */
export function readableText(source: string): string {
	const bounded = cut(source, htmlCharactersMax);
	const isHtml = /<(?:!doctype|html|body|head|p|div|br|span|table|a|b|i|font|style)(?=[\s/>])/i.test(bounded);
	const text = isHtml ? textOfHtml(bounded) : bounded.replaceAll(/\r\n?/g, "\n");
	// The others have no meaning in a text, and a database may refuse them.
	return cut(text.replaceAll(/[^\P{Cc}\n\t]/gu, "").trim(), textCharactersMax);
}

type Tag = { name: string; isEnd: boolean; end: number };

function textOfHtml(html: string): string {
	const pieces: string[] = [];
	let at = 0;
	while (at < html.length) {
		const open = html.indexOf("<", at);
		const tag = open === -1 ? undefined : tagAt(html, open);
		const end = open === -1 ? html.length : tag === undefined ? open + 1 : open;
		pieces.push(html.slice(at, end).replaceAll(/[\s\u00a0]+/g, " "));
		if (tag === undefined) {
			at = end;
			continue;
		}
		at = silentTags.has(tag.name) && !tag.isEnd ? behindEnd(html, tag) : tag.end;
		pieces.push(lineTags.has(tag.name) ? "\n" : tag.name === "td" && tag.isEnd ? " " : "");
	}
	// Line by line: a pattern for spaces around a line end would try each space of a long run anew.
	const lines = decoded(pieces.join("")).split("\n");
	return lines
		.map((line) => line.trim())
		.join("\n")
		.replaceAll(/\n{3,}/g, "\n\n");
}

/** Undefined: a `<` that begins no tag is a sign like others (HTML, section 13.2.5.6). */
function tagAt(html: string, open: number): Tag | undefined {
	if (html.startsWith("<!--", open)) {
		const close = html.indexOf("-->", open + 4);
		return { name: "", isEnd: false, end: close === -1 ? html.length : close + 3 };
	}
	const start = /^<(\/?)([a-z][a-z0-9:-]{0,30})|^<[!?]/i.exec(html.slice(open, open + 40));
	if (start === null) {
		return undefined;
	}
	return { name: (start[2] ?? "").toLowerCase(), isEnd: start[1] === "/", end: behindTag(html, open + 1) };
}

/** Behind the `>` that is in no quoted value. */
function behindTag(html: string, from: number): number {
	let quote = "";
	for (let at = from; at < html.length; at++) {
		const sign = html[at] ?? "";
		if (quote !== "") {
			quote = sign === quote ? "" : quote;
		} else if (sign === ">") {
			return at + 1;
		} else if ((sign === '"' || sign === "'") && html[at - 1] === "=") {
			quote = sign;
		}
	}
	return html.length;
}

/** What stands in it is no text, even if it looks like tags. Without an end, nothing behind it is shown. */
function behindEnd(html: string, { name, end }: Tag): number {
	const rest = new RegExp(`</${name}(?=[\\s/>])`, "gi");
	rest.lastIndex = end;
	const found = rest.exec(html);
	return found === null ? html.length : behindTag(html, found.index + 1);
}

function decoded(text: string): string {
	return text.replaceAll(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,8}));/gi, (whole, decimal, hex, name) => {
		if (typeof name === "string") {
			return Object.hasOwn(characters, name) ? (characters[name] ?? whole) : whole;
		}
		const code = typeof decimal === "string" ? Number(decimal) : Number.parseInt(String(hex), 16);
		return code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) ? String.fromCodePoint(code) : "";
	});
}
