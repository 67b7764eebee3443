import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { metaWindowHours, replyWindowEnd, whyShut } from "./reply-window.ts";

const now = new Date("2026-01-02T12:00:00Z");
const ago = (ms: number) => new Date(now.getTime() - ms);
const dayMs = 86_400_000;

test("a window is open until its last millisecond and shut at its end", () => {
	assert.equal(whyShut(24, ago(dayMs - 1), now), undefined);
	assert.match(whyShut(24, ago(dayMs), now) ?? "", /more than 24 hours ago/);
	assert.match(whyShut(168, ago(7 * dayMs), now) ?? "", /more than 7 days ago/);
	assert.equal(whyShut(168, ago(7 * dayMs - 1), now), undefined);
});

test("whoever has never written has no window, and a clock that is behind shuts none", () => {
	assert.match(whyShut(24, null, now) ?? "", /has not written/);
	assert.equal(replyWindowEnd(24, null), null);
	assert.equal(whyShut(24, ago(-5000), now), undefined);
});

test("the channels of Meta have a window, others have none", () => {
	assert.deepEqual(["messenger", "instagram", "whatsapp", "sms", "telegram", "constructor"].map(metaWindowHours), [
		24,
		24,
		24,
		undefined,
		undefined,
		undefined,
	]);
});

test("what the clock shows and what is refused agree", () => {
	const moment = fc.date({ min: new Date(0), max: new Date("2100-01-01"), noInvalidDate: true });
	fc.assert(
		fc.property(fc.integer({ min: 1, max: 1000 }), moment, moment, (hours, wroteAt, at) => {
			const end = replyWindowEnd(hours, wroteAt);
			assert.ok(end !== null);
			assert.equal(whyShut(hours, wroteAt, at) === undefined, at < end);
		}),
	);
});
