// A component whose styles are not bundled looks broken, and only there where it is used.

import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const web = join(import.meta.dirname, "..");
const styles = join(import.meta.dirname, "../../../node_modules/@mantine/core/styles");

test("every Mantine component that is used has its styles bundled", () => {
	const bundled = readFileSync(join(web, "ui/mantine.css"), "utf8");
	const used = globSync("**/*.tsx", { cwd: web }).flatMap((file) => {
		const source = readFileSync(join(web, file), "utf8");
		const imports = source.matchAll(/import \{([^}]*)\} from "@mantine\/core"/g);
		return Array.from(imports, ([, names = ""]) => names.split(",").map((name) => name.trim())).flat();
	});
	assert.ok(used.includes("Button"));
	const missing = [...new Set(used)].filter(
		(name) => existsSync(join(styles, `${name}.css`)) && !bundled.includes(`styles/${name}.css"`),
	);
	assert.deepEqual(missing, []);
});
