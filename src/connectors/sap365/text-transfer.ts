// How a text travels: the coding (DCS) that is named for it, and its writing in one line of the push body or in a call of
// the provider. Which writing goes with which coding is not public, so both are settings (README.md).

import { isGsm7 } from "#domain/text-splitting.ts";
import type { Settings } from "./settings.ts";

type Transfer = Settings["gsmTransfer"];
export type Written = { dcs: "7b" | Settings["unicodeCoding"]; text: string };

/** Whether the text goes out as 7b. A letter that the character set of the request lacks makes it Unicode. */
export function isPlain(text: string, charset: Settings["charset"]): boolean {
	return isGsm7(text) && (charset === "utf-8" || isLatin1(text));
}

function isLatin1(text: string): boolean {
	return Array.from(text).every((character) => character.charCodeAt(0) <= 0xff);
}

/** One line for the push body. */
export function toWritten(text: string, settings: Settings): Written {
	const { charset, gsmTransfer, unicodeCoding, unicodeTransfer, lineBreak } = settings;
	return isPlain(text, charset)
		? { dcs: "7b", text: written(text, bytesOf(text, charset), gsmTransfer, lineBreak) }
		: { dcs: unicodeCoding, text: written(text, bytesOf(text, unicodeCoding), unicodeTransfer, lineBreak) };
}

function written(text: string, bytes: Buffer, transfer: Transfer, lineBreak: Settings["lineBreak"]): string {
	switch (transfer) {
		case "raw":
			return inOneLine(text, lineBreak);
		case "hex":
			return bytes.toString("hex").toUpperCase();
		case "base64":
			return bytes.toString("base64");
	}
}

/** A raw line break would end the text, and what follows it would be read as a field. */
function inOneLine(text: string, lineBreak: Settings["lineBreak"]): string {
	return text
		.replaceAll(/\r\n?|[\n\v\f\u0085\u2028\u2029]/g, lineBreak === "token" ? "<LF>" : " - ")
		.replaceAll(/\p{Cc}/gu, " ");
}

function bytesOf(text: string, coding: Settings["charset"] | Settings["unicodeCoding"]): Buffer {
	switch (coding) {
		case "iso-8859-1":
			return Buffer.from(text, "latin1");
		case "UCS2":
			return Buffer.from(text, "utf16le").swap16(); // The high byte first.
		case "utf-8":
		case "UTF8":
			return Buffer.from(text, "utf8");
	}
}

/** The codings that Live Link 365 lists. `8b` is bytes for a program, and stays as it came. */
const labels = new Map([
	["UTF8", "utf-8"],
	["UCS2", "utf-16be"],
	["BIG5", "big5"],
	["GB2312", "gb18030"],
	["8859-7", "iso-8859-7"],
]);

/** A text of a contact. What is not written as the settings say was not written at all: it stays as it came. */
export function fromWritten(text: string, dcs: string, transfer: Settings["incomingUnicode"]): string {
	const label = labels.get(dcs.trim().toUpperCase().replaceAll(/[_ ]/g, "").replace("UTF-8", "UTF8"));
	const bytes = label === undefined || transfer === "raw" ? undefined : bytesIn(text.trim(), transfer);
	const read = bytes === undefined || label === undefined ? undefined : decoded(bytes, label);
	return (read ?? text).toWellFormed();
}

function bytesIn(text: string, transfer: "hex" | "base64"): Buffer | undefined {
	const shape = transfer === "hex" ? /^(?:[0-9A-Fa-f]{2})+$/ : /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2,3}={0,2})?$/;
	return text !== "" && shape.test(text) ? Buffer.from(text, transfer) : undefined;
}

function decoded(bytes: Uint8Array, label: string): string | undefined {
	try {
		return new TextDecoder(label, { fatal: true, ignoreBOM: false }).decode(bytes);
	} catch (error) {
		if (error instanceof TypeError) {
			return undefined; // Bytes that this coding does not have.
		}
		throw error;
	}
}
