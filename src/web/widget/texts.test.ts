import assert from "node:assert/strict";
import { test } from "node:test";
import { buttonTextsFor } from "./page/texts.ts";
import { catalogues, fill, sentenceFor, textsFor } from "./texts.ts";

test("every language has every text, with the same to fill in", () => {
	const filledIn = (text: string) =>
		Array.from(text.matchAll(/\{([a-z]+)\}/g), ([, name = ""]) => name)
			.toSorted()
			.join();
	for (const texts of Object.values(catalogues)) {
		assert.deepEqual(Object.keys(texts).toSorted(), Object.keys(catalogues.en).toSorted());
		for (const [key, text] of Object.entries(texts)) {
			assert.notEqual(text.trim(), "", key);
			assert.equal(filledIn(text), filledIn(catalogues.en[key as keyof typeof catalogues.en]), key);
		}
	}
});

test("a language is found by its tag; what there is none for is English", () => {
	assert.equal(textsFor("de-CH").send, "Senden");
	assert.equal(textsFor("den").send, "Send");
	assert.equal(buttonTextsFor("DE").open, "Chat öffnen");
	assert.equal(buttonTextsFor("ja").unread(1), "1 unread message");
});

test("what the server refuses has a sentence, also what it refuses in words nobody knows", () => {
	const texts = textsFor("en");
	assert.equal(sentenceFor("too_large", texts), texts.too_large);
	assert.equal(sentenceFor("constructor", texts), texts.unexplained);
	assert.equal(fill("{name} {other}", { name: "{name}" }), "{name} {other}");
});
