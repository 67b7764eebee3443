// Small trees for the gates: a sound one, and the same with something planted in it.

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";
import { words } from "../tidy/papers.ts";

export const repository = join(import.meta.dirname, "../..");

/** Contents by path; null takes the file away. */
export type Files = Readonly<Record<string, string | null>>;

/** Writes the files into a new folder that goes away with the test. Installed packages are the repository's. */
export function plant(t: Pick<TestContext, "after">, files: Files): string {
	const root = mkdtempSync(join(tmpdir(), "parley-gate-"));
	t.after(() => rmSync(root, { recursive: true, force: true }));
	symlinkSync(join(repository, "node_modules"), join(root, "node_modules"));
	for (const [path, text] of Object.entries(files)) {
		if (text !== null) {
			mkdirSync(join(root, dirname(path)), { recursive: true });
			writeFileSync(join(root, path), text);
		}
	}
	return root;
}

/** The sound tree's package.json. */
export const manifest = {
	imports: {
		"#domain/*": "./src/domain/*",
		"#platform/*": "./src/platform/*",
		"#storage/*": "./src/storage/*",
		"#connectors/*": "./src/connectors/*",
		"#gateway/*": "./src/gateway/*",
		"#settings": "./src/settings.ts",
	},
	dependencies: { typebox: "1.0.0" },
	devDependencies: { node: "24.0.0" },
	allowScripts: { node: true },
};

/** A tree in which no tidy gate finds anything. */
export const soundTree: Files = {
	"package.json": JSON.stringify(manifest),
	"package-lock.json": "{}",
	"README.md": "See [the map](ARCHITECTURE.md) and `gateway/admit.ts`.\n",
	"ARCHITECTURE.md": "Ids are made in `src/domain/ids.ts`.\n",
	"GLOSSARY.md": words.map((word) => `- **${word}**`).join("\n"),
	"STYLE.md": "# Style\n",
	"CHANGELOG.md": "# Changes\n",
	"SECURITY.md": "# Security\n",
	LICENSE: "Apache License\n",
	"docs/operations/install.md": "# Install\n",
	"docs/operations/failure-modes.md": "# Failure modes\n",
	"docs/operations/upgrade.md": "# Upgrade\n",
	"docs/operations/backup.md": "# Backup\n",
	"docs/decisions/0001-one.md": "# One\n## Situation\n## Decision\n## Because\n## Costs\n## Undo when\n",
	"src/domain/ids.ts": "export type Id = string;\n",
	"src/platform/clock.ts": "export const now = () => new Date();\n",
	"src/settings.ts": "export type Settings = { port: number };\n",
	"src/main.ts": 'import "#gateway/admit.ts";\n',
	"src/gateway/admit.ts":
		'import type { Id } from "#domain/ids.ts";\nimport type { Settings } from "#settings";\nexport const admit = (raw: Id, _: Settings) => raw as VerifiedRequest;\n',
	"src/connectors/contract.ts": 'export type { Id } from "#domain/ids.ts";\n',
	"src/connectors/registry.ts": 'export { connector } from "./ping/index.ts";\n',
	"src/connectors/ping/index.ts": 'export { Type as connector } from "typebox";\n',
	"src/connectors/ping/inbound.ts": 'import type { Id } from "../contract.ts";\nexport const parse = (id: Id) => id;\n',
	"src/connectors/ping/outbound.ts": 'import "node:crypto";\n',
	"src/connectors/ping/README.md": "Facts: https://example.com/ping (checked 2026-11-24).\n",
	"src/connectors/ping/fixtures/hello.http": "POST /\n",
	"src/connectors/ping/fixtures/hello.json": "{}\n",
};
