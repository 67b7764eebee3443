// Writes docs/problems.md from the catalogue of problems, or compares it with `--check`.

import { readFileSync, writeFileSync } from "node:fs";
import { problems } from "#platform/problems.ts";

const page = "docs/problems.md";

function problemsPage(): string {
	const rows = Object.entries(problems).map(([code, { status, title, meaning }]) =>
		[`### ${code}`, "", `${status} · ${title}. ${meaning}`, ""].join("\n"),
	);
	return [
		"# Problems",
		"",
		"What the RESTful Interfaces answer when a call cannot be done, as `application/problem+json` (RFC 9457). `code` is one of the words below, `type` leads to its description, and `errors` points at the fields concerned.",
		"Generated from `src/platform/problems.ts` by `npm run generate`.",
		"",
		...rows,
	].join("\n");
}

if (process.argv.includes("--check")) {
	const isSame = readFileSync(page, "utf8") === problemsPage();
	process.stdout.write(isSame ? "" : `${page} is stale; run: npm run generate\n`);
	process.exitCode = isSame ? 0 : 1;
} else {
	writeFileSync(page, problemsPage());
}
