// Goal: types, lint, format and the runner of the tests can fail. Method: the programs run, with this repository's own
// configuration, over small trees in which one thing is wrong; a sound file beside it stays unmentioned.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { plant, repository } from "./plant.ts";

const settings = Object.fromEntries(
	["tsconfig.json", ".oxlintrc.json", ".oxfmtrc.json"].map((file) => [
		file,
		readFileSync(join(repository, file), "utf8"),
	]),
);
const sound = {
	...settings,
	"package.json": '{\n\t"type": "module"\n}\n',
	"src/sound.ts": "export const sound: string = `sound`;\n".replaceAll("`", '"'),
};

function run(root: string, program: string, ...args: readonly string[]): { code: number | null; said: string } {
	const { NODE_TEST_CONTEXT: _, ...env } = process.env;
	const done = spawnSync(program, args, { cwd: root, env, encoding: "utf8", timeout: 60_000 });
	return { code: done.status, said: done.stdout + done.stderr };
}
const installed = (program: string): string => join(repository, "node_modules/.bin", program);

test("types: one error is enough, and a sound tree has none", (t) => {
	const good = run(plant(t, sound), installed("tsc"), "-p", ".", "--noEmit");
	assert.deepEqual(good, { code: 0, said: "" });
	const bad = run(
		plant(t, {
			...sound,
			"src/number.ts": "export const port: number = '80';\n",
			"src/index.ts": "export const first: string = ['a'][0];\n",
			"src/optional.ts": "export const o: { a?: string } = { a: undefined };\n",
			"src/enum.ts": "export enum Colour { red }\n",
			"src/window.ts": "export const w = window;\n",
		}),
		installed("tsc"),
		"-p",
		".",
		"--noEmit",
	);
	assert.notEqual(bad.code, 0);
	for (const file of ["number", "index", "optional", "enum", "window"]) {
		assert.match(bad.said, new RegExp(`src/${file}\\.ts`));
	}
	assert.doesNotMatch(bad.said, /sound\.ts/);
});

/** Rule by file. Each is a mistake that once cost somebody a message, or a reader an hour. */
const mistakes: Readonly<Record<string, string>> = {
	"no-floating-promises": "async function save() {}\nexport function answer() {\n	save();\n}\n",
	"no-misused-promises":
		"async function allowed() {\n	return false;\n}\nexport const open = () => (allowed() ? 1 : 0);\n",
	"no-explicit-any": "export const anything: any = 1;\n",
	"no-unsafe-member-access": 'export const a = JSON.parse("{}").b;\n',
	"switch-exhaustiveness-check":
		'export function f(state: "on" | "off") {\n	switch (state) {\n		case "on":\n			return 1;\n	}\n	return 0;\n}\n',
	"return-await":
		"async function a() {}\nexport async function f() {\n	try {\n		return a();\n	} catch {\n		return undefined;\n	}\n}\n",
	"no-console": "console.log(1);\n",
	"no-restricted-globals": 'export const answer = () => fetch("https://example.com");\n',
	"max-params": "export const f = (a: 1, b: 1, c: 1, d: 1, e: 1) => a + b + c + d + e;\n",
	"max-depth":
		"export function f(a: boolean) {\n	if (a) {\n		if (a) {\n			if (a) {\n				if (a) {\n					return 1;\n				}\n			}\n		}\n	}\n	return 0;\n}\n",
	"max-lines-per-function": `export function f() {\n${"	f();\n".repeat(70)}}\n`,
	complexity: `export const f = (a: number) => ${"a === 1 ? 2 : ".repeat(12)}3;\n`,
	eqeqeq: "export const f = (a: string, b: string) => a == b;\n",
	curly: "export function f(a: boolean) {\n	if (a) return 1;\n	return 0;\n}\n",
	"no-cycle": 'import { b } from "./no-cycle-b.ts";\nexport const a = () => b;\n',
};

test("lint: finds each of the mistakes it is there for, and nothing in a sound file", (t) => {
	const files = Object.fromEntries(Object.entries(mistakes).map(([rule, code]) => [`src/${rule}.ts`, code]));
	const root = plant(t, {
		...sound,
		...files,
		"src/no-cycle-b.ts": 'import { a } from "./no-cycle.ts";\nexport const b = () => a;\n',
	});
	const { code, said } = run(root, installed("oxlint"), "--format=unix");
	assert.notEqual(code, 0);
	for (const rule of Object.keys(mistakes)) {
		assert.match(said, new RegExp(`^\\S*src/${rule}\\.ts:.*\\b${rule}\\b`, "m"), said);
	}
	assert.doesNotMatch(said, /sound\.ts/);
});

test("format: one file that is not formatted is enough, and a sound tree has none", (t) => {
	assert.equal(run(plant(t, sound), installed("oxfmt"), "--check", "src").code, 0);
	const bad = run(
		plant(t, { ...sound, "src/wide.ts": "export const a = { b:1 }\n" }),
		installed("oxfmt"),
		"--check",
		"src",
	);
	assert.notEqual(bad.code, 0);
	assert.match(bad.said, /wide\.ts/);
	assert.doesNotMatch(bad.said, /sound\.ts/);
});

test("the runner fails with a failing test, and ends with the totals", (t) => {
	const root = plant(t, {
		...sound,
		"src/one.test.ts": 'import test from "node:test";\n\ntest("holds", () => {});\n',
		"src/two.test.ts": 'import test from "node:test";\n\ntest("breaks", () => {\n	throw new Error("broken");\n});\n',
	});
	const { code, said } = run(root, process.execPath, join(repository, "tools/check.ts"), "quick");
	assert.equal(code, 1, said);
	assert.match(said, /^ok {6}types/m);
	assert.match(said, /pass 1\n.*fail 1\n/);
});

test("the runner fails with a failing static gate although every test passes", (t) => {
	const root = plant(t, {
		...sound,
		"src/one.test.ts": 'import test from "node:test";\n\ntest("holds", () => {});\n',
		"src/bad.ts": 'export const port: number = "80";\n',
	});
	const { code, said } = run(root, process.execPath, join(repository, "tools/check.ts"), "full");
	assert.notEqual(code, 0);
	assert.match(said, /^FAILED {2}types[^]*src\/bad\.ts/m);
	assert.match(said, /^ok {6}lint/m);
	assert.match(said, /^ok {6}format/m);
	assert.match(said, /fail 0\n/);
});

test("the runner refuses an unknown set and a set without tests", (t) => {
	const root = plant(t, sound);
	assert.equal(run(root, process.execPath, join(repository, "tools/check.ts"), "some").code, 2);
	assert.equal(run(root, process.execPath, join(repository, "tools/check.ts"), "full").code, 2);
});
