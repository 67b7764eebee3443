// How a value is written at its position, so that whoever reads the request gets exactly this value there and nothing else
// changes: percent-encoding in the URL and in forms, escapes in JSON and XML, one line in a header. A value that cannot be
// written at its position makes no request at all. Pure.

import type { Placeholder, Position, Template } from "./template.ts";

export type Charset = "utf-8" | "iso-8859-1";
export type Values = Readonly<Record<Placeholder, string>>;

/** `unfit`: the placeholder whose value cannot be written where it stands. */
export type Rendered = { ok: true; text: string } | { ok: false; unfit: Placeholder };

export function render(template: Template, values: Values, charset: Charset): Rendered {
	const written: string[] = [];
	for (const piece of template) {
		const text = typeof piece === "string" ? piece : encoded(values[piece.placeholder], piece.position, charset);
		if (text === undefined) {
			return { ok: false, unfit: typeof piece === "string" ? "text" : piece.placeholder };
		}
		written.push(text);
	}
	return { ok: true, text: written.join("") };
}

type Encoder = (value: string, charset: Charset) => string | undefined;

const encoders: Readonly<Record<Position, Encoder>> = {
	path: (value, charset) => (isStep(value) ? percentEncoded(value, charset) : undefined),
	query: percentEncoded,
	form: percentEncoded,
	json: jsonEscaped,
	xmlText: xmlEscaped,
	xmlAttribute: xmlEscaped,
	header: (value) => (/^(?:[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?)?$/.test(value) ? value : undefined),
	text: (value, charset) => (charset === "utf-8" || isLatin1(value) ? value : undefined),
};

/** Undefined: it cannot be written there. */
export function encoded(value: string, position: Position, charset: Charset): string | undefined {
	return encoders[position](value, charset);
}

/** An empty step and steps of dots only would move the rest of the path, whatever way they are escaped. */
function isStep(value: string): boolean {
	return /[^.]/.test(value);
}

function isLatin1(text: string): boolean {
	return !/[\u0100-\uffff]/.test(text);
}

/** A space as %20, which forms read as well as URLs do. In UTF-8 it is the spelling that the trace hides secrets by. */
function percentEncoded(value: string, charset: Charset): string | undefined {
	if (charset === "utf-8") {
		return encodeURIComponent(value.toWellFormed());
	}
	return isLatin1(value)
		? value.replaceAll(
				/[^A-Za-z0-9\-._~]/g,
				(sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
			)
		: undefined;
}

function jsonEscaped(value: string, charset: Charset): string {
	const escaped = JSON.stringify(value).slice(1, -1);
	return charset === "utf-8"
		? escaped
		: escaped.replaceAll(/[^\u0020-\u007e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

// XML 1.0 section 2.2: no other characters exist, not even as references.
const notXml = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;

/** Line ends and tabs as references: a parser makes other ones of them, and spaces in attributes (sections 2.11, 3.3.3). */
function xmlEscaped(value: string, charset: Charset): string | undefined {
	const special = charset === "utf-8" ? /[&<>"'\t\n\r]/gu : /[&<>"'\t\n\r]|[^\u0020-\u007e]/gu;
	return notXml.test(value) ? undefined : value.replaceAll(special, (sign) => `&#${sign.codePointAt(0) ?? 0};`);
}
