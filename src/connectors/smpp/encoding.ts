// Texts as octets under a data_coding (SMPP v3.4 section 5.2.19). Going out the coding is chosen here: the provider's default
// alphabet when it has every character, else UCS-2. Latin 1 is never asked for by its own number, because many providers
// turn it into question marks.

import { fromGsm7, toGsm7 } from "../kit/gsm7.ts";

/** What data_coding 0 means at the provider. */
export type DefaultAlphabet = "gsm7" | "latin1";

export type Encoded = { dataCoding: number; octets: Uint8Array };

const ucs2 = 8;

export function encodeText(text: string, alphabet: DefaultAlphabet): Encoded {
	const octets = alphabet === "gsm7" ? toGsm7(text) : toLatin1(text);
	return octets === undefined ? { dataCoding: ucs2, octets: toUcs2(text) } : { dataCoding: 0, octets };
}

function toLatin1(text: string): Uint8Array | undefined {
	return /[\u0100-\uffff]/.test(text) ? undefined : Buffer.from(text, "latin1");
}

/** Big-endian, with surrogate pairs as they are: what telephones make of them. */
function toUcs2(text: string): Uint8Array {
	return Buffer.from(text, "utf16le").swap16();
}

/** Undefined: the octets are no text. */
export function decodeText(octets: Uint8Array, dataCoding: number, alphabet: DefaultAlphabet): string | undefined {
	const plain = ofMessageClass(dataCoding) ?? dataCoding;
	if (plain === 0) {
		return alphabet === "gsm7" ? fromGsm7(octets) : Buffer.from(octets).toString("latin1");
	}
	const charset = charsets.get(plain);
	return charset === undefined ? undefined : new TextDecoder(charset).decode(octets);
}

/** 3GPP TS 23.038 section 4: 1111 and a class; bit 2 says 8-bit data. */
function ofMessageClass(dataCoding: number): number | undefined {
	if ((dataCoding & 0xf0) !== 0xf0) {
		return undefined;
	}
	return (dataCoding & 0x04) === 0 ? 0 : 4;
}

const charsets: ReadonlyMap<number, string> = new Map([
	[1, "latin1"], // IA5, of which Latin 1 has every character at the same place.
	[3, "latin1"],
	[6, "iso-8859-5"],
	[7, "iso-8859-8"],
	[ucs2, "utf-16be"],
]);
