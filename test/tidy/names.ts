// Names: no drawer folders, kebab-case files, no words that say nothing, nothing that waits called "get".

import { codeUnder, foldersUnder, lineAt, scan, textOf } from "./source.ts";

const drawers = ["utils", "util", "helpers", "common", "shared", "core", "lib", "misc"];
const emptyWords = /(?:Managers?|Helpers?|Utils?|Handlers?|Processors?|Data|Info)$/;
const bareWords = ["Service", "process", "handle", "do"];
const fileName = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:(?:\.long)?\.test|\.d|\.config)?\.tsx?$/;

export function findings(root: string): readonly string[] {
	const files = ["src", "test", "tools", "bench"].flatMap((folder) => codeUnder(root, folder));
	const folders = ["src", "test", "tools", "bench"].flatMap((folder) => foldersUnder(root, folder));
	return [
		...folders
			.filter((folder) => drawers.includes(folder.split("/").at(-1) ?? ""))
			.map((folder) => `${folder} is a drawer; name the folder for what it is about`),
		...files.filter((file) => !fileName.test(file.split("/").at(-1) ?? "")).map((file) => `${file} is not kebab-case`),
		...files.flatMap((file) => wrongNames(file, textOf(root, file))),
	];
}

const declaration =
	/\bexport\s+(?:declare\s+)?(?:async\s+)?(?:function\*?|const|let|class|type|interface)\s+([A-Za-z_$][\w$]*)/g;
const waitingGet = /\basync\s+function\s+(get[A-Z]\w*)|\bfunction\s+(get[A-Z]\w*)\s*\([^)]*\)\s*:\s*Promise</g;

function wrongNames(file: string, source: string): readonly string[] {
	const { code } = scan(source);
	const empty = [...code.matchAll(declaration)]
		.filter(([, name = ""]) => emptyWords.test(name) || bareWords.includes(name))
		.map(
			(found) => `${file}:${lineAt(source, found.index)} exports ${found[1]}: the name says nothing; see GLOSSARY.md`,
		);
	const waiting = [...code.matchAll(waitingGet)].map(
		(found) => `${file}:${lineAt(source, found.index)} ${found[1] ?? found[2]} waits; "get" is for what is at hand`,
	);
	return [...empty, ...waiting];
}
