// Cuts a long text into parts that fit a provider's limit, in the unit the provider counts in. Nothing is lost or added:
// the parts joined are the text. Never cuts within a code point or, where it can be helped, within a word.

export type TextLimit = { max: number; unit: "gsm7" | "utf16" | "characters" | "bytes" };

// GSM 03.38 basic character set, and the extension that costs two septets (3GPP TS 23.038 section 6.2.1).
const basic =
	"@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
const extension = "\f^{}\\[~]|€";
const basicSet = new Set(basic);
const extensionSet = new Set(extension);

const encoder = new TextEncoder();

/** What one code point costs. A character that GSM-7 does not have costs as the part it forces into UCS-2 would. */
function cost(character: string, unit: TextLimit["unit"]): number {
	switch (unit) {
		case "characters":
			return 1;
		case "utf16":
			return character.length;
		case "bytes":
			return encoder.encode(character).length;
		case "gsm7":
			if (basicSet.has(character)) {
				return 1;
			}
			// 160 septets and 70 UCS-2 units share 140 octets: 16/7 septets per unit, rounded up.
			return extensionSet.has(character) ? 2 : Math.ceil((character.length * 160) / 70);
	}
}

/** The size of a text in the unit given. */
export function textSize(text: string, unit: TextLimit["unit"]): number {
	let size = 0;
	for (const character of text) {
		size += cost(character, unit);
	}
	return size;
}

/** Never empty: an empty text is one empty part. */
export function splitText(text: string, limit: TextLimit): string[] {
	const parts: string[] = [];
	let rest = text;
	while (textSize(rest, limit.unit) > limit.max) {
		const fitting = prefixThatFits(rest, limit);
		const part = upToLastBreak(fitting);
		parts.push(part);
		rest = rest.slice(part.length);
	}
	return [...parts, rest];
}

function prefixThatFits(text: string, limit: TextLimit): string {
	let size = 0;
	let end = 0;
	for (const character of text) {
		size += cost(character, limit.unit);
		if (size > limit.max && end > 0) {
			break;
		}
		end += character.length;
	}
	return text.slice(0, end);
}

/** Up to and including the last white space, unless that would leave less than half. */
function upToLastBreak(part: string): string {
	const [found] = /.*\s/su.exec(part) ?? [];
	return found !== undefined && found.length >= part.length / 2 ? found : part;
}
