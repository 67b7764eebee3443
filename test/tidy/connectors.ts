// Every connector folder holds the same five things, keeps its table of contents short, says where its facts come from,
// and has no side door: no module of the runtime but node:crypto, no package but typebox.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { filesUnder, importsOf, isTest, lineAt, lineCount, packageOf, scan, textOf } from "./source.ts";

const indexLinesMax = 60;
const modules = ["node:crypto"];
const packages = ["typebox"];

export function findings(root: string): readonly string[] {
	const types = typesIn(root);
	return [...types.flatMap((type) => ofFolder(root, type)), ...unregistered(root, types), ...forgedProofs(root)];
}

function typesIn(root: string): readonly string[] {
	const names = filesUnder(root, "src/connectors")
		.map((file) => file.split("/"))
		.filter((steps) => steps.length > 3)
		.map((steps) => steps[2] ?? "");
	return [...new Set(names)].filter((name) => name !== "kit");
}

function ofFolder(root: string, type: string): readonly string[] {
	const folder = `src/connectors/${type}`;
	return [
		...missingThings(root, folder),
		...lengthOfIndex(root, folder),
		...readme(root, folder),
		...fixtures(root, folder),
		...sideDoors(root, folder),
	];
}

function missingThings(root: string, folder: string): readonly string[] {
	return ["index.ts", "inbound.ts", "outbound.ts", "README.md", "fixtures"]
		.filter((name) => !existsSync(join(root, folder, name)))
		.map((name) => `${folder} has no ${name}`);
}

function lengthOfIndex(root: string, folder: string): readonly string[] {
	const file = `${folder}/index.ts`;
	if (!existsSync(join(root, file))) {
		return [];
	}
	const lines = lineCount(textOf(root, file));
	return lines > indexLinesMax ? [`${file} has ${lines} lines, at most ${indexLinesMax}`] : [];
}

/** A provider's page and the day it was read must stand in the README: `https://…` and `YYYY-MM-DD`. */
function readme(root: string, folder: string): readonly string[] {
	const file = `${folder}/README.md`;
	if (!existsSync(join(root, file))) {
		return [];
	}
	const text = textOf(root, file);
	return /https:\/\/\S+/.test(text) && /\b20\d\d-[01]\d-[0-3]\d\b/.test(text)
		? []
		: [`${file} needs a link to the provider's page and the date it was checked`];
}

function fixtures(root: string, folder: string): readonly string[] {
	const files = filesUnder(root, `${folder}/fixtures`);
	const lonely = files.flatMap((file) => {
		const name = file.replace(/\.[a-z]+$/, "");
		const others = file.endsWith(".json") ? [`${name}.http`, `${name}.hex`] : [`${name}.json`];
		return /\.(?:http|hex|json)$/.test(file) && others.some((other) => files.includes(other))
			? []
			: [`${file} needs its other half: <event>.http or <event>.hex + <event>.json`];
	});
	return files.length === 0 ? [`${folder}/fixtures is empty`] : lonely;
}

function sideDoors(root: string, folder: string): readonly string[] {
	return filesUnder(root, folder, ".ts")
		.filter((file) => !isTest(file))
		.flatMap((file) =>
			importsOf(textOf(root, file))
				.filter(({ from }) => isSideDoor(from))
				.map(({ from, line }) => `${file}:${line} imports ${from}: a connector may not`),
		);
}

function isSideDoor(from: string): boolean {
	const name = packageOf(from);
	return name === undefined ? from.startsWith("node:") && !modules.includes(from) : !packages.includes(name);
}

function unregistered(root: string, types: readonly string[]): readonly string[] {
	const file = "src/connectors/registry.ts";
	if (types.length === 0 || !existsSync(join(root, file))) {
		return [];
	}
	const named = importsOf(textOf(root, file)).map(({ from }) => from);
	return types
		.filter((type) => !named.some((from) => from.endsWith(`/${type}/index.ts`)))
		.map((type) => `${file} does not know ${type}`);
}

/** The proof that a door agreed is made in one place. */
function forgedProofs(root: string): readonly string[] {
	return filesUnder(root, "src", ".ts")
		.filter((file) => !isTest(file) && file !== "src/gateway/admit.ts")
		.flatMap((file) => {
			const source = textOf(root, file);
			return [...scan(source).code.matchAll(/\bas\s+(?:unknown\s+as\s+)?VerifiedRequest\b/g)].map(
				(found) => `${file}:${lineAt(source, found.index)} says "as VerifiedRequest"; only gateway/admit.ts may`,
			);
		});
}
