// A connector reaches the world by what it is given. Its sources import nothing that opens a socket, a file or a process,
// and name no global that does; so what the kit saw go through the way out is all there is.

import { existsSync } from "node:fs";
import { posix } from "node:path";
import { filesUnder, importsOf, lineAt, packageOf, scan, textOf } from "#test/tidy/source.ts";
import type { Findings, Subject } from "./subject.ts";

const modules = ["node:crypto"];
const packages = ["typebox"];
const globals =
	/(?<![.\w$"'])(?:fetch|WebSocket|EventSource|XMLHttpRequest|process|globalThis|global|eval|require|console|setTimeout|setInterval)(?=\s*[.([])|\bnew Function\b|\bimport\s*\(/g;

/** A simulator has to listen, and tests are not shipped. */
const unread = /(?:\.test\.ts|^simulator\.ts)$/;

export function noSideDoor({ folder }: Subject): Findings {
	if (!existsSync(folder)) {
		return [`there is no folder ${folder}`];
	}
	return [".ts", ".js", ".mjs"]
		.flatMap((ending) => filesUnder(folder, "", ending))
		.filter((file) => !unread.test(file))
		.flatMap((file) => doorsIn(file, textOf(folder, file)));
}

export function doorsIn(file: string, source: string): Findings {
	const { code } = scan(source);
	return [
		...importsOf(source)
			.filter(({ from, isType }) => !isType && isDoor(file, from))
			.map(({ from, line }) => `${file}:${line} imports ${from}; a connector may not`),
		...[...code.matchAll(globals)].map(
			(found) => `${file}:${lineAt(source, found.index)} uses ${found[0]}; what a connector needs is handed to it`,
		),
	];
}

/** Within the folder everything; above it the contract and the kit; of the product's other parts the domain. */
function isDoor(file: string, from: string): boolean {
	if (from.startsWith(".")) {
		const target = posix.join(posix.dirname(file), from);
		return target.startsWith("..") && !/^\.\.\/(?:contract\.ts$|kit\/)/.test(target);
	}
	if (from.startsWith("#")) {
		return !/^#(?:domain\/|connectors\/(?:contract\.ts$|kit\/))/.test(from);
	}
	const name = packageOf(from);
	return name === undefined ? from.startsWith("node:") && !modules.includes(from) : !packages.includes(name);
}
