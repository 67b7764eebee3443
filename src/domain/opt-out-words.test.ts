import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { customaryOptInWords, customaryOptOutWords, toOptWords, wishIn } from "./opt-out-words.ts";

const customary = {
	optOutWords: customaryOptOutWords,
	optInWords: customaryOptInWords,
	optWordChannels: "sms" as const,
};
const usual = toOptWords(customary);
const withWords = (over: Partial<Parameters<typeof toOptWords>[0]>) => toOptWords({ ...customary, ...over });

test("a customary word alone in a text message is a wish, however it is written", () => {
	for (const text of ["STOP", "stop", " Stop ", "Stop.", "STOP!!", "stop \n", "ＳＴＯＰ", "unsubscribe…", "Quit?!"]) {
		assert.equal(wishIn(text, "sms", usual), "refused", text);
	}
	for (const text of ["START", "start.", " Unstop"]) {
		assert.equal(wishIn(text, "sms", usual), "granted", text);
	}
});

test("a word among others is none, and neither is yes, nothing or a long text", () => {
	const others = ["please stop", "stop it", "stopp", "YES", "HELP", "", " ", "...", "!stop", "\u0000", "st op"];
	for (const text of [...others, `stop${" ".repeat(100)}`, "stop".repeat(1000)]) {
		assert.equal(wishIn(text, "sms", usual), undefined, JSON.stringify(text.slice(0, 20)));
	}
});

test("other channels have no words unless the service says so; its own words take the place of the customary ones", () => {
	assert.equal(wishIn("STOP", "whatsapp", usual), undefined);
	assert.equal(wishIn("STOP", "whatsapp", withWords({ optWordChannels: "every" })), "refused");
	const own = withWords({ optOutWords: ["Halt", "kein  Interesse"], optInWords: ["ja"] });
	assert.equal(wishIn("halt!", "sms", own), "refused");
	assert.equal(wishIn("Kein Interesse.", "sms", own), "refused");
	assert.equal(wishIn("JA", "sms", own), "granted");
	assert.equal(wishIn("STOP", "sms", own), undefined);
});

test("an empty list switches the words off, each list for itself; a word in both ends messages", () => {
	assert.equal(wishIn("STOP", "sms", withWords({ optOutWords: [] })), undefined);
	assert.equal(wishIn("START", "sms", withWords({ optOutWords: [] })), "granted");
	assert.equal(wishIn("x", "sms", withWords({ optOutWords: ["X"], optInWords: ["x"] })), "refused");
	assert.equal(wishIn("...", "sms", withWords({ optOutWords: ["!"] })), undefined, "nothing is no word");
});

test("any text is judged without a throw, and the words are those of the lists", () => {
	const words: ReadonlySet<string> = new Set([...customaryOptOutWords, ...customaryOptInWords]);
	fc.assert(
		fc.property(fc.string({ unit: "grapheme" }), (text) => {
			const wish = wishIn(text, "sms", usual);
			assert.ok(wish === undefined || [...words].some((word) => text.normalize("NFKC").toUpperCase().includes(word)));
		}),
		{ numRuns: 500, seed: 20261126 },
	);
});
