// The lists of mutants fit the sources they are meant for: every text to be replaced stands in its file exactly once, and
// the tests that are to turn red exist. A mutant that no longer applies proves nothing.

import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Mutant } from "../mutants/mutant.ts";
import { filesUnder, textOf } from "./source.ts";

const folder = "test/mutants";
const typesOnly = `${folder}/mutant.ts`;

export function findings(root: string): readonly string[] {
	const listed = listedMutants(root);
	const ids = listed.map(({ mutant }) => mutant.id);
	return listed.flatMap(({ file, mutant }) => [
		...(ids.filter((id) => id === mutant.id).length === 1 ? [] : [`${file} has ${mutant.id}, which is there twice`]),
		...stale(root, mutant).map((says) => `${file}: ${mutant.id} ${says}`),
	]);
}

export type ListedMutant = { file: string; mutant: Mutant };

/** Every mutant of every list, in the order of the files. */
export function listedMutants(root: string): readonly ListedMutant[] {
	const load = createRequire(import.meta.url);
	return filesUnder(root, folder, ".ts")
		.filter((file) => file !== typesOnly)
		.flatMap((file) => {
			const { mutants } = load(join(root, file)) as { mutants?: readonly Mutant[] };
			if (mutants === undefined) {
				throw new Error(`${file} does not export "mutants".`);
			}
			return mutants.map((mutant) => ({ file, mutant }));
		});
}

function stale(root: string, { id, goal, edits, tests }: Mutant): readonly string[] {
	return [
		...(/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(id) ? [] : ["is not in kebab-case"]),
		...(/^[RSQI]\d{1,2}$/.test(goal) ? [] : [`has the goal ${goal}; write it like R1`]),
		...(edits.length > 0 ? [] : ["changes nothing"]),
		...(tests.length > 0 ? [] : ["names no test"]),
		...tests.filter((test) => !existsSync(join(root, test))).map((test) => `names ${test}, which does not exist`),
		...edits.flatMap((edit) => staleEdit(root, edit)),
	];
}

function staleEdit(root: string, { file, find, replace }: Mutant["edits"][number]): readonly string[] {
	if (!file.startsWith("src/") || !existsSync(join(root, file))) {
		return [`changes ${file}, which is not a source file`];
	}
	const times = textOf(root, file).split(find).length - 1;
	return [
		...(times === 1 ? [] : [`looks for ${JSON.stringify(find)}, which stands ${times} times in ${file}`]),
		...(find === replace ? [`replaces ${JSON.stringify(find)} by itself`] : []),
	];
}
