// Goal: a long text becomes parts that the provider takes: nothing lost, nothing added, no part above the limit in the
// unit the provider counts in, and no character that people see as one cut in two where that can be helped.
// Method: random texts of awkward characters; sizes are measured here anew, by other means than the splitter's own.

import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { planParts } from "#domain/parts.ts";
import { splitText, type TextLimit } from "#domain/text-splitting.ts";
import { runs, seed } from "./runs.ts";

// 3GPP TS 23.038 section 6.2.1, in the order of its table.
const gsmBasic =
	"@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ ÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
const gsmExtension = "\f^{}\\[~]|€";

/** Whether a provider that counts so takes the text: a short message has 140 octets per 160 septets of its limit. */
function fits(text: string, { max, unit }: TextLimit): boolean {
	switch (unit) {
		case "characters":
			return Array.from(text).length <= max;
		case "utf16":
			return text.length <= max;
		case "bytes":
			return Buffer.byteLength(text, "utf8") <= max;
		case "gsm7": {
			const characters = Array.from(text);
			const isGsm = characters.every((one) => gsmBasic.includes(one) || gsmExtension.includes(one));
			const septets = characters.length + characters.filter((one) => gsmExtension.includes(one)).length;
			return isGsm ? septets <= max : text.length * 16 <= max * 7 + 6; // A last octet begun is a septet that is free.
		}
	}
}

const cluster = fc.oneof(
	{ weight: 6, arbitrary: fc.string({ unit: "grapheme-ascii", minLength: 1, maxLength: 1 }) },
	{ weight: 3, arbitrary: fc.string({ unit: "grapheme", minLength: 1, maxLength: 1 }) },
	{ weight: 2, arbitrary: fc.constantFrom(...Array.from(gsmBasic + gsmExtension)) },
	{
		weight: 2,
		arbitrary: fc.constantFrom("\r\n", "👨‍👩‍👧‍👦", "🇩🇪", "e\u0301", "👍🏽", "नि", "각", "\u0301", "\u200d", "я"),
	},
	{ weight: 2, arbitrary: fc.constantFrom(" ", "\n", "\t", "\u2003") },
);
// Without the size, fast-check makes texts of ten characters, which nobody has to split.
const texts = fc.array(cluster, { maxLength: 400, size: "max" }).map((clusters) => clusters.join(""));
const limits = fc.record({
	max: fc.integer({ min: 1, max: 200 }),
	unit: fc.constantFrom<TextLimit["unit"]>("gsm7", "utf16", "characters", "bytes"),
});

const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });
const clustersOf = (text: string) => Array.from(segmenter.segment(text), ({ segment }) => segment);

test(`splitting loses nothing and adds nothing, and what is one part stays one (seed ${seed})`, () => {
	const sizes: number[] = [];
	fc.assert(
		fc.property(texts, limits, (text, limit) => {
			const parts = splitText(text, limit);
			sizes.push(parts.length);
			assert.equal(parts.join(""), text);
			assert.equal(parts.length === 1, fits(text, limit) || Array.from(text).length === 1);
			assert.ok(parts.every((part) => part !== "" || text === ""));
		}),
		runs(400),
	);
	assert.ok(sizes.filter((size) => size > 1).length > sizes.length / 2, "most of these texts had to be split");
});

test(`no part exceeds the limit in its unit, but for a single code point that does by itself (seed ${seed})`, () => {
	fc.assert(
		fc.property(texts, limits, (text, limit) => {
			for (const part of splitText(text, limit)) {
				assert.ok(
					fits(part, limit) || Array.from(part).length === 1,
					`${JSON.stringify(part)} in ${limit.max} ${limit.unit}`,
				);
			}
		}),
		runs(400),
	);
});

test(`no code point is cut, and no cluster that would have fitted into a part of its own (seed ${seed})`, () => {
	fc.assert(
		fc.property(texts, limits, (text, limit) => {
			const parts = splitText(text, limit);
			assert.ok(parts.every((part) => part.isWellFormed()));
			const ends = new Set<number>();
			let end = 0;
			for (const part of parts) {
				ends.add((end += part.length));
			}
			let start = 0;
			for (const one of clustersOf(text)) {
				const cuts = [...ends].filter((cut) => cut > start && cut < start + one.length);
				assert.ok(cuts.length === 0 || !fits(one, limit), `${JSON.stringify(one)} is cut`);
				start += one.length;
			}
		}),
		runs(400),
	);
});

test(`what is planned for a provider is the whole message in reading order, in pieces it takes (seed ${seed})`, () => {
	const attachments = fc.array(
		fc.integer({ min: 0, max: 99 }).map((n) => ({ url: `https://files.example/${n}` })),
		{ maxLength: 12 },
	);
	const media = fc.oneof(
		fc.constant(false as const),
		fc.record({ maxCount: fc.integer({ min: 1, max: 10 }), withText: fc.boolean() }),
	);
	fc.assert(
		fc.property(texts, attachments, limits, media, (text, given, limit, mediaLimit) => {
			const sent = mediaLimit === false ? [] : given;
			const parts = planParts({ text, attachments: sent }, { text: limit, media: mediaLimit });
			assert.equal(parts.map((part) => part.text).join(""), text);
			assert.deepEqual(
				parts.flatMap((part) => part.attachments),
				sent,
			);
			for (const part of parts) {
				assert.ok(mediaLimit === false || part.attachments.length <= mediaLimit.maxCount);
				assert.ok(part.text === "" || part.attachments.length === 0 || (mediaLimit !== false && mediaLimit.withText));
			}
			const isEmpty = text === "" && sent.length === 0;
			assert.equal(
				parts.some((part) => part.text === "" && part.attachments.length === 0),
				isEmpty,
				"an empty part is sent only where the message is empty",
			);
		}),
		runs(300),
	);
});
