// Runs every `tools/generate-*.ts`: the settings page, the OpenAPI documents, the connector pages, the list of problems.

import { execFileSync } from "node:child_process";
import { globSync } from "node:fs";

for (const file of globSync("tools/generate-*.ts", { exclude: ["**/*.test.ts"] }).toSorted()) {
	process.stdout.write(`${file}\n`);
	execFileSync(process.execPath, [file], { stdio: "inherit" });
}
