// The table of mutants in docs/operations/proof.md: the rows of this run are replaced, those of other mutants stay, those of
// mutants that are gone leave.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Mutant } from "#test/mutants/mutant.ts";
import type { Result } from "./mutants.ts";

const page = "docs/operations/proof.md";
const begin = "<!-- mutants:begin -->";
const end = "<!-- mutants:end -->";

export function writeTable(root: string, listed: readonly Mutant[], results: readonly Result[]): void {
	const path = join(root, page);
	writeFileSync(path, withTable(readFileSync(path, "utf8"), listed, results));
}

export function withTable(text: string, listed: readonly Mutant[], results: readonly Result[]): string {
	const [from, to] = [text.indexOf(begin), text.indexOf(end)];
	if (from === -1 || to < from) {
		throw new Error(`${page} has no place for the table: ${begin} and ${end}.`);
	}
	const before = new Map(
		[...text.slice(from, to).matchAll(/^\| *\S+ *\| *`([^`]+)`.*\| *([^|]*?) *\|$/gm)].map(([, id, said]) => [
			id,
			said,
		]),
	);
	const rows = listed
		.toSorted((a, b) => goalOrder(a) - goalOrder(b))
		.map((mutant) => [
			mutant.goal,
			`\`${mutant.id}\``,
			mutant.says.replaceAll("|", "\\|").replace(/\.$/, ""),
			mutant.tests.map((test) => `\`${test}\``).join(", "),
			said(results.find(({ id }) => id === mutant.id)) ?? before.get(mutant.id) ?? "not run yet",
		]);
	const table = [["goal", "mutant", "what is wrong then", "tests that must notice", "result"], ...rows];
	return `${text.slice(0, from)}${begin}\n\n${aligned(table)}\n${text.slice(to)}`;
}

function said(result: Result | undefined): string | undefined {
	if (result === undefined) {
		return undefined;
	}
	return result.verdict === "red" ? `red in ${Math.max(1, Math.round(result.seconds))} s` : result.verdict;
}

/** R before S before Q, then by number. */
function goalOrder({ goal }: Pick<Mutant, "goal">): number {
	return "RSQI".indexOf(goal.charAt(0)) * 100 + Number(goal.slice(1));
}

/** As oxfmt writes tables, so that the page stays formatted. */
function aligned([head = [], ...rows]: readonly (readonly string[])[]): string {
	const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => (row[column] ?? "").length)));
	const toLine = (row: readonly string[]) =>
		`| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |\n`;
	return [toLine(head), toLine(widths.map((width) => "-".repeat(width))), ...rows.map(toLine)].join("");
}
