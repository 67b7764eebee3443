import assert from "node:assert/strict";
import { test } from "node:test";
import { openAnnouncer, untilSaid } from "./announcer.ts";

function stage() {
	const said: string[] = [];
	let nowMs = 0;
	let due: { atMs: number; run: () => void } | undefined;
	const announce = openAnnouncer({
		say: (text) => said.push(`${nowMs / 1000} s: ${text}`),
		after(delayMs, run) {
			const mine = { atMs: nowMs + delayMs, run };
			due = mine;
			return () => (due = due === mine ? undefined : due);
		},
		nowMs: () => nowMs,
	});
	const goTo = (seconds: number): void => {
		const later = due;
		if (later !== undefined && later.atMs <= seconds * 1000) {
			nowMs = later.atMs;
			due = undefined;
			later.run();
		}
		nowMs = seconds * 1000;
	};
	return {
		said,
		goTo,
		place: (number: number) => announce({ text: `number ${number}`, isPlace: true }),
		other: (text: string) => announce({ text, isPlace: false }),
	};
}

test("a place that follows a place waits until twenty seconds are over, nothing else does", () => {
	const [place, other] = [{ isPlace: true }, { isPlace: false }];
	assert.equal(untilSaid({ ...place, atMs: 1000 }, place, 4000), 17_000);
	assert.equal(untilSaid({ ...place, atMs: 1000 }, place, 30_000), 0);
	assert.equal(untilSaid({ ...place, atMs: 1000 }, other, 1000), 0);
	assert.equal(untilSaid({ ...other, atMs: 1000 }, place, 1000), 0);
});

test("of places that change every three seconds some are said, and the last one in the end", () => {
	const { said, goTo, place } = stage();
	for (let turn = 0; turn < 10; turn += 1) {
		goTo(turn * 3);
		place(10 - turn);
		place(10 - turn);
	}
	goTo(100);
	assert.deepEqual(said, ["0 s: number 10", "20 s: number 4", "40 s: number 1"]);
});

test("what else happens is said at once, and no place after it that is over", () => {
	const { said, goTo, place, other } = stage();
	other("please wait");
	place(2);
	goTo(3);
	place(1);
	goTo(5);
	other("lost");
	goTo(6);
	place(1);
	goTo(7);
	place(2);
	goTo(8);
	other("");
	other("Mia is typing");
	goTo(100);
	assert.deepEqual(said, [
		"0 s: please wait",
		"0 s: number 2",
		"5 s: lost",
		"6 s: number 1",
		"8 s: ",
		"8 s: Mia is typing",
	]);
});

test("a place that is the one said last again is not said again", () => {
	const { said, goTo, place } = stage();
	place(3);
	goTo(3);
	place(4);
	goTo(6);
	place(3);
	goTo(100);
	assert.deepEqual(said, ["0 s: number 3"]);
});
