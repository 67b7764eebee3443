// The table, for the terminal and for the page, and where it goes on the page.

import type { LoadResult } from "./load.ts";
import { type Figure, type Outcome, verdictOf } from "./measure.ts";

export type Machine = {
	date: string;
	node: string;
	processor: string;
	cores: number;
	/** Processes that wanted a core during the minute before. */
	load: number;
};

const columns = ["measure", "figure (min – median – max)", "floor", "aim", "verdict", "made of"] as const;

export function terminalTable(outcomes: readonly Outcome[]): string {
	const rows = [columns, ...outcomes.map(cells)];
	const widths = columns.map((_, index) => Math.max(...rows.map((row) => row[index]?.length ?? 0)));
	return rows
		.map((row) => `${row.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join("  ")}`.trimEnd())
		.join("\n");
}

export function markdown(outcomes: readonly Outcome[], machine: Machine): string {
	const rows = [columns, columns.map(() => "---"), ...outcomes.map(cells)];
	const about = `${machine.date}, Node ${machine.node}, ${machine.cores} × ${machine.processor}`;
	return [
		`Measured on ${about}; load of the machine before it began: ${machine.load.toFixed(1)}.`,
		"",
		...rows.map((row) => `| ${row.join(" | ")} |`),
	].join("\n");
}

function cells(outcome: Outcome): readonly string[] {
	if ("reason" in outcome) {
		return [outcome.title, "skipped", "", "", "", outcome.reason];
	}
	if ("said" in outcome) {
		return [outcome.title, outcome.said, "", "", "for comparison", ""];
	}
	const bounds = [withUnit(outcome.floor, outcome.unit), withUnit(outcome.aim, outcome.unit)];
	return [outcome.title, figureText(outcome), ...bounds, verdictOf(outcome), outcome.made];
}

function figureText({ spread, unit }: Figure): string {
	const { min, median, max } = spread;
	const values = min === max ? [median] : [min, median, max];
	return withUnit(values.map(plain).join(" – "), unit);
}

function withUnit(value: string | number, unit: string): string {
	const text = typeof value === "number" ? plain(value) : value;
	return unit === "" ? text : `${text} ${unit}`;
}

/** Three digits that count: 0.573, 12.4, 7020. */
export function plain(value: number): string {
	if (!Number.isFinite(value)) {
		return "–";
	}
	return Math.abs(value) >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}

const begin = "<!-- bench:begin -->";
const end = "<!-- bench:end -->";

/** The page with the table in its place. Throws where the page has no place for it. */
export function withTable(page: string, table: string): string {
	const from = page.indexOf(begin);
	const to = page.indexOf(end);
	if (from === -1 || to < from) {
		throw new Error(`The page has no ${begin} … ${end}.`);
	}
	return `${page.slice(0, from + begin.length)}\n\n${table}\n\n${page.slice(to)}`;
}

/** One load in a few words; what is odd about it is said. */
export function told(result: LoadResult): string {
	const odd = Object.entries(result.statuses).filter(([status]) => !status.startsWith("2"));
	return [
		`${plain(result.perSecond)}/s (p50 ${plain(result.p50)}, p99 ${plain(result.p99)}, worst ${plain(result.worst)} ms)`,
		...odd.map(([status, count]) => `${count} × ${status === "0" ? "broken connection" : status}`),
		...(result.rude > 0 ? [`${result.rude} × 503 without Retry-After`] : []),
		...(result.late > 0 ? [`${result.late} requests made late`] : []),
		`generator ${plain(result.cores * 100)} % of a core`,
	].join(", ");
}
