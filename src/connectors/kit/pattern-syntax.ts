// Reads the text of a regular expression into a tree, for `pattern.ts`. What JavaScript would read in another way, or what
// cannot be matched in linear time, is refused with one sentence.

/** Code points from, to; both counted in. */
export type Ranges = readonly (readonly [from: number, to: number])[];
type SetNode = { kind: "set"; ranges: Ranges; isNegated: boolean };
export type Node =
	| SetNode
	| { kind: "at"; where: "start" | "end" | "border" | "noBorder" }
	| { kind: "sequence"; items: readonly Node[] }
	| { kind: "choice"; options: readonly Node[] }
	| { kind: "repeat"; item: Node; min: number; max: number; isGreedy: boolean }
	| { kind: "group"; index: number; item: Node };

export type Parsed = { ok: true; node: Node; groups: number } | { ok: false; message: string };

const groupsMax = 4;
const repetitionsMax = 200;

/** Why it cannot be read. Thrown and caught in this file only: the reader is a set of functions that call each other. */
class Unreadable extends Error {}

type Reader = { letters: readonly string[]; at: number; groups: number; isCaseBlind: boolean };

/** @param source at most some hundred characters: the reader calls itself for each bracket */
export function parsePattern(source: string): Parsed {
	const isCaseBlind = source.startsWith("(?i)");
	const letters = Array.from(isCaseBlind ? source.slice(4) : source);
	const reader: Reader = { letters, at: 0, groups: 0, isCaseBlind };
	try {
		const node = readChoice(reader);
		if (reader.at < letters.length) {
			throw new Unreadable("has a closing bracket too many.");
		}
		return { ok: true, node, groups: reader.groups };
	} catch (error) {
		if (error instanceof Unreadable) {
			return { ok: false, message: error.message };
		}
		throw error;
	}
}

function readChoice(reader: Reader): Node {
	const options = [readSequence(reader)];
	while (takes(reader, "|")) {
		options.push(readSequence(reader));
	}
	const [only] = options;
	return options.length === 1 && only !== undefined ? only : { kind: "choice", options };
}

function readSequence(reader: Reader): Node {
	const items: Node[] = [];
	while (reader.at < reader.letters.length && !["|", ")"].includes(next(reader))) {
		items.push(readRepeated(reader));
	}
	return { kind: "sequence", items };
}

function readRepeated(reader: Reader): Node {
	const groupsBefore = reader.groups;
	const item = readOne(reader);
	const times = readTimes(reader);
	if (times === undefined) {
		return item;
	}
	if (item.kind === "at") {
		throw new Unreadable("repeats ^, $ or \\b; remove the sign behind it.");
	}
	if (reader.groups > groupsBefore) {
		throw new Unreadable("repeats a group that captures; write (?: instead of ( there.");
	}
	if (canBeEmpty(item)) {
		throw new Unreadable("repeats something that may be empty; let it have at least one letter.");
	}
	const isGreedy = !takes(reader, "?");
	if (readTimes(reader) !== undefined) {
		throw new Unreadable("has two signs of repetition in a row.");
	}
	return { kind: "repeat", item, ...times, isGreedy };
}

/** Engines disagree about what such a repetition captures. */
function canBeEmpty(node: Node): boolean {
	switch (node.kind) {
		case "set":
			return false;
		case "at":
			return true;
		case "sequence":
			return node.items.every(canBeEmpty);
		case "choice":
			return node.options.some(canBeEmpty);
		case "repeat":
			return node.min === 0 || canBeEmpty(node.item);
		case "group":
			return canBeEmpty(node.item);
	}
}

const signs: Readonly<Record<string, { min: number; max: number }>> = {
	"*": { min: 0, max: Number.POSITIVE_INFINITY },
	"+": { min: 1, max: Number.POSITIVE_INFINITY },
	"?": { min: 0, max: 1 },
};

function readTimes(reader: Reader): { min: number; max: number } | undefined {
	const sign = next(reader);
	const known = Object.hasOwn(signs, sign) ? signs[sign] : undefined;
	if (known !== undefined) {
		reader.at += 1;
		return known;
	}
	if (sign !== "{") {
		return undefined;
	}
	const rest = reader.letters.slice(reader.at, reader.at + 12).join("");
	const [whole, least, most] = /^\{(\d{1,3})(?:,(\d{0,3}))?\}/.exec(rest) ?? [""];
	const min = Number(least);
	const max = most === "" ? Number.POSITIVE_INFINITY : Number(most ?? least);
	if (whole === "" || max < min || min > repetitionsMax) {
		throw new Unreadable(
			`has a brace that is no repetition such as {2,5} (at most ${repetitionsMax}); write \\{ for the letter.`,
		);
	}
	reader.at += whole.length;
	return { min, max };
}

const openers: Readonly<Record<string, (reader: Reader) => Node>> = {
	"(": readGroup,
	"[": readSet,
	"\\": readEscape,
	"^": () => ({ kind: "at", where: "start" }),
	$: () => ({ kind: "at", where: "end" }),
	".": () => ({ kind: "set", ranges: lineEnds, isNegated: true }),
};

function readOne(reader: Reader): Node {
	const letter = next(reader);
	reader.at += 1;
	const open = Object.hasOwn(openers, letter) ? openers[letter] : undefined;
	if (open !== undefined) {
		return open(reader);
	}
	if (/^[*+?{\]}]$/.test(letter)) {
		throw new Unreadable(`has ${letter} with nothing before it; write \\${letter} for the letter.`);
	}
	return letterNode(reader, letter);
}

function readGroup(reader: Reader): Node {
	if (next(reader) === "?") {
		if (reader.letters[reader.at + 1] !== ":") {
			throw new Unreadable("looks ahead or behind, or names a group; only ( and (?: can be used.");
		}
		reader.at += 2;
		return closed(reader, readChoice(reader));
	}
	reader.groups += 1;
	if (reader.groups > groupsMax) {
		throw new Unreadable(`has more than ${groupsMax} groups; write (?: instead of ( for those that you do not need.`);
	}
	const index = reader.groups;
	return { kind: "group", index, item: closed(reader, readChoice(reader)) };
}

function closed(reader: Reader, node: Node): Node {
	if (!takes(reader, ")")) {
		throw new Unreadable("has a bracket that is not closed.");
	}
	return node;
}

const lineEnds: Ranges = [
	[0x0a, 0x0a],
	[0x0d, 0x0d],
	[0x2028, 0x2029],
];
const digits: Ranges = [[0x30, 0x39]];
const wordLetters: Ranges = [
	[0x30, 0x39],
	[0x41, 0x5a],
	[0x5f, 0x5f],
	[0x61, 0x7a],
];
// ECMA-262, WhiteSpace and LineTerminator.
const spaces: Ranges = [
	[0x09, 0x0d],
	[0x20, 0x20],
	[0xa0, 0xa0],
	[0x1680, 0x1680],
	[0x2000, 0x200a],
	[0x2028, 0x2029],
	[0x202f, 0x202f],
	[0x205f, 0x205f],
	[0x3000, 0x3000],
	[0xfeff, 0xfeff],
];
const families: Readonly<Record<string, Ranges>> = { d: digits, w: wordLetters, s: spaces };
const controls: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", f: "\f", v: "\v" };

function readEscape(reader: Reader): Node {
	const letter = next(reader);
	if (letter === "b" || letter === "B") {
		reader.at += 1;
		return { kind: "at", where: letter === "b" ? "border" : "noBorder" };
	}
	const read = readEscaped(reader, /^[\^$\\.*+?()[\]{}|/]$/);
	return read.letter === undefined ? read.family : letterNode(reader, read.letter);
}

type Escaped = { letter: string; family?: undefined } | { letter?: undefined; family: SetNode };

function readEscaped(reader: Reader, plain: RegExp): Escaped {
	const letter = next(reader);
	reader.at += 1;
	const ranges = families[letter.toLowerCase()];
	if (ranges !== undefined) {
		return { family: { kind: "set", ranges, isNegated: letter !== letter.toLowerCase() } };
	}
	const control = Object.hasOwn(controls, letter) ? controls[letter] : undefined;
	if (control !== undefined) {
		return { letter: control };
	}
	if (!plain.test(letter)) {
		throw new Unreadable("has a backslash before something that needs none, or refers back to a group.");
	}
	return { letter };
}

function letterNode(reader: Reader, letter: string): SetNode {
	return { kind: "set", ranges: spellingsOf(reader, [codeOf(letter), codeOf(letter)]), isNegated: false };
}

function readSet(reader: Reader): Node {
	const isNegated = takes(reader, "^");
	const ranges: (readonly [number, number])[] = [];
	while (!takes(reader, "]")) {
		if (reader.at >= reader.letters.length) {
			throw new Unreadable("has a [ that is not closed.");
		}
		const from = readMember(reader);
		const isRange = next(reader) === "-" && reader.letters[reader.at + 1] !== "]";
		if (from.letter === undefined) {
			if (isRange || from.family.isNegated) {
				throw new Unreadable("has \\d, \\w or \\s at the end of a range, or \\D, \\W or \\S inside of [ ].");
			}
			ranges.push(...from.family.ranges);
		} else {
			ranges.push(
				...spellingsOf(reader, isRange ? readRange(reader, from.letter) : [codeOf(from.letter), codeOf(from.letter)]),
			);
		}
	}
	return { kind: "set", ranges, isNegated };
}

function readMember(reader: Reader): Escaped {
	const letter = next(reader);
	reader.at += 1;
	return letter === "\\" ? readEscaped(reader, /^[\^$\\.*+?()[\]{}|/-]$/) : { letter };
}

function readRange(reader: Reader, from: string): readonly [number, number] {
	reader.at += 1;
	const to = reader.at < reader.letters.length ? readMember(reader).letter : undefined;
	if (to === undefined || codeOf(to) < codeOf(from)) {
		throw new Unreadable("has a range in [ ] that does not run upwards.");
	}
	return [codeOf(from), codeOf(to)];
}

/** With `(?i)` letters of the Latin alphabet in both cases; beyond it case is not looked at. */
function spellingsOf({ isCaseBlind }: Reader, range: readonly [number, number]): Ranges {
	if (!isCaseBlind) {
		return [range];
	}
	const part = (from: number, to: number, by: number): Ranges => {
		const [low, high] = [Math.max(range[0], from), Math.min(range[1], to)];
		return low <= high ? [[low + by, high + by]] : [];
	};
	return [range, ...part(0x41, 0x5a, 32), ...part(0x61, 0x7a, -32)];
}

function next(reader: Reader): string {
	return reader.letters[reader.at] ?? "";
}

function takes(reader: Reader, letter: string): boolean {
	const isThere = next(reader) === letter;
	reader.at += isThere ? 1 : 0;
	return isThere;
}

function codeOf(letter: string): number {
	return letter.codePointAt(0) ?? 0;
}
