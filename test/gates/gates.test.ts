// Goal: every tidy gate can fail. Method: a sound tree gives no finding; the same tree with one thing planted in it gives
// exactly the finding meant for it.

import assert from "node:assert/strict";
import test from "node:test";
import { gates } from "../tidy/gates.ts";
import { type Files, manifest, plant, soundTree } from "./plant.ts";

type Plant = { gate: string; name: string; files: Files; finds: RegExp };

// Written in pieces, so that the gates do not find them here.
const somebodysPath = ["", "home", "somebody", "parley"].join("/");
const registryAddress = ["https:", "", "registry.example.org", "parley"].join("/");

/** A list of one mutant that fits the sound tree, but for the change. */
function mutantList(change: Readonly<Record<string, unknown>>): string {
	const edit = { file: "src/domain/ids.ts", find: "string", replace: "number" };
	const mutant = { id: "other-ids", goal: "R1", says: "an id is a number", edits: [edit], tests: ["src/main.ts"] };
	return `export const mutants = [${JSON.stringify({ ...mutant, ...change })}];\n`;
}

const plants: readonly Plant[] = [
	{
		gate: "imports",
		name: "a room imports one it may not",
		files: { "src/domain/laws.ts": 'import "#platform/clock.ts";\n' },
		finds: /^src\/domain\/laws\.ts:1 .*domain may not import platform$/,
	},
	{
		gate: "imports",
		name: "a server imports another server",
		files: { "src/matcher/loop.ts": '\nimport type { admit } from "#gateway/admit.ts";\n' },
		finds: /^src\/matcher\/loop\.ts:2 .*matcher may not import gateway$/,
	},
	{
		gate: "imports",
		name: "a connector imports its sibling",
		files: { "src/connectors/pong/inbound.ts": 'import "../ping/inbound.ts";\n' },
		finds: /^src\/connectors\/pong\/inbound\.ts:1 .*connectors\/\* may not import connectors\/\*$/,
	},
	{
		gate: "imports",
		name: "a connector imports storage, lazily",
		files: { "src/connectors/ping/outbound.ts": 'export const store = () => import("#storage/storage.ts");\n' },
		finds: /connectors\/\* may not import storage$/,
	},
	{
		gate: "imports",
		name: "a relative import leaves its folder",
		files: { "src/gateway/send.ts": 'import "../domain/ids.ts";\n' },
		finds: /a relative import may not leave its folder/,
	},
	{
		gate: "imports",
		name: "somebody imports main.ts",
		files: { "src/domain/laws.ts": 'import "#domain/../main.ts";\n' },
		finds: /nobody imports main\.ts$/,
	},
	{
		gate: "imports",
		name: "the settings are imported as a value",
		files: { "src/gateway/send.ts": 'import { settings } from "#settings";\n' },
		finds: /gateway may not import settings$/,
	},
	{
		gate: "imports",
		name: "a folder without a row in the wall",
		files: { "src/extras/more.ts": 'import "#domain/ids.ts";\n' },
		finds: /the wall knows no room extras$/,
	},
	{
		gate: "imports",
		name: "the product imports a test",
		files: { "src/gateway/send.ts": 'import "./send.test.ts";\n' },
		finds: /the product may not import tests or tools$/,
	},
	...[
		["Date.now();", "Date.now"],
		["new Date();", "new Date()"],
		["performance.now();", "performance.now"],
		["setTimeout(go, 1);", "a timer"],
		["AbortSignal.timeout(1);", "a timer"],
		["Math.random();", "Math.random"],
		["crypto.randomUUID();", "random bytes"],
		["process.env;", "process.env"],
		["process.argv;", "process.argv"],
		["console.log(1);", "console"],
		["globalThis.fetch(url);", "a global by name"],
		["eval(text);", "code from text"],
	].map(([code = "", what = ""]) => ({
		gate: "clock-and-chance",
		name: `the code uses ${what} (${code})`,
		files: { "src/gateway/send.ts": `// Date.now() in a comment is fine.\n${code}\n` },
		finds: new RegExp(`^src/gateway/send\\.ts:2 uses ${what.replace(/[.()]/g, "\\$&")};`),
	})),
	...["undici", "node:http", "node:net", "node:timers/promises", "node:child_process"].map((from) => ({
		gate: "clock-and-chance",
		name: `the code imports ${from}`,
		files: { "src/gateway/send.ts": `import { a } from "${from}";\n` },
		finds: new RegExp(`^src/gateway/send\\.ts:1 imports ${from};`),
	})),
	...["index.ts", "inbound.ts", "outbound.ts", "README.md"].map((file) => ({
		gate: "connectors",
		name: `a connector without ${file}`,
		files: { [`src/connectors/ping/${file}`]: null },
		finds: new RegExp(`^src/connectors/ping has no ${file}$`),
	})),
	{
		gate: "connectors",
		name: "a connector without fixtures",
		files: { "src/connectors/ping/fixtures/hello.http": null, "src/connectors/ping/fixtures/hello.json": null },
		finds: /^src\/connectors\/ping has no fixtures$/,
	},
	{
		gate: "connectors",
		name: "a fixture without its expected events",
		files: { "src/connectors/ping/fixtures/hello.json": null },
		finds: /hello\.http needs its other half/,
	},
	{
		gate: "connectors",
		name: "a table of contents that became a book",
		files: { "src/connectors/ping/index.ts": "export {};\n".repeat(61) },
		finds: /index\.ts has 61 lines, at most 60$/,
	},
	{
		gate: "connectors",
		name: "a README without a link",
		files: { "src/connectors/ping/README.md": "Checked 2026-11-24.\n" },
		finds: /needs a link to the provider's page/,
	},
	{
		gate: "connectors",
		name: "a README without a date",
		files: { "src/connectors/ping/README.md": "https://example.com/ping\n" },
		finds: /needs a link to the provider's page/,
	},
	{
		gate: "connectors",
		name: "a side door of the runtime",
		files: { "src/connectors/ping/outbound.ts": 'import "node:fs";\n' },
		finds: /imports node:fs: a connector may not$/,
	},
	{
		gate: "connectors",
		name: "a side door by a package",
		files: { "src/connectors/ping/outbound.ts": 'import "kysely";\n' },
		finds: /imports kysely: a connector may not$/,
	},
	{
		gate: "connectors",
		name: "a connector the registry does not know",
		files: { "src/connectors/registry.ts": "export {};\n" },
		finds: /registry\.ts does not know ping$/,
	},
	{
		gate: "connectors",
		name: "a forged proof of admission",
		files: { "src/gateway/receive.ts": "\nexport const forged = (raw: unknown) => raw as VerifiedRequest;\n" },
		finds: /^src\/gateway\/receive\.ts:2 says "as VerifiedRequest"/,
	},
	{
		gate: "names",
		name: "a drawer folder",
		files: { "src/gateway/utils/text.ts": "" },
		finds: /^src\/gateway\/utils is a drawer/,
	},
	{
		gate: "names",
		name: "a file in camel case",
		files: { "src/gateway/sendText.ts": "" },
		finds: /sendText\.ts is not kebab-case$/,
	},
	...[
		"class SendManager {}",
		"type ChunkInfo = 1;",
		"const textHelpers = 1;",
		"interface Service {}",
		"function handle() {}",
		"async function process() {}",
	].map((code) => ({
		gate: "names",
		name: `an empty name (${code})`,
		files: { "src/gateway/send.ts": `export ${code}\n` },
		finds: /^src\/gateway\/send\.ts:1 exports \w+: the name says nothing/,
	})),
	{
		gate: "names",
		name: "a get that waits",
		files: { "src/gateway/send.ts": "async function getRows() {}\n" },
		finds: /getRows waits/,
	},
	{
		gate: "sizes",
		name: "a file that is too long",
		files: { "src/gateway/send.ts": "\n".repeat(401) },
		finds: /send\.ts has 401 lines, at most 400/,
	},
	{
		gate: "sizes",
		name: "a composition root that is too long",
		files: { "src/main.ts": "\n".repeat(121) },
		finds: /main\.ts has 121 lines, at most 120/,
	},
	{ gate: "papers", name: "a missing paper", files: { "SECURITY.md": null }, finds: /^SECURITY\.md is missing$/ },
	{
		gate: "papers",
		name: "a decision that cannot be undone",
		files: { "docs/decisions/0001-one.md": "## Situation\n## Decision\n## Because\n## Costs\n" },
		finds: /0001-one\.md needs the headings/,
	},
	{
		gate: "papers",
		name: "a decision that is too long",
		files: {
			"docs/decisions/0001-one.md":
				"## Situation\n## Decision\n## Because\n## Costs\n## Undo when\n" + "x\n".repeat(36),
		},
		finds: /0001-one\.md has 41 lines, at most 40/,
	},
	{
		gate: "papers",
		name: "a decision with the wrong number",
		files: { "docs/decisions/0003-three.md": "## Situation\n## Decision\n## Because\n## Costs\n## Undo when\n" },
		finds: /0003-three\.md should have the number 0002/,
	},
	{
		gate: "papers",
		name: "a word without meaning",
		files: { "GLOSSARY.md": "**claim**\n" },
		finds: /GLOSSARY\.md does not explain \*\*lease\*\*/,
	},
	{
		gate: "papers",
		name: "a paper that names a file which is not there",
		files: { "ARCHITECTURE.md": "\nSee `gateway/gone.ts`.\n" },
		finds: /^ARCHITECTURE\.md:2 names gateway\/gone\.ts/,
	},
	{
		gate: "papers",
		name: "a paper that names a folder which is not there",
		files: { "README.md": "See `docs/gone/`.\n" },
		finds: /^README\.md:1 names docs\/gone/,
	},
	{
		gate: "papers",
		name: "a link that leads nowhere",
		files: { "docs/operations/upgrade.md": "[x](gone.md#part)\n" },
		finds: /upgrade\.md:1 links to gone\.md/,
	},
	{
		gate: "papers",
		name: "an alarm nobody explains",
		files: { "src/gateway/send.ts": 'metrics.alarm("fire", true);\n' },
		finds: /does not explain `alarm fire`$/,
	},
	{
		gate: "papers",
		name: "an alarm that does not exist",
		files: { "docs/operations/failure-modes.md": "See `alarm flood`.\n" },
		finds: /explains `alarm flood`, which the product does not have$/,
	},
	{
		gate: "papers",
		name: "a path of a machine",
		files: { "docs/operations/backup.md": `cp ${somebodysPath} x\n` },
		finds: /backup\.md:1 names a path of somebody's machine/,
	},
	{
		gate: "papers",
		name: "a registry's address",
		files: { "src/gateway/send.ts": `"${registryAddress}";\n` },
		finds: /send\.ts:1 names a registry's address/,
	},
	{
		gate: "papers",
		name: "a lock file that names what it does not lock",
		files: { "package-lock.json": '{"packages": {"": {"optionalDependencies": {"left": "1.0.0"}}}}' },
		finds: /package-lock\.json names left without locking it/,
	},
	{
		gate: "papers",
		name: "a lock file with addresses",
		files: { "package-lock.json": '{"resolved": "https://example.org/x.tgz"}' },
		finds: /package-lock\.json names download addresses/,
	},
	...["// TODO later", "// FIXME", "/* oxlint-disable */", "// @ts-ignore"].map((comment) => ({
		gate: "papers",
		name: `unfinished business (${comment})`,
		files: { "src/gateway/send.ts": `export {}; ${comment}\n` },
		finds: /^src\/gateway\/send\.ts:1 /,
	})),
	{
		gate: "dependencies",
		name: "the product loads what is not shipped",
		files: { "src/gateway/send.ts": 'import "fast-check";\n' },
		finds: /imports fast-check, which is not in dependencies$/,
	},
	{
		gate: "dependencies",
		name: "a test imports what nobody names",
		files: { "src/gateway/send.test.ts": 'import "fast-check";\n' },
		finds: /imports fast-check, which package\.json does not name$/,
	},
	{
		gate: "dependencies",
		name: "a dependency nobody imports",
		files: { "src/connectors/ping/index.ts": "export {};\n" },
		finds: /dependencies has typebox, which the product never imports$/,
	},
	...[
		{ change: { dependencies: { typebox: "^1.0.0" } }, finds: /dependencies has typebox at \^1\.0\.0/ },
		{
			change: { devDependencies: { "fast-check": "4.0.0" } },
			finds: /devDependencies has fast-check, which nothing uses/,
		},
		{ change: { allowScripts: { typebox: true } }, finds: /allowScripts names typebox/ },
	].map(({ change, finds }) => ({
		gate: "dependencies",
		name: `a manifest with ${JSON.stringify(change)}`,
		files: { "package.json": JSON.stringify({ ...manifest, ...change }) },
		finds,
	})),
	{
		gate: "generated",
		name: "a generator that disagrees",
		files: { "tools/generate-page.ts": 'process.stdout.write("page is stale");\nprocess.exitCode = 1;\n' },
		finds: /^tools\/generate-page\.ts --check: page is stale\. Run: npm run generate$/,
	},
	...[
		{
			name: "a mutant whose place is gone",
			change: { edits: [{ file: "src/domain/ids.ts", find: "bigint", replace: "number" }] },
			finds: /^test\/mutants\/ids\.ts: other-ids looks for "bigint", which stands 0 times in src\/domain\/ids\.ts$/,
		},
		{
			name: "a mutant that fits two places",
			change: { edits: [{ file: "src/domain/ids.ts", find: "t", replace: "u" }] },
			finds: /other-ids looks for "t", which stands \d times/,
		},
		{
			name: "a mutant that changes nothing",
			change: { edits: [{ file: "src/domain/ids.ts", find: "string", replace: "string" }] },
			finds: /other-ids replaces "string" by itself$/,
		},
		{
			name: "a mutant of a file that is not there",
			change: { edits: [{ file: "src/domain/gone.ts", find: "a", replace: "b" }] },
			finds: /other-ids changes src\/domain\/gone\.ts, which is not a source file$/,
		},
		{ name: "a mutant without a place", change: { edits: [] }, finds: /other-ids changes nothing$/ },
		{ name: "a mutant without a test", change: { tests: [] }, finds: /other-ids names no test$/ },
		{
			name: "a mutant whose test is gone",
			change: { tests: ["src/gone.test.ts"] },
			finds: /other-ids names src\/gone\.test\.ts, which does not exist$/,
		},
		{
			name: "a mutant without a goal",
			change: { goal: "safe" },
			finds: /other-ids has the goal safe; write it like R1$/,
		},
		{ name: "a mutant with an odd id", change: { id: "otherIds" }, finds: /otherIds is not in kebab-case$/ },
	].map(({ name, change, finds }) => ({
		gate: "mutants",
		name,
		files: { "test/mutants/ids.ts": mutantList(change) },
		finds,
	})),
	{
		gate: "mutants",
		name: "two mutants of one name",
		files: { "test/mutants/ids.ts": mutantList({}), "test/mutants/more.ts": mutantList({}) },
		finds: /^test\/mutants\/more\.ts has other-ids, which is there twice$/,
	},
];

for (const [name, gate] of Object.entries(gates)) {
	test(`${name}: finds nothing in a sound tree, and has a planted failure`, (t) => {
		assert.deepEqual(gate.findings(plant(t, soundTree)), []);
		assert.ok(plants.some((planted) => planted.gate === name));
	});
}

test("mutants: finds nothing in a list that fits its sources", (t) => {
	const root = plant(t, { ...soundTree, "test/mutants/ids.ts": mutantList({}) });
	assert.deepEqual(gates["mutants"]?.findings(root), []);
});

for (const { gate, name, files, finds } of plants) {
	test(`${gate}: finds ${name}`, (t) => {
		const found = gates[gate]?.findings(plant(t, { ...soundTree, ...files })) ?? [];
		assert.ok(
			found.some((finding) => finds.test(finding)),
			`expected ${finds}, found:\n${found.join("\n")}`,
		);
	});
}
