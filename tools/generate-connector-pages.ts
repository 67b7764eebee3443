// Renews the generated part of docs/connectors/<type>.md from each connector's form, or compares it with `--check`.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { connectorOf, serviceTypes } from "#connectors/registry.ts";
import { renewedPage } from "./connector-page.ts";

const folder = "docs/connectors";
mkdirSync(folder, { recursive: true });

for (const type of serviceTypes()) {
	const connector = connectorOf(type);
	const file = `${folder}/${type}.md`;
	const page = existsSync(file) ? readFileSync(file, "utf8") : undefined;
	const renewed = connector === undefined ? page : renewedPage(page, connector);
	if (renewed === undefined || renewed === page) {
		continue;
	}
	if (process.argv.includes("--check")) {
		process.stdout.write(`${file} is stale; run: npm run generate\n`);
		process.exitCode = 1;
	} else {
		writeFileSync(file, renewed);
	}
}
