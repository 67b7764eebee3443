// Writes the browser's clients of RCI and CMI from docs/openapi, or compares them with `--check`.

import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generate, type OptionsExport } from "orval";

const root = join(import.meta.dirname, "..");
const clients = ["rci", "cmi"].map((name) => ({ name, file: `src/web/api/${name}.ts` }));

/** `folder` stands for the repository: what the generator reads is in it, what it writes goes there. */
async function writeClients(folder: string): Promise<void> {
	for (const { name, file } of clients) {
		const options: OptionsExport = {
			input: { target: join(folder, `docs/openapi/${name}.json`) },
			output: {
				mode: "single",
				client: "fetch",
				target: join(folder, file),
				baseUrl: `/RI/${name}`,
				override: {
					mutator: { path: join(folder, "src/web/api/call.ts"), name: "call", extension: ".ts" },
					fetch: { includeHttpResponseReturnType: true, forceSuccessResponse: true },
					useTypeOverInterfaces: true,
					enumGenerationType: "union",
				},
			},
		};
		await generate(options, folder);
	}
}

if (process.argv.includes("--check")) {
	const folder = mkdtempSync(join(tmpdir(), "parley-client-"));
	try {
		for (const part of ["docs/openapi", "src/web/api", "package.json"]) {
			cpSync(join(root, part), join(folder, part), { recursive: true });
		}
		await writeClients(folder);
		const isStale = (file: string) =>
			readFileSync(join(folder, file), "utf8") !== readFileSync(join(root, file), "utf8");
		for (const { file } of clients.filter((client) => isStale(client.file))) {
			process.stdout.write(`${file} is stale; run: npm run generate\n`);
			process.exitCode = 1;
		}
	} finally {
		rmSync(folder, { recursive: true });
	}
} else {
	await writeClients(root);
}
