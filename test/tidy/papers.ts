// The papers stay true: what they name exists, decisions keep their form, the glossary keeps its words, and no text
// tells of machines, registries or unfinished business.

import { existsSync } from "node:fs";
import { join, posix } from "node:path";
import { filesUnder, foldersUnder, isTest, lineAt, lineCount, scan, textOf } from "./source.ts";

export function findings(root: string): readonly string[] {
	return [
		...required.filter((file) => !existsSync(join(root, file))).map((file) => `${file} is missing`),
		...decisions(root),
		...glossary(root),
		...namedFiles(root),
		...links(root),
		...alarms(root),
		...leftovers(root),
		...lockFile(root),
	];
}

const required = [
	"README.md",
	"ARCHITECTURE.md",
	"GLOSSARY.md",
	"STYLE.md",
	"CHANGELOG.md",
	"SECURITY.md",
	"LICENSE",
	"docs/operations/install.md",
	"docs/operations/failure-modes.md",
	"docs/operations/upgrade.md",
	"docs/operations/backup.md",
];

const headings = ["Situation", "Decision", "Because", "Costs", "Undo when"];
const decisionLinesMax = 40;

function decisions(root: string): readonly string[] {
	const files = filesUnder(root, "docs/decisions", ".md");
	return [
		...(files.length === 0 ? ["docs/decisions is empty"] : []),
		...files.flatMap((file, index) => {
			const number = String(index + 1).padStart(4, "0");
			const text = textOf(root, file);
			const lines = lineCount(text);
			const found = [...text.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
			return [
				...(posix.basename(file).startsWith(`${number}-`) ? [] : [`${file} should have the number ${number}`]),
				...(lines > decisionLinesMax ? [`${file} has ${lines} lines, at most ${decisionLinesMax}`] : []),
				...(found.join() === headings.join()
					? []
					: [`${file} needs the headings ${headings.join(" · ")}, in this order`]),
			];
		}),
	];
}

/** The words with one meaning. A new one is added here and in GLOSSARY.md. */
export const words = [
	"service type",
	"messaging service",
	"authentication",
	"connector",
	"provider",
	"channel",
	"address",
	"queue",
	"prompt",
	"calendar",
	"schedule",
	"service times",
	"ad-hoc schedule",
	"reply template",
	"inbox",
	"outbox",
	"claim",
	"lease",
	"attempt",
	"outcome",
	"settle",
	"parked",
	"remote id",
	"receipt",
	"sandbox",
	"persona",
	"admit",
	"verify",
	"event",
	"message",
	"part",
	"chain",
	"conversation",
	"chat",
	"transcript line",
	"contact",
	"user",
	"external user",
	"object type",
	"access",
	"grant",
	"capability",
	"fault code",
	"fixture",
	"simulator",
	"quarantine",
	"trace",
];

function glossary(root: string): readonly string[] {
	if (!existsSync(join(root, "GLOSSARY.md"))) {
		return [];
	}
	const text = textOf(root, "GLOSSARY.md");
	return words
		.filter((word) => !text.includes(`**${word}**`))
		.map((word) => `GLOSSARY.md does not explain **${word}**`);
}

/** Papers that name files by path. A path counts from the root, or from `src/` (as in "gateway/receive.ts"). */
const papers = ["README.md", "ARCHITECTURE.md", "GLOSSARY.md", "STYLE.md", "SECURITY.md", "docs/operations/proof.md"];
const namedFile =
	/(?<![\w./<*-])(?:[\w.-]+\/)+[\w.-]*\.(?:ts|md|json)\b|(?<![\w./<*-])(?:src|test|docs|tools|bench)\/[\w./-]*/g;

function namedFiles(root: string): readonly string[] {
	const folders = new Set(["src", "test", "docs", "tools", "bench"].flatMap((folder) => foldersUnder(root, folder)));
	return papers
		.filter((paper) => existsSync(join(root, paper)))
		.flatMap((paper) => {
			const text = textOf(root, paper);
			return [...text.matchAll(namedFile)]
				.map((found) => ({ path: found[0].replace(/[./]+$/, ""), line: lineAt(text, found.index) }))
				.filter(({ path }) => !folders.has(path) && !isFile(root, path))
				.map(({ path, line }) => `${paper}:${line} names ${path}, which does not exist`);
		});
}

function isFile(root: string, path: string): boolean {
	return [path, `src/${path}`].some((candidate) => existsSync(join(root, candidate)));
}

const link = /\]\((?!https?:|mailto:|#)([^)\s#]+)(?:#[^)\s]*)?\)/g;

function links(root: string): readonly string[] {
	return filesUnder(root, "", ".md").flatMap((paper) => {
		const text = textOf(root, paper);
		return [...text.matchAll(link)]
			.filter(([, target = ""]) => !existsSync(join(root, posix.dirname(paper), target)))
			.map((found) => `${paper}:${lineAt(text, found.index)} links to ${found[1]}, which does not exist`);
	});
}

const alarmPaper = "docs/operations/failure-modes.md";

/** Every alarm the product raises is explained to the operator, and none is explained that does not exist. */
function alarms(root: string): readonly string[] {
	if (!existsSync(join(root, alarmPaper))) {
		return [];
	}
	const sources = filesUnder(root, "src", ".ts")
		.filter((file) => !isTest(file))
		.map((file) => scan(textOf(root, file)).withTexts);
	const raised = sources.flatMap((text) => [...text.matchAll(/\balarm\(\s*"(\w+)"/g)].map(([, name = ""]) => name));
	const explained = [...textOf(root, alarmPaper).matchAll(/`alarm (\w+)`/g)].map(([, name = ""]) => name);
	return [
		...[...new Set(raised)]
			.filter((name) => !explained.includes(name))
			.map((name) => `${alarmPaper} does not explain \`alarm ${name}\``),
		...[...new Set(explained)]
			.filter((name) => !raised.includes(name))
			.map((name) => `${alarmPaper} explains \`alarm ${name}\`, which the product does not have`),
	];
}

const textFile = /\.(?:ts|md|json|yaml|yml|sh|css|html|http|toml)$|^(?:\.ci\/run|LICENSE)$/;
const notOurs = /^(?:package-lock\.json|LICENSE)$/;
const bans: readonly { pattern: RegExp; says: string }[] = [
	{ pattern: /(?<![\w.:])\/(?:home|root|work|Users)\/[\w.]/g, says: "a path of somebody's machine" },
	{ pattern: /https?:\/\/(?:registry|deb)\.[\w.]+/g, says: "a registry's address" },
];

function leftovers(root: string): readonly string[] {
	return filesUnder(root, "")
		.filter((file) => textFile.test(file) && !notOurs.test(file))
		.flatMap((file) => {
			const text = textOf(root, file);
			const banned = bans.flatMap(({ pattern, says }) =>
				[...text.matchAll(pattern)].map((found) => `${file}:${lineAt(text, found.index)} names ${says}`),
			);
			return [...banned, ...(file.endsWith(".ts") ? unfinished(file, text) : [])];
		});
}

/** Work to be done has the number of its issue; what must be mended is mended before it is merged. */
function unfinished(file: string, source: string): readonly string[] {
	return scan(source).comments.flatMap(({ line, text }) => [
		...(/\bTODO\b(?!\s*\(?#\d+)/.test(text) ? [`${file}:${line} has a TODO without the number of its issue`] : []),
		...(/\bFIXME\b|\bXXX\b/.test(text) ? [`${file}:${line} has something to mend before it is merged`] : []),
		...(/\b(?:oxlint|eslint)-disable/.test(text) && !/-- \S/.test(text)
			? [`${file}:${line} silences lint without a reason (-- why)`]
			: []),
		...(/@ts-(?:ignore|nocheck)/.test(text) ? [`${file}:${line} silences the compiler`] : []),
	]);
}

function lockFile(root: string): readonly string[] {
	if (!existsSync(join(root, "package-lock.json"))) {
		return ["package-lock.json is missing"];
	}
	const text = textOf(root, "package-lock.json");
	const addresses = /"resolved": "https?:/.test(text)
		? ["package-lock.json names download addresses; write it with omit-lockfile-registry-resolved"]
		: [];
	return [...addresses, ...unlockedNames(text)];
}

type LockedPackages = Readonly<Record<string, { optionalDependencies?: Readonly<Record<string, string>> }>>;

/** npm 11 refuses a clean install when an optional package is named and not locked. */
function unlockedNames(text: string): readonly string[] {
	const { packages = {} } = JSON.parse(text) as { packages?: LockedPackages };
	const named = Object.values(packages).flatMap(({ optionalDependencies = {} }) => Object.keys(optionalDependencies));
	return named
		.filter((name) => !Object.keys(packages).some((path) => path.endsWith(`node_modules/${name}`)))
		.map((name) => `package-lock.json names ${name} without locking it: "npm ci" would fail`);
}
