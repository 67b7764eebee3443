import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { read, readAll, readPages } from "./read.ts";

test("ways of reading whose data differ in shape never share a key", () => {
	const never = () => Promise.reject(new Error("Nobody asks."));
	const key = ["users", "names"] as const;
	const keys = [read(key, never), readAll(key, never), readPages(key, never)].map(({ queryKey }) => queryKey.join(" "));
	assert.deepEqual(keys, ["users names answer", "users names all", "users names pages"]);
});

test("no key of a query is written without the shape of its data", () => {
	const web = join(import.meta.dirname, "..");
	const sources = globSync("**/*.{ts,tsx}", { cwd: web }).filter((file) => !file.endsWith(".test.ts"));
	const lines = sources.flatMap((file) => readFileSync(join(web, file), "utf8").split("\n"));
	const keys = lines.filter((line) => /\bqueryKey: ?\[/.test(line));
	assert.ok(keys.length > 2);
	// What is asked again, cancelled or removed is named by the beginning of its key.
	assert.deepEqual(
		keys.filter((line) => !/\b(?:invalidate|cancel|remove)Queries\(/.test(line)),
		[],
	);
});
