// Nothing lies about: every text of the catalogues is said somewhere, and every class has both a style and a user.

import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";

const web = join(import.meta.dirname, "..");

function sourcesOf(pattern: string): readonly string[] {
	const files = globSync(pattern, { cwd: web }).filter((file) => !/\.test\.ts$|api[/\\](?:rci|cmi)\.ts$/.test(file));
	return files.map((file) => readFileSync(join(web, file), "utf8"));
}

const code = sourcesOf("**/*.{ts,tsx}");

function keysOf(texts: unknown, path = ""): readonly string[] {
	return typeof texts === "string"
		? [path.replaceAll(/_(?:zero|one|other)(?=\.|$)/g, "")]
		: Object.entries(texts as object).flatMap(([key, inner]) => keysOf(inner, path === "" ? key : `${path}.${key}`));
}

/** As a whole, or with parts that are filled in, such as `states.${state}`; the last may stand for several steps. */
function asWritten(namespace: string, key: string): RegExp {
	const filled = String.raw`\$\{[^\x60]*?\}`;
	const steps = key.split(".").map((step) => `(?:${step}|${filled})`);
	const cut = steps.slice(1).map((_, index) => [...steps.slice(0, index + 1), filled].join(String.raw`\.`));
	const whole = steps.length === 1 ? key : steps.join(String.raw`\.`);
	const written = `(?:${[whole, ...cut].join("|")})`;
	return new RegExp(`["\`](?:${namespace}:)?${written}["\`]`);
}

for (const catalogue of globSync("**/texts/en/*.json", { cwd: web })) {
	const namespace = basename(catalogue, ".json");
	test(`every text of ${namespace} is said somewhere`, () => {
		const screens = code.filter((source) => new RegExp(`["\`[(, ]${namespace}[":]`).test(source)).join("\n");
		const keys = keysOf(JSON.parse(readFileSync(join(web, catalogue), "utf8")));
		assert.deepEqual(
			keys.filter((key) => !asWritten(namespace, key).test(screens)),
			[],
		);
	});
}

test("every class that has a style is used, and the other way round", () => {
	const styles = sourcesOf("**/*.css")
		.join("\n")
		.replaceAll(/\/\*[\s\S]*?\*\//g, "");
	const styled = new Set(Array.from(styles.matchAll(/\.([a-z][\w-]*)(?=[^{};]*\{)/g), ([, name = ""]) => name));
	const texts = code.join("\n");
	const isUsed = (name: string) =>
		new RegExp(`[\\s"'\`]${name}[\\s"'\`]`).test(texts) || texts.includes(` ${name.replace(/-\w+$/, "-${")}`);
	assert.deepEqual(
		[...styled].filter((name) => !name.startsWith("mantine-") && !isUsed(name)),
		[],
	);
	const used = Array.from(texts.matchAll(/className="([^"]+)"/g), ([, names = ""]) => names.split(" ")).flat();
	assert.deepEqual(
		used.filter((name) => !styled.has(name)),
		[],
	);
});
