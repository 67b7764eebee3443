// The browser parts are bundled once and served from `dist/web`. Before serving, the bundle is compared with its sources:
// missing or older, it is built where the tools for that are installed, and it is said.

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "#platform/clock.ts";
import type { CommandInput } from "./commands.ts";

const root = join(import.meta.dirname, "../..");
export const webFolder = join(root, "dist/web");
/** What the bundle was made from. */
const stampFile = join(webFolder, "sources.sha256");
const builder = join(root, "node_modules/vite/bin/vite.js");
const config = join(root, "src/web/vite.config.ts");

/** Each a folder of `src/web/` with a page of its own. */
const parts = ["configurator", "desk", "widget"] as const;

export function webIsBuilt(): boolean {
	return parts.every((part) => existsSync(join(webFolder, part, "index.html")));
}

/** Serving goes on without it: the interfaces and webhooks do not need a browser. */
export async function buildWebIfStale({ say, complain }: Pick<CommandInput, "say" | "complain">): Promise<void> {
	const wanted = sourcesHash();
	if (webIsBuilt() && (wanted === undefined || stampedHash() === wanted)) {
		return;
	}
	if (wanted === undefined || !existsSync(builder)) {
		complain(
			webIsBuilt()
				? "The browser parts are older than their sources. Run npm ci && npm run build to renew them."
				: "The browser parts are not built. Run npm ci && npm run build; everything else works without them.",
		);
		return;
	}
	say(`The browser parts are ${webIsBuilt() ? "older than their sources" : "not built yet"}: building them.`);
	const startMs = systemClock.monotonicMs();
	for (const part of parts) {
		const { code, output } = await build(part);
		if (code !== 0) {
			complain(`The browser part ${part} could not be built; everything else works without it.\n${output}`);
			return;
		}
	}
	writeFileSync(stampFile, wanted);
	say(`The browser parts were built in ${((systemClock.monotonicMs() - startMs) / 1000).toFixed(1)} s.`);
}

/** Undefined where the sources are not shipped along. */
function sourcesHash(): string | undefined {
	const files = globSync(["src/web/**/*.*", "src/domain/*.ts", "package-lock.json"], { cwd: root }).toSorted();
	if (!existsSync(config)) {
		return undefined;
	}
	const hash = createHash("sha256");
	for (const file of files) {
		hash.update(`${file}\0`).update(readFileSync(join(root, file)));
	}
	return hash.digest("hex");
}

function stampedHash(): string | undefined {
	return existsSync(stampFile) ? readFileSync(stampFile, "utf8") : undefined;
}

function build(part: string): Promise<{ code: number; output: string }> {
	const args = [builder, "build", "--config", config, "--mode", part, "--logLevel", "warn"];
	const child = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
	const pieces: Buffer[] = [];
	child.stdout.on("data", (piece: Buffer) => pieces.push(piece));
	child.stderr.on("data", (piece: Buffer) => pieces.push(piece));
	return new Promise((resolve, reject) => {
		child.on("error", reject);
		child.on("close", (code) => resolve({ code: code ?? 1, output: Buffer.concat(pieces).toString() }));
	});
}
