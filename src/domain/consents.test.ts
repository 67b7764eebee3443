import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { consentKey, spellingsOf, usageOf, usagePattern } from "./consents.ts";

test("one number is one key, however a provider or a person writes it", () => {
	const spellings = ["+4915112345", "4915112345", "whatsapp:+4915112345", "WhatsApp:4915112345", " +49 151 12345 "];
	assert.deepEqual([...new Set(spellings.map((address) => consentKey("whatsapp", address)))], ["4915112345"]);
	assert.notEqual(consentKey("sms", "whatsapp:+4915112345"), "4915112345", "the prefix of another channel stays");
});

test("other addresses are compared as everywhere: without regard to case", () => {
	assert.equal(consentKey("telegram", "Ada"), consentKey("telegram", "ada"));
	assert.notEqual(consentKey("sms", "12345"), consentKey("sms", "+12345"), "a short code is no number");
});

test("every spelling of an address has its key, and a channel's name fits before the underscore", () => {
	const address = fc.oneof(fc.string({ minLength: 1 }), fc.stringMatching(/^\+?[1-9]\d{5,14}$/));
	fc.assert(
		fc.property(fc.constantFrom("sms", "whatsapp", "messenger"), address, (usage, given) => {
			const spellings = spellingsOf(usage, given);
			assert.ok(spellings.includes(given));
			if (/^\+?\d+$/.test(given)) {
				assert.deepEqual([...new Set(spellings.map((one) => consentKey(usage, one)))], [consentKey(usage, given)]);
			}
		}),
		{ seed: 20261126 },
	);
	assert.equal(usageOf("SINCH_CHAT"), "sinch-chat");
	assert.match(usageOf("viber-bot"), new RegExp(usagePattern));
});
