// The GSM 7 bit default alphabet with its extension (3GPP TS 23.038 section 6.2.1), one septet in an octet, as SMPP carries
// it. What the alphabet does not have is not written; what the table does not know is read as U+FFFD.

// The place of the escape, 0x1B, is held by U+0000, which no text that we keep has.
const basic =
	"@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\u0000ÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
const extension: Readonly<Record<string, number>> = {
	"\f": 0x0a,
	"^": 0x14,
	"{": 0x28,
	"}": 0x29,
	"\\": 0x2f,
	"[": 0x3c,
	"~": 0x3d,
	"]": 0x3e,
	"|": 0x40,
	"€": 0x65,
};
const escape = 0x1b;

const septetsOf: ReadonlyMap<string, readonly number[]> = new Map([
	...Array.from(basic, (character, septet): [string, readonly number[]] => [character, [septet]]).filter(
		([, [septet]]) => septet !== escape,
	),
	...Object.entries(extension).map(([character, septet]): [string, readonly number[]] => [character, [escape, septet]]),
]);
const extended: ReadonlyMap<number, string> = new Map(
	Object.entries(extension).map(([character, septet]) => [septet, character]),
);

/** Undefined: a character of the text is not in the alphabet. */
export function toGsm7(text: string): Uint8Array | undefined {
	const septets: number[] = [];
	for (const character of text) {
		const own = septetsOf.get(character);
		if (own === undefined) {
			return undefined;
		}
		septets.push(...own);
	}
	return Uint8Array.from(septets);
}

/** An escape before a septet that has no second meaning is a space, as the standard has it; a last one is nothing. */
export function fromGsm7(septets: Uint8Array): string {
	let text = "";
	let isEscaped = false;
	for (const septet of septets) {
		if (septet === escape && !isEscaped) {
			isEscaped = true;
			continue;
		}
		text += isEscaped ? (extended.get(septet) ?? ` ${basic[septet] ?? "\ufffd"}`) : (basic[septet] ?? "\ufffd");
		isEscaped = false;
	}
	return text.replaceAll("\u0000", " ");
}
