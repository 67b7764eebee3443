// The table of mutants in docs/operations/proof.md: the rows of this run are replaced, those of other mutants stay, those of
// mutants that are gone leave.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Mutant } from "#test/mutants/mutant.ts";
import { alignedTable, markedPart, withMarkedPart } from "./marked-part.ts";
import type { Result } from "./mutants.ts";

const page = "docs/operations/proof.md";
const part = "mutants";

export function writeTable(root: string, listed: readonly Mutant[], results: readonly Result[]): void {
	const path = join(root, page);
	writeFileSync(path, withTable(readFileSync(path, "utf8"), listed, results));
}

export function withTable(text: string, listed: readonly Mutant[], results: readonly Result[]): string {
	const row = /^\| *\S+ *\| *`([^`]+)`.*\| *([^|]*?) *\|$/gm;
	const before = new Map([...markedPart(text, part).matchAll(row)].map(([, id, result]) => [id, result]));
	const rows = listed
		.toSorted((a, b) => goalOrder(a) - goalOrder(b))
		.map((mutant) => [
			mutant.goal,
			`\`${mutant.id}\``,
			mutant.says.replaceAll("|", "\\|").replace(/\.$/, ""),
			mutant.tests.map((test) => `\`${test}\``).join(", "),
			said(results.find(({ id }) => id === mutant.id)) ?? before.get(mutant.id) ?? "not run yet",
		]);
	const red = rows.filter((cells) => cells.at(-1)?.startsWith("red")).length;
	const head = ["goal", "mutant", "what is wrong then", "tests that must notice", "result"];
	const summary = `${red} of ${rows.length} caught.\n\n`;
	return withMarkedPart(text, part, summary + alignedTable([head, ...rows]));
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
