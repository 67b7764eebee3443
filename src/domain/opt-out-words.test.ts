import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { customaryOptInWords, customaryOptOutWords, toOptWords, wishIn } from "./opt-out-words.ts";

const usual = toOptWords({});

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

test("other channels have no words of their own; a service's own words count on all of its channels", () => {
	assert.equal(wishIn("STOP", "whatsapp", usual), undefined);
	const own = toOptWords({ optOutWords: ["Halt", "kein  Interesse"], optInWords: ["ja"] });
	for (const channel of ["sms", "whatsapp"]) {
		assert.equal(wishIn("halt!", channel, own), "refused");
		assert.equal(wishIn("Kein Interesse.", channel, own), "refused");
		assert.equal(wishIn("JA", channel, own), "granted");
		assert.equal(wishIn("STOP", channel, own), undefined, "the customary words are replaced");
	}
});

test("an empty list switches the words off, each list for itself; a word in both ends messages", () => {
	assert.equal(wishIn("STOP", "sms", toOptWords({ optOutWords: [] })), undefined);
	assert.equal(wishIn("START", "sms", toOptWords({ optOutWords: [] })), "granted");
	assert.equal(wishIn("x", "sms", toOptWords({ optOutWords: ["X"], optInWords: ["x"] })), "refused");
	assert.equal(wishIn("...", "sms", toOptWords({ optOutWords: ["!"] })), undefined, "nothing is no word");
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
