// Writes docs/operations/settings.md from the table of settings; with --check it only compares.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { settingsPage } from "#settings";

const path = new URL("../docs/operations/settings.md", import.meta.url).pathname;
const page = settingsPage();

if (!process.argv.includes("--check")) {
	mkdirSync(dirname(path), { recursive: true });
	writeFileSync(path, page);
} else if (readFileSync(path, "utf8") !== page) {
	process.stderr.write("docs/operations/settings.md is out of date; run: node tools/generate-settings-page.ts\n");
	process.exitCode = 1;
}
