// Goal: every generator notices that its page is stale. Method: a copy of the sources and pages, in which one word of one
// page is changed; the gate names the generator of that page and what to run.

import assert from "node:assert/strict";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { findings } from "../tidy/generated.ts";
import { filesUnder } from "../tidy/source.ts";
import { plant, repository } from "./plant.ts";

/** By generator: a page it writes, and a word of the generated part of that page. */
const pages: Readonly<Record<string, { page: string; word: RegExp }>> = {
	"tools/generate-connector-pages.ts": { page: "docs/connectors/twilio.md", word: /Account SID/ },
	"tools/generate-openapi.ts": { page: "docs/openapi/rci.json", word: /messagingServices/ },
	"tools/generate-problems-page.ts": { page: "docs/problems.md", word: /Malformed/ },
	"tools/generate-settings-page.ts": { page: "docs/operations/settings.md", word: /8080/ },
	"tools/generate-web-client.ts": { page: "src/web/api/cmi.ts", word: /cmiGetMessages/ },
};

test("every generator has a page here that can go stale", () => {
	const generators = filesUnder(repository, "tools", ".ts").filter((file) => /\/generate-[\w-]+\.ts$/.test(file));
	assert.deepEqual(
		generators.filter((file) => !file.endsWith(".test.ts")),
		Object.keys(pages).toSorted(),
	);
});

test("a page in which one word was changed is stale, whichever page it is", (t) => {
	const root = plant(t, {});
	for (const part of ["src", "tools", "docs", "test", "package.json"]) {
		cpSync(join(repository, part), join(root, part), { recursive: true });
	}
	assert.deepEqual(findings(root), []);
	for (const { page, word } of Object.values(pages)) {
		const text = readFileSync(join(root, page), "utf8");
		assert.match(text, word);
		writeFileSync(join(root, page), text.replace(word, "stale"));
	}
	const found = findings(root);
	assert.equal(found.length, Object.keys(pages).length, found.join("\n"));
	for (const generator of Object.keys(pages)) {
		assert.ok(found.some((finding) => finding.startsWith(generator) && finding.endsWith("Run: npm run generate")));
	}
});
