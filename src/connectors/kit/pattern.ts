// Regular expressions that an administrator enters, matched in time proportional to the text: no back-tracking, so none of
// them can hold the process up. The language is a part of JavaScript's and means the same: letters, `.`, sets, `\d \w \s`,
// `^ $ \b`, groups, `|`, `* + ? {n,m}` with a lazy form, and `(?i)` in front for letters of either case. Refused: references
// back, looking ahead or behind, and a group that captures inside of a repetition.
// Method: the program of a Pike machine (https://swtch.com/~rsc/regexp/regexp2.html, read 2026-11-24). Plain data, so that
// two configurations can be compared.

import { type Node, parsePattern, type Ranges } from "./pattern-syntax.ts";

export type Pattern = { readonly source: string; readonly groups: number; readonly program: readonly Instruction[] };
export type PatternReading = { ok: true; pattern: Pattern } | { ok: false; message: string };

type Instruction =
	| { op: "set"; ranges: Ranges; isNegated: boolean }
	| { op: "split"; first: number; second: number }
	| { op: "jump"; to: number }
	| { op: "save"; slot: number }
	| { op: "at"; where: "start" | "end" | "border" | "noBorder" }
	| { op: "done" };

const sourceUnitsMax = 300;
/** With `readUnitsMax` the bound of the work: the worst expression found took 50 ms, usual ones take microseconds. */
const instructionsMax = 400;
/** Of a text so much is looked at, from its beginning. */
export const readUnitsMax = 2048;

/** The message completes "The expression …". */
export function readPattern(source: string): PatternReading {
	if (source.length > sourceUnitsMax) {
		return { ok: false, message: `is longer than ${sourceUnitsMax} characters; shorten it.` };
	}
	const parsed = parsePattern(source);
	if (!parsed.ok) {
		return parsed;
	}
	const program: Instruction[] = [];
	const fits = emit({ kind: "group", index: 0, item: parsed.node }, program);
	program.push({ op: "done" });
	return fits
		? { ok: true, pattern: { source, groups: parsed.groups, program } }
		: { ok: false, message: "repeats too much; use smaller numbers in its braces." };
}

/** Appends the code of a node; false as soon as the program is too long. */
function emit(node: Node, program: Instruction[]): boolean {
	if (program.length > instructionsMax) {
		return false;
	}
	switch (node.kind) {
		case "set":
			program.push({ op: "set", ranges: node.ranges, isNegated: node.isNegated });
			return true;
		case "at":
			program.push({ op: "at", where: node.where });
			return true;
		case "sequence":
			return node.items.every((item) => emit(item, program));
		case "choice":
			return emitChoice(node.options, program);
		case "repeat":
			return emitRepeat(node, program);
		case "group":
			program.push({ op: "save", slot: node.index * 2 });
			return emit(node.item, program) && program.push({ op: "save", slot: node.index * 2 + 1 }) > 0;
	}
}

function emitChoice(options: readonly Node[], program: Instruction[]): boolean {
	const exits: number[] = [];
	for (const [index, option] of options.entries()) {
		const isLast = index === options.length - 1;
		const split = program.length;
		if (!isLast) {
			program.push({ op: "split", first: split + 1, second: 0 });
		}
		if (!emit(option, program)) {
			return false;
		}
		if (!isLast) {
			exits.push(program.push({ op: "jump", to: 0 }) - 1);
			program[split] = { op: "split", first: split + 1, second: program.length };
		}
	}
	for (const exit of exits) {
		program[exit] = { op: "jump", to: program.length };
	}
	return true;
}

type Repeat = Extract<Node, { kind: "repeat" }>;

function emitRepeat({ item, min, max, isGreedy }: Repeat, program: Instruction[]): boolean {
	const fork = (on: number, out: number): Instruction =>
		isGreedy ? { op: "split", first: on, second: out } : { op: "split", first: out, second: on };
	for (let time = 0; time < min; time++) {
		if (!emit(item, program)) {
			return false;
		}
	}
	const splits: number[] = [];
	const optional = max === Number.POSITIVE_INFINITY ? 1 : max - min;
	for (let time = 0; time < optional; time++) {
		splits.push(program.push({ op: "jump", to: 0 }) - 1);
		if (!emit(item, program)) {
			return false;
		}
	}
	const [first] = splits;
	if (max === Number.POSITIVE_INFINITY && first !== undefined) {
		program.push({ op: "jump", to: first });
	}
	for (const split of splits) {
		program[split] = fork(split + 1, program.length);
	}
	return true;
}

type Thread = { at: number; saved: readonly number[] };
type Place = { codes: readonly number[]; index: number };

/** The whole match and its groups, or undefined. Looks at the first `readUnitsMax` units of the text. */
export function matchPattern({ program, groups }: Pattern, text: string): readonly (string | undefined)[] | undefined {
	const letters = Array.from(text.slice(0, readUnitsMax));
	const codes = letters.map((letter) => letter.codePointAt(0) ?? 0);
	let threads: readonly Thread[] = [];
	let found: readonly number[] | undefined;
	for (let index = 0; index <= codes.length && (found === undefined || threads.length > 0); index++) {
		const begun = found === undefined ? [...threads, { at: 0, saved: [] }] : threads;
		const step = stepOver(program, begun, { codes, index });
		found = step.found ?? found;
		threads = step.threads;
	}
	return found === undefined ? undefined : piecesOf(letters, found, groups);
}

/** One letter further: the threads that it lets live, and the match that ends before it. */
function stepOver(program: readonly Instruction[], begun: readonly Thread[], place: Place) {
	const standing: Thread[] = [];
	const reached = new Set<number>();
	for (const thread of begun) {
		follow(program, thread, place, { reached, threads: standing });
	}
	const threads: Thread[] = [];
	for (const { at, saved } of standing) {
		const instruction = program[at];
		if (instruction?.op === "done") {
			return { threads, found: saved }; // Threads behind this one count less.
		}
		if (instruction?.op === "set" && contains(instruction, place.codes[place.index])) {
			threads.push({ at: at + 1, saved });
		}
	}
	return { threads, found: undefined };
}

function piecesOf(
	letters: readonly string[],
	saved: readonly number[],
	groups: number,
): readonly (string | undefined)[] {
	return Array.from({ length: groups + 1 }, (_, group) => {
		const [from, to] = [saved[group * 2], saved[group * 2 + 1]];
		return from === undefined || to === undefined ? undefined : letters.slice(from, to).join("");
	});
}

/** Adds the threads that stand before a letter or at the end, in order of preference; each place of the program once. */
function follow(
	program: readonly Instruction[],
	start: Thread,
	place: Place,
	to: { reached: Set<number>; threads: Thread[] },
): void {
	const pending = [start];
	for (let thread = pending.pop(); thread !== undefined; thread = pending.pop()) {
		const { at, saved } = thread;
		const instruction = program[at];
		if (to.reached.has(at) || instruction === undefined) {
			continue;
		}
		to.reached.add(at);
		switch (instruction.op) {
			case "jump":
				pending.push({ at: instruction.to, saved });
				break;
			case "split":
				pending.push({ at: instruction.second, saved }, { at: instruction.first, saved });
				break;
			case "save":
				pending.push({ at: at + 1, saved: withSlot(saved, instruction.slot, place.index) });
				break;
			case "at":
				if (isAt(instruction.where, place)) {
					pending.push({ at: at + 1, saved });
				}
				break;
			case "set":
			case "done":
				to.threads.push(thread);
		}
	}
}

function withSlot(saved: readonly number[], slot: number, index: number): readonly number[] {
	const copy = [...saved];
	copy[slot] = index;
	return copy;
}

function contains({ ranges, isNegated }: { ranges: Ranges; isNegated: boolean }, code: number | undefined): boolean {
	return code !== undefined && ranges.some(([from, to]) => from <= code && code <= to) !== isNegated;
}

function isAt(where: "start" | "end" | "border" | "noBorder", { codes, index }: Place): boolean {
	switch (where) {
		case "start":
			return index === 0;
		case "end":
			return index === codes.length;
		case "border":
			return isWord(codes[index - 1]) !== isWord(codes[index]);
		case "noBorder":
			return isWord(codes[index - 1]) === isWord(codes[index]);
	}
}

function isWord(code: number | undefined): boolean {
	return code !== undefined && /\w/.test(String.fromCodePoint(code));
}
