// Writes Stryker's scores by file into docs/operations/proof.md: `npx node tools/stryker-table.ts [report.json]...`, and ends
// with 1 where a single file is below the floor; Stryker itself looks at the total only. Of several reports that tell of one
// file, the last counts.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { alignedTable, withMarkedPart } from "./marked-part.ts";

/** The part of https://github.com/stryker-mutator/mutation-testing-elements' report that is read here. */
export type StrykerReport = { files: Readonly<Record<string, { mutants: readonly { status: string }[] }>> };

type Counts = { file: string; caught: number; timedOut: number; missed: number };

/** Per cent of a file's mutants; the goal Q1 asks it of each file. */
const floor = 85;

export function strykerTable(reports: readonly StrykerReport[]): string {
	const files = countsOf(reports);
	const all: Counts = {
		file: "all",
		caught: total(files, "caught"),
		timedOut: total(files, "timedOut"),
		missed: total(files, "missed"),
	};
	const head = ["file", "mutants", "caught", "of these by a time-out", "score"];
	const rows = [...files.toSorted((a, b) => (a.file < b.file ? -1 : 1)), all].map((row) => [
		row.file === "all" ? "**all**" : `\`${row.file}\``,
		String(row.caught + row.missed),
		String(row.caught),
		String(row.timedOut),
		`${scoreOf(row).toFixed(1)} %`,
	]);
	return alignedTable([head, ...rows]);
}

/** A sentence for each file whose own score is too low. */
export function belowFloor(reports: readonly StrykerReport[]): string[] {
	return countsOf(reports)
		.filter((counts) => scoreOf(counts) < floor)
		.map((counts) => `${counts.file} has ${scoreOf(counts).toFixed(2)} %; each file needs at least ${floor} %.`);
}

function countsOf(reports: readonly StrykerReport[]): Counts[] {
	const latest = new Map(reports.flatMap(({ files }) => Object.entries(files)));
	return [...latest].map(([file, { mutants }]) => counted(file, mutants));
}

function scoreOf({ caught, missed }: Counts): number {
	return (100 * caught) / (caught + missed);
}

function total(files: readonly Counts[], field: "caught" | "timedOut" | "missed"): number {
	return files.reduce((sum, counts) => sum + counts[field], 0);
}

/** Mutants that do not load, or that a comment with its reason sets aside, are not counted. */
function counted(file: string, mutants: readonly { status: string }[]): Counts {
	const count = (...statuses: string[]) => mutants.filter(({ status }) => statuses.includes(status)).length;
	return {
		file,
		caught: count("Killed", "Timeout"),
		timedOut: count("Timeout"),
		missed: count("Survived", "NoCoverage"),
	};
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
	const [given = ".parley/stryker.json", ...more] = process.argv.slice(2);
	const reports = [given, ...more].map((path) => JSON.parse(readFileSync(path, "utf8")) as StrykerReport);
	const page = join(import.meta.dirname, "../docs/operations/proof.md");
	writeFileSync(page, withMarkedPart(readFileSync(page, "utf8"), "stryker", strykerTable(reports)));
	for (const sentence of belowFloor(reports)) {
		process.stderr.write(`${sentence}\n`);
		process.exitCode = 1;
	}
}
