// Templates with placeholders such as {{to}}, read once and judged by where each placeholder stands. What is read here
// cannot be led astray later: the literal text around a placeholder is complete in itself, and `encoding.ts` puts a value in
// so that it stays one value. Pure.

import { readXml } from "../kit/xml.ts";

export const placeholders = [
	"text",
	"textHexUcs2",
	"to",
	"toNoPlus",
	"to00",
	"from",
	"fromNoPlus",
	"from00",
	"id",
	"encoding",
	"dlrUrl",
	"user",
	"password",
	"basic",
] as const;
export type Placeholder = (typeof placeholders)[number];

/** Where a placeholder stands; it decides how its value is written. */
export type Position = "path" | "query" | "form" | "json" | "xmlText" | "xmlAttribute" | "header" | "text";
export type Piece = string | { placeholder: Placeholder; position: Position };
export type Template = readonly Piece[];

export type TemplateReading = { ok: true; template: Template } | { ok: false; message: string };
type Kind = "url" | "form" | "json" | "xml" | "text" | "header";

/** The message completes "Service Connection …", "The body …". Texts of the template are never quoted, only names. */
export function readTemplate(source: string, kind: Kind): TemplateReading {
	const split = splitUp(source, kind === "json");
	if (typeof split === "string") {
		return { ok: false, message: split };
	}
	const places = rules[kind](split.marked);
	if (typeof places === "string") {
		return { ok: false, message: places };
	}
	const misplaced = split.names.find((name, index) => !fits(name, places[index] ?? "text"));
	if (misplaced !== undefined) {
		return { ok: false, message: notHere(misplaced) };
	}
	return { ok: true, template: toTemplate(split, places) };
}

export function placeholdersIn(template: Template): readonly Placeholder[] {
	return template.flatMap((piece) => (typeof piece === "string" ? [] : [piece.placeholder]));
}

/** Stands for a placeholder while the text around it is judged; of Unicode's private use, so nobody means it. */
const mark = "\uE000";
const marks = /\uE000/g;

type Split = { marked: string; names: readonly Placeholder[] };

function splitUp(source: string, isJson: boolean): Split | string {
	if (!source.isWellFormed() || source.includes(mark)) {
		return "holds a character that cannot be sent; enter it again.";
	}
	const names = [...source.matchAll(/\{\{\s*(\w*)\s*\}\}/g)].map(([, name = ""]) => name);
	const strange = names.find((name) => !isPlaceholder(name));
	if (strange !== undefined) {
		const named = strange === "" ? "without a name" : `{{${strange.slice(0, 30)}}}, which does not exist`;
		return `has a placeholder ${named}; there are ${placeholders.map((name) => `{{${name}}}`).join(", ")}.`;
	}
	const marked = source.replaceAll(/\{\{\s*\w*\s*\}\}/g, mark);
	if (marked.includes("{{")) {
		return "opens a placeholder with {{ that is not closed by }}, or that has more than a name inside.";
	}
	return marked.includes("}}") && !isJson
		? "closes a placeholder with }} that was not opened by {{."
		: { marked, names: names.filter(isPlaceholder) };
}

function isPlaceholder(name: string): name is Placeholder {
	return (placeholders as readonly string[]).includes(name);
}

function toTemplate({ marked, names }: Split, places: readonly Position[]): Template {
	const literals = marked.split(mark);
	return literals.flatMap((literal, index): Piece[] => {
		const [placeholder, position] = [names[index], places[index]];
		const named = placeholder === undefined || position === undefined ? [] : [{ placeholder, position }];
		return literal === "" ? named : [literal, ...named];
	});
}

const inPaths: readonly Placeholder[] = ["to", "toNoPlus", "to00", "from", "fromNoPlus", "from00", "id", "user"];

/** A path and a header carry no text of a message; credentials that are written together belong into their header. */
function fits(name: Placeholder, position: Position): boolean {
	switch (position) {
		case "path":
			return inPaths.includes(name);
		case "header":
			return name !== "text";
		case "text":
			return ["text", "textHexUcs2"].includes(name);
		case "query":
		case "form":
		case "json":
		case "xmlText":
		case "xmlAttribute":
			return name !== "basic";
	}
}

function notHere(name: Placeholder): string {
	const where: Partial<Record<Placeholder, string>> = {
		basic: "it belongs into the header Authorization",
		password: "it may stand in a header, in the body or behind a = in the query",
	};
	return `has {{${name}}} in the wrong place: ${where[name] ?? "put it into the body or behind a = in the query"}.`;
}

/** The position of each mark, or the rule that is broken. */
type Rule = (marked: string) => readonly Position[] | string;

const rules: Readonly<Record<Kind, Rule>> = {
	url: positionsInUrl,
	form: (marked) => positionsInPairs(marked, "form"),
	json: positionsInJson,
	xml: positionsInXml,
	text: (marked) =>
		marked === mark
			? ["text"]
			: "must be {{text}} or {{textHexUcs2}} alone: in a plain text nothing tells a value from what is around it.",
	header: positionsInHeader,
};

function countOf(marked: string): number {
	return marked.match(marks)?.length ?? 0;
}

function all(position: Position, marked: string): readonly Position[] {
	return Array.from({ length: countOf(marked) }, () => position);
}

const urlLiteral = /^[A-Za-z0-9\-._~:/?@!$&'()*+,;=%\uE000]*$/;

function brokenEscape(marked: string): boolean {
	return /%(?![0-9A-Fa-f]{2})/.test(marked);
}

function positionsInUrl(marked: string): readonly Position[] | string {
	const [, origin, path = "", query] = /^(https?:\/\/[^/?#\uE000]+)([^?#]*)(?:\?([^#]*))?$/i.exec(marked) ?? [];
	if (origin === undefined) {
		return "must begin with https:// and a host; placeholders may only follow behind the host.";
	}
	const wrong = wrongPath(origin, path);
	const rest = query === undefined ? [] : positionsInPairs(query, "query");
	return wrong ?? (typeof rest === "string" ? rest : [...all("path", path), ...rest]);
}

function wrongPath(origin: string, path: string): string | undefined {
	if (path.startsWith(mark)) {
		return "has a placeholder that touches the host; put a / before it.";
	}
	if (!urlLiteral.test(path) || brokenEscape(path)) {
		return "has a sign in its path that a web address must write as %XX.";
	}
	const sample = path.replaceAll(mark, "x");
	return path === "" || URL.parse(origin + sample)?.pathname === sample
		? undefined
		: "has steps such as /../ in its path; write it without them.";
}

/** `name=value&name=value`, escaped as it is sent. Names are the administrator's, values may be placeholders. */
function positionsInPairs(marked: string, position: "query" | "form"): readonly Position[] | string {
	const pairs = marked.split("&");
	if (pairs.some((pair) => (pair.split("=")[0] ?? "").includes(mark))) {
		return "has a placeholder that is not the value behind a name and a =; write name={{text}}.";
	}
	return !urlLiteral.test(marked) || brokenEscape(marked)
		? "must be written as name=value&name=value, with other signs and spaces as %XX."
		: all(position, marked);
}

function positionsInJson(marked: string): readonly Position[] | string {
	// A mark outside of a string is no JSON either, but deserves its own sentence.
	const outside = marked.replaceAll(/"(?:[^"\\]|\\.)*"/gs, "");
	if (outside.includes(mark)) {
		return 'has a placeholder outside of a JSON text; put it between quotes, as in {"text": "{{text}}"}.';
	}
	if (depthOf(outside) > nestingMax) {
		return "is nested too deeply to be the body of a short message.";
	}
	try {
		return hasMarkedName(JSON.parse(marked) as unknown)
			? "has a placeholder in the name of a JSON field; only values may be placeholders."
			: all("json", marked);
	} catch (error) {
		if (error instanceof SyntaxError) {
			return "is no valid JSON; check its quotes, commas and brackets.";
		}
		throw error;
	}
}

const nestingMax = 50;

function depthOf(brackets: string): number {
	let [depth, deepest] = [0, 0];
	for (const [sign] of brackets.matchAll(/[[\]{}]/g)) {
		depth += "[{".includes(sign) ? 1 : -1;
		deepest = Math.max(deepest, depth);
	}
	return deepest;
}

function hasMarkedName(value: unknown): boolean {
	return typeof value === "object" && value !== null
		? Object.entries(value).some(([name, inner]) => name.includes(mark) || hasMarkedName(inner))
		: false;
}

const xmlToken = /<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>|<(?:[^<>"']|"[^"]*"|'[^']*')*>|[^<]+|</gs;

function positionsInXml(marked: string): readonly Position[] | string {
	if (/&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9A-Fa-f]{1,6});)/.test(marked)) {
		return "has an & that is no entity of XML; write &amp; for the sign.";
	}
	if (readXml(marked) === undefined) {
		return "is no well-formed XML with one root element and without a document type.";
	}
	const positions: Position[] = [];
	for (const [token] of marked.matchAll(xmlToken)) {
		const isTag = token.startsWith("<");
		if (isTag && withoutQuoted(token).includes(mark)) {
			return "has a placeholder in a tag, a comment or CDATA; it may stand between tags or in a quoted attribute.";
		}
		positions.push(...all(isTag ? "xmlAttribute" : "xmlText", token));
	}
	return positions;
}

function withoutQuoted(token: string): string {
	return /^<[!?]/.test(token) ? token : token.replaceAll(/"[^"]*"|'[^']*'/g, "");
}

function positionsInHeader(marked: string): readonly Position[] | string {
	return /^[\x20-\x7e\uE000]*$/.test(marked) ? all("header", marked) : "must be plain ASCII in one line.";
}
