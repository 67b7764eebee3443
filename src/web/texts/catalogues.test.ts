// Every language has every text: the same files, keys and values to fill in as English, which the types are made of.

import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const web = join(import.meta.dirname, "..");
const english = globSync("**/texts/en/*.json", { cwd: web });
const languages = ["de"];

/** By path of keys, with what is filled in, in order. */
function textsOf(file: string): ReadonlyMap<string, string> {
	const found = new Map<string, string>();
	const walk = (value: unknown, path: string): void => {
		if (typeof value === "string") {
			const filledIn = Array.from(value.matchAll(/\{\{(\w+)\}\}/g), ([, name = ""]) => name);
			found.set(path, [...new Set(filledIn)].toSorted().join());
			assert.notEqual(value.trim(), "", `${file} ${path} says something`);
			return;
		}
		Object.entries(value as Record<string, unknown>).forEach(([key, inner]) => walk(inner, `${path}.${key}`));
	};
	walk(JSON.parse(readFileSync(join(web, file), "utf8")), "");
	return found;
}

for (const language of languages) {
	test(`every text is there in ${language}`, () => {
		assert.ok(english.length > 8);
		for (const file of english) {
			const theirs = textsOf(file.replace("/en/", `/${language}/`));
			const ours = textsOf(file);
			assert.deepEqual([...theirs.keys()].toSorted(), [...ours.keys()].toSorted(), file);
			for (const [path, filledIn] of ours) {
				// "One …" may say the number in a word.
				if (!path.endsWith("_one")) {
					assert.equal(theirs.get(path), filledIn, `${file} ${path}`);
				}
			}
		}
	});
}
