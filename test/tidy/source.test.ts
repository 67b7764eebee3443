import assert from "node:assert/strict";
import test from "node:test";
import { importsOf, packageOf, scan } from "./source.ts";

test("code, texts and comments are told apart, also inside templates and after regular expressions", () => {
	const source = [
		"const a = `x ${b ? `y ${c}` : '// no'} z`; // yes",
		'const d = /"[/]"/.test(e) ? 1 / 2 : f; /* two',
		"lines */ g();",
	].join("\n");
	const { code, comments } = scan(source);
	assert.equal(code.length, source.length);
	assert.deepEqual(
		comments.map(({ line, text }) => [line, text]),
		[
			[1, "// yes"],
			[2, "/* two\nlines */"],
		],
	);
	assert.match(code, /b \?/);
	assert.match(code, /1 \/ 2 : f;/);
	assert.match(code, /g\(\);/);
	assert.doesNotMatch(code, /[yz]|no/);
});

test("imports are found in every form, and not in texts or comments", () => {
	const source = [
		'import a from "one";',
		'import type { B } from "two";',
		'import { c, type D } from "./three.ts";',
		'import "four";',
		'export * from "five";',
		'const e = await import("six");',
		'// import f from "seven";',
		"const g = 'import h from \"eight\"';",
		"import {",
		"	i,",
		'} from "@nine/ten/eleven";',
	].join("\n");
	assert.deepEqual(
		importsOf(source).map(({ from, isType, line }) => [from, isType, line]),
		[
			["one", false, 1],
			["two", true, 2],
			["./three.ts", false, 3],
			["four", false, 4],
			["five", false, 5],
			["six", false, 6],
			["@nine/ten/eleven", false, 9],
		],
	);
	assert.equal(packageOf("@nine/ten/eleven"), "@nine/ten");
	assert.equal(packageOf("one/two"), "one");
	assert.equal(packageOf("node:fs"), undefined);
	assert.equal(packageOf("#domain/ids.ts"), undefined);
});
