// Bytes that are no text, as people read them: where they stand, their hexadecimal digits, and what of them is a letter.

const perLine = 16;

/** @param bytesMax what is beyond is left out: nobody reads it on a screen */
export function hexLines(bytes: Uint8Array, bytesMax = 4096): readonly string[] {
	const shown = bytes.subarray(0, bytesMax);
	return Array.from({ length: Math.ceil(shown.length / perLine) }, (_, line) => {
		const at = line * perLine;
		const some = Array.from(shown.subarray(at, at + perLine));
		const digits = some.map((byte) => toHex(byte, 2)).join(" ");
		return `${toHex(at, 6)}  ${digits.padEnd(perLine * 3 - 1)}  ${some.map(asLetter).join("")}`;
	});
}

export function fromBase64(text: string): Uint8Array {
	return Uint8Array.from(atob(text), (letter) => letter.codePointAt(0) ?? 0);
}

function toHex(value: number, digits: number): string {
	return value.toString(16).padStart(digits, "0");
}

function asLetter(byte: number): string {
	return byte >= 0x20 && byte < 0x7f ? String.fromCodePoint(byte) : ".";
}
