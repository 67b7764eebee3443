// What happened in a simulated world, line by line: its hash is the proof that a seed is one history, its last lines tell
// how a violation came about.

import { createHash } from "node:crypto";

const keptLines = 40;

/** Something that must never be so. The first one ends the run of its seed. */
export class Violation extends Error {
	override readonly name = "Violation";
}

export type Journal = {
	note(line: string): void;
	/** Something that does not show that work is being done: a fault, a line of the log. */
	aside(line: string): void;
	/** Notes a violation; the run ends after the step. Never throws: product code may be on the stack. */
	violated(statement: string): void;
	readonly violation: string | undefined;
	readonly lines: number;
	/** Without asides. */
	readonly deeds: number;
	readonly last: readonly string[];
	hash(): string;
};

/** @param show gets each line as it is noted */
export function openJournal(nowMs: () => number, show: (line: string) => void = () => undefined): Journal {
	const hash = createHash("sha256");
	const last: string[] = [];
	let lines = 0;
	let deeds = 0;
	let violation: string | undefined;
	function note(text: string): void {
		deeds += 1;
		aside(text);
	}
	function aside(text: string): void {
		const line = `${(nowMs() / 1000).toFixed(3)} ${text}`;
		hash.update(`${line}\n`);
		lines += 1;
		last.push(line);
		if (last.length > keptLines) {
			last.shift();
		}
		show(line);
	}
	return {
		note,
		aside,
		last,
		violated(statement) {
			if (violation === undefined) {
				violation = statement;
				note(`VIOLATED: ${statement}`);
			}
		},
		get violation() {
			return violation;
		},
		get lines() {
			return lines;
		},
		get deeds() {
			return deeds;
		},
		hash: () => hash.copy().digest("hex"),
	};
}
