// Bundles the browser parts, unless the bundle fits its sources already.

import { buildWebIfStale, webIsBuilt } from "#commands/web-build.ts";

await buildWebIfStale({
	say: (line) => process.stdout.write(`${line}\n`),
	complain: (line) => process.stderr.write(`${line}\n`),
});
process.exitCode = webIsBuilt() ? 0 : 1;
