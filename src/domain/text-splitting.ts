// Cuts a long text into parts that fit a provider's limit, in the unit the provider counts in. Nothing is lost or added:
// the parts joined are the text. Never cuts within a code point or, where it can be helped, within a character as people
// see it or within a word.

export type TextLimit = {
	max: number;
	/** Of a text that need not be cut, where that may be longer. */
	alone?: number;
	unit: "gsm7" | "utf16" | "characters" | "bytes";
};

// GSM 03.38 basic character set, and the extension that costs two septets (3GPP TS 23.038 section 6.2.1).
const basic =
	"@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
const extension = "\f^{}\\[~]|€";
const basicSet = new Set(basic);
const extensionSet = new Set(extension);

const encoder = new TextEncoder();

// 16 bits against 7: a short message has 160 septets or 70 units of UCS-2, and one of several 153 or 67.
const septetsPerUnit = 16 / 7;

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" }); // The same in all languages.

/** Counts code point by code point; tells the size so far. */
function counter(unit: TextLimit["unit"]): (character: string) => number {
	let size = 0;
	if (unit === "gsm7") {
		return septetCounter();
	}
	return (character) => (size += cost(character, unit));
}

/** One character that GSM-7 does not have turns the whole part into UCS-2. */
function septetCounter(): (character: string) => number {
	let septets = 0;
	let units = 0;
	let isUcs2 = false;
	return (character) => {
		septets += extensionSet.has(character) ? 2 : 1;
		units += character.length;
		isUcs2 ||= !basicSet.has(character) && !extensionSet.has(character);
		return isUcs2 ? Math.floor(units * septetsPerUnit) : septets;
	};
}

function cost(character: string, unit: Exclude<TextLimit["unit"], "gsm7">): number {
	switch (unit) {
		case "characters":
			return 1;
		case "utf16":
			return character.length;
		case "bytes":
			return encoder.encode(character).length;
	}
}

/** The size of a text in the unit given; `gsm7` in septets. */
export function textSize(text: string, unit: TextLimit["unit"]): number {
	const count = counter(unit);
	let size = 0;
	for (const character of text) {
		size = count(character);
	}
	return size;
}

/** Whether a short message carries the text in septets; any other character makes it UCS-2. */
export function isGsm7(text: string): boolean {
	return Array.from(text).every((character) => basicSet.has(character) || extensionSet.has(character));
}

/** Never empty: an empty text is one empty part. */
export function splitText(text: string, limit: TextLimit): string[] {
	if (limit.alone !== undefined && textSize(text, limit.unit) <= limit.alone) {
		return [text];
	}
	const parts: string[] = [];
	let rest = text;
	while (rest !== "" || parts.length === 0) {
		const part = firstPart(rest, limit);
		parts.push(part);
		rest = rest.slice(part.length);
	}
	return parts;
}

/** Ends, in order of preference: behind white space, between characters as people see them, between code points. */
function firstPart(text: string, limit: TextLimit): string {
	const fitting = prefixThatFits(text, limit);
	if (fitting.length === text.length) {
		return text;
	}
	// Whether a cluster ends there depends on the code point behind, and on nothing after that.
	const clusters = graphemes.segment(text.slice(0, fitting.length + 2));
	const startOfCluster = clusters.containing(fitting.length)?.index ?? 0;
	const whole = startOfCluster === 0 ? fitting : text.slice(0, startOfCluster);
	const [spaced] = /^.*\s/su.exec(whole) ?? [];
	const isGood =
		spaced !== undefined &&
		spaced.length >= whole.length / 2 &&
		clusters.containing(spaced.length)?.index === spaced.length;
	return isGood ? spaced : whole;
}

function prefixThatFits(text: string, limit: TextLimit): string {
	const count = counter(limit.unit);
	let end = 0;
	for (const character of text) {
		if (count(character) > limit.max && end > 0) {
			break;
		}
		end += character.length;
	}
	return text.slice(0, end);
}
