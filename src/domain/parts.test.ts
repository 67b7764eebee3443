import assert from "node:assert/strict";
import test from "node:test";
import { planParts } from "./parts.ts";

const text = { max: 10, unit: "characters" } as const;
const a = { url: "https://files.example/a" };
const b = { url: "https://files.example/b" };
const c = { url: "https://files.example/c" };

test("a provider without media in texts gets the texts first, then attachments in groups", () => {
	const limits = { text, media: { maxCount: 1, withText: false } };
	assert.deepEqual(planParts({ text: "hi", attachments: [a, b] }, limits), [
		{ text: "hi", attachments: [] },
		{ text: "", attachments: [a] },
		{ text: "", attachments: [b] },
	]);
});

test("a provider with media in texts gets the first group with the last text", () => {
	const limits = { text, media: { maxCount: 2, withText: true } };
	assert.deepEqual(planParts({ text: "0123456789ab", attachments: [a, b, c] }, limits), [
		{ text: "0123456789", attachments: [] },
		{ text: "ab", attachments: [a, b] },
		{ text: "", attachments: [c] },
	]);
	assert.deepEqual(planParts({ text: "", attachments: [a] }, limits), [{ text: "", attachments: [a] }]);
});

test("there is always one part", () => {
	assert.deepEqual(planParts({ text: "", attachments: [] }, { text, media: false }), [{ text: "", attachments: [] }]);
});
