// Writes docs/openapi/rci.json and cmi.json from the routes, or compares them with `--check`.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cmiRoutes } from "#rest/cmi/index.ts";
import { openApiOf } from "#rest/openapi.ts";
import { rciRoutes } from "#rest/rci/index.ts";

const documents = { rci: rciRoutes, cmi: cmiRoutes } as const;

for (const name of ["rci", "cmi"] as const) {
	const file = `docs/openapi/${name}.json`;
	const text = `${JSON.stringify(await openApiOf(name, documents[name], ""), null, "\t")}\n`;
	if (!process.argv.includes("--check")) {
		writeFileSync(file, text);
	} else if (!existsSync(file) || readFileSync(file, "utf8") !== text) {
		process.stdout.write(`${file} is stale; run: npm run generate\n`);
		process.exitCode = 1;
	}
}
