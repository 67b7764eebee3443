// The three places settings come from, each read into the same shape: command line, environment, file.

import { LineCounter, parseDocument } from "yaml";

export type Source = "command line" | "environment" | "file" | "default";

/** A setting as given somewhere: `name` as it was spelled there, and the value still as text or list of texts. */
export type Given = { source: Source; spelling: string; name: string; value: string | readonly string[] };
export type ReadSource = { given: Given[]; errors: string[] };

/** One form for all spellings of a name: `retry.baseMs`, `--retry.base-ms`, `PARLEY_RETRY_BASE_MS`. */
export function plainName(name: string): string {
	return name.toLowerCase().replace(/[._-]/g, "");
}

const environmentPrefix = "PARLEY_";

export function environmentName(name: string): string {
	return (
		environmentPrefix +
		name
			.replace(/([A-Z])/g, "_$1")
			.replaceAll(".", "_")
			.toUpperCase()
	);
}

export function optionName(name: string): string {
	return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** `--name value`, `--name=value`; a name alone means true. Arguments that are no options are refused, unrepeated. */
export function readArguments(argv: readonly string[]): ReadSource {
	const read: ReadSource = { given: [], errors: [] };
	for (let index = 0; index < argv.length; index++) {
		const [, name, inline] = /^--([A-Za-z][A-Za-z.-]*)(?:=([\s\S]*))?$/.exec(argv[index] ?? "") ?? [];
		if (name === undefined) {
			read.errors.push(`Argument ${index + 1} is not an option; options are written --name value.`);
			continue;
		}
		const next = argv[index + 1];
		const isSeparate = inline === undefined && next !== undefined && !next.startsWith("--");
		const value = inline ?? (isSeparate ? next : "true");
		read.given.push({ source: "command line", spelling: `--${name}`, name: plainName(name), value });
		index += isSeparate ? 1 : 0;
	}
	return read;
}

export function readEnvironment(env: Readonly<Record<string, string | undefined>>): ReadSource {
	const given = Object.entries(env)
		.filter(([name]) => name.startsWith(environmentPrefix))
		.map(([name, value = ""]): Given => {
			const plain = plainName(name.slice(environmentPrefix.length));
			return { source: "environment", spelling: name, name: plain, value };
		});
	return { given, errors: [] };
}

/** YAML, nested as the names are: `retry: { baseMs: 1000 }`. Errors name the line, never what is written there. */
export function readYaml(path: string, text: string): ReadSource {
	const lineCounter = new LineCounter();
	const document = parseDocument(text, { lineCounter, prettyErrors: false });
	const [problem] = document.errors;
	if (problem !== undefined) {
		const { line } = lineCounter.linePos(problem.pos[0]);
		return { given: [], errors: [`${path} is not well-formed YAML at line ${line}.`] };
	}
	const content: unknown = document.toJS({ maxAliasCount: 0 });
	if (content === null) {
		return { given: [], errors: [] };
	}
	const read: ReadSource = { given: [], errors: [] };
	if (isMap(content)) {
		flatten(content, "", read, path);
	} else {
		read.errors.push(`${path} must be a list of names with their values.`);
	}
	return read;
}

function isMap(value: unknown): value is Record<string, unknown> {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

function flatten(map: Record<string, unknown>, prefix: string, read: ReadSource, path: string): void {
	for (const [key, value] of Object.entries(map)) {
		const spelling = `${prefix}${key}`;
		const text = textOf(value);
		if (isMap(value)) {
			flatten(value, `${spelling}.`, read, path);
		} else if (text === undefined) {
			read.errors.push(`${spelling} in ${path} must have a plain value or a list of plain values.`);
		} else {
			read.given.push({ source: "file", spelling: `${spelling} in ${path}`, name: spelling, value: text });
		}
	}
}

function textOf(value: unknown): string | readonly string[] | undefined {
	if (Array.isArray(value)) {
		const entries = value.map(plainText);
		return entries.includes(undefined) ? undefined : entries.map((entry) => entry ?? "");
	}
	return plainText(value);
}

function plainText(value: unknown): string | undefined {
	return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
		? String(value)
		: undefined;
}
