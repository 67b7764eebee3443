// Reads a tree the way the tidy gates look at it: files, lines of code without comments, imports, declared names.
// A scanner of a hundred lines instead of a parser: it must only tell code, texts and comments apart.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";

const unread = new Set(["node_modules", ".git", "data", ".parley", "dist"]);

/** Every file below `folder`, as paths from `root` with forward slashes, in order. */
export function filesUnder(root: string, folder: string, ending = ""): readonly string[] {
	const top = join(root, folder);
	if (!existsSync(top)) {
		return [];
	}
	return readdirSync(top, { withFileTypes: true })
		.flatMap((entry) => {
			const path = relative(root, join(top, entry.name)).split(sep).join("/");
			if (entry.isDirectory()) {
				return unread.has(entry.name) ? [] : filesUnder(root, path, ending);
			}
			return entry.isFile() && entry.name.endsWith(ending) ? [path] : [];
		})
		.toSorted();
}

/** Made by `npm run generate`: nobody reads it, so it has no shape to keep. */
const generated = ["src/web/api/rci.ts", "src/web/api/cmi.ts"];

/** The code of a folder: TypeScript, for browsers too, that was written by people. */
export function codeUnder(root: string, folder: string): readonly string[] {
	return [...filesUnder(root, folder, ".ts"), ...filesUnder(root, folder, ".tsx")].filter(
		(file) => !generated.includes(file),
	);
}

/** What runs in browsers: bundled, so that its packages are not shipped, with a clock and network of its own. */
export function isBrowserCode(file: string): boolean {
	return file.startsWith("src/web/");
}

/** Every folder below `folder`, as paths from `root`. */
export function foldersUnder(root: string, folder: string): readonly string[] {
	const parents = filesUnder(root, folder).flatMap((file) => {
		const steps = file.split("/").slice(0, -1);
		return steps.map((_, index) => steps.slice(0, index + 1).join("/"));
	});
	return [...new Set(parents)];
}

export function textOf(root: string, file: string): string {
	return readFileSync(join(root, file), "utf8");
}

export function isTest(file: string): boolean {
	return file.endsWith(".test.ts") || file.startsWith("test/");
}

/** Lines of a file as an editor counts them. */
export function lineCount(text: string): number {
	return text.replace(/\n$/, "").split("\n").length;
}

export function lineAt(text: string, index: number): number {
	return text.slice(0, index).split("\n").length;
}

type Comment = { line: number; text: string };
export type Scan = {
	/** Comments and the insides of texts are blanks; every position is as in the source. */
	code: string;
	/** Only the comments are blanks. */
	withTexts: string;
	comments: readonly Comment[];
};

const template = "(?:\\\\[^]|\\$(?!\\{)|[^`\\\\$])*(?:`|\\$\\{)";
const tokens = {
	plain: /[^"'`/{}]+/y,
	comment: /\/\/[^\n]*|\/\*[^]*?\*\//y,
	text: /"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/y,
	templateStart: new RegExp(`\`${template}`, "y"),
	templateRest: new RegExp(`\\}${template}`, "y"),
	expression: /\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[dgimsuvy]*/y,
};

export function scan(source: string): Scan {
	const code = source.split("");
	const withTexts = source.split("");
	const comments: Comment[] = [];
	// One entry per open brace: true where it was opened by `${`.
	const braces: boolean[] = [];
	let at = 0;

	function take(pattern: RegExp): string | undefined {
		pattern.lastIndex = at;
		return pattern.exec(source)?.[0];
	}
	function text(found: string): void {
		blank(code, at + 1, at + found.length - 1);
		if (found.endsWith("${")) {
			braces.push(true);
			code[at + found.length - 2] = " ";
		}
		at += found.length;
	}
	function comment(found: string): void {
		comments.push({ line: lineAt(source, at), text: found });
		blank(code, at, at + found.length);
		blank(withTexts, at, at + found.length);
		at += found.length;
	}
	function other(): void {
		const char = source[at];
		if (char === "{") {
			braces.push(false);
		} else if (char === "}") {
			braces.pop();
		}
		at += 1;
	}

	while (at < source.length) {
		at += take(tokens.plain)?.length ?? 0;
		const commentFound = take(tokens.comment);
		if (commentFound !== undefined) {
			comment(commentFound);
			continue;
		}
		const textFound = take(tokens.text) ?? take(tokens.templateStart) ?? restOfTemplate() ?? expressionHere();
		if (textFound === undefined) {
			other();
		} else {
			text(textFound);
		}
	}
	return { code: code.join(""), withTexts: withTexts.join(""), comments };

	function restOfTemplate(): string | undefined {
		if (source[at] !== "}" || braces.at(-1) !== true) {
			return undefined;
		}
		braces.pop();
		return take(tokens.templateRest);
	}
	/** A slash begins a regular expression where no operand stands before it. */
	function expressionHere(): string | undefined {
		const before = withTexts
			.slice(Math.max(0, at - 80), at)
			.join("")
			.trimEnd();
		const isOperand = /[\w$)\]}"'`]$/.test(before) && !/\b(?:return|typeof|case|of|in|await|yield)$/.test(before);
		return isOperand ? undefined : take(tokens.expression);
	}
}

function blank(chars: string[], from: number, to: number): void {
	for (let index = from; index < to; index++) {
		if (chars[index] !== "\n") {
			chars[index] = " ";
		}
	}
}

export type Import = {
	from: string;
	/** `import type`: nothing of it is left at run time. */
	isType: boolean;
	line: number;
};

const importPattern =
	/\b(?:import|export)\s+(type\s+)?(?:[\w*{}\s,$]+?\s+from\s+)?"([^"\n]+)"|\bimport\(\s*"([^"\n]+)"\s*\)/g;

export function importsOf(source: string): readonly Import[] {
	const { code, withTexts } = scan(source);
	return [...withTexts.matchAll(importPattern)]
		.filter((found) => /^(?:import|export)/.test(code.slice(found.index)))
		.map((found) => ({
			from: found[2] ?? found[3] ?? "",
			isType: found[1] !== undefined,
			line: lineAt(source, found.index),
		}));
}

/** The package an import names: `@scope/name` or `name`; undefined for relative, `#…` and `node:` imports. */
export function packageOf(from: string): string | undefined {
	if (/^(?:[.#/]|node:)/.test(from)) {
		return undefined;
	}
	return from
		.split("/")
		.slice(0, from.startsWith("@") ? 2 : 1)
		.join("/");
}

/** A JSON file as an object of unknown fields. */
export function jsonOf(root: string, file: string): Readonly<Record<string, unknown>> {
	return JSON.parse(textOf(root, file)) as Record<string, unknown>;
}

export function namesIn(value: unknown): readonly string[] {
	return typeof value === "object" && value !== null ? Object.keys(value) : [];
}
