// Generated files equal what their generator gives now: each `tools/generate-*.ts --check` must agree.

import { spawnSync } from "node:child_process";
import { filesUnder } from "./source.ts";

export function findings(root: string): readonly string[] {
	const generators = filesUnder(root, "tools", ".ts").filter(
		(file) => /^tools\/generate-[\w-]+\.ts$/.test(file) && !file.endsWith(".test.ts"),
	);
	return generators.flatMap((file) => {
		const run = spawnSync(process.execPath, [file, "--check"], { cwd: root, encoding: "utf8", timeout: 60_000 });
		const said = `${run.stdout}${run.stderr}`.trim();
		return run.status === 0 ? [] : [`${file} --check: ${said}. Run: npm run generate`];
	});
}
