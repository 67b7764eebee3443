// Goal: the day of the installation is the sum of its services' days.

import assert from "node:assert/strict";
import test from "node:test";
import { dayOfAll, sumOf } from "./day.ts";

const noon = "2026-01-02T12:00:00.000Z";
const one = "2026-01-02T13:00:00.000Z";

test("hours of all services are added up, oldest first", () => {
	const day = dayOfAll([
		{ history: [{ at: one, received: 1, sent: 2, failed: 3, refused: 4 }] },
		{
			history: [
				{ at: noon, received: 10, sent: 0, failed: 0, refused: 0 },
				{ at: one, received: 1, sent: 1, failed: 1, refused: 1 },
			],
		},
	]);

	assert.deepEqual(day, [
		{ at: noon, received: 10, sent: 0, failed: 0, refused: 0 },
		{ at: one, received: 2, sent: 3, failed: 4, refused: 5 },
	]);
	assert.deepEqual(sumOf(day), { received: 12, sent: 3, failed: 4, refused: 5 });
});

test("without services there is no hour", () => {
	assert.deepEqual(dayOfAll([]), []);
	assert.deepEqual(sumOf([]), { received: 0, sent: 0, failed: 0, refused: 0 });
});
