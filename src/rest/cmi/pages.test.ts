import assert from "node:assert/strict";
import test from "node:test";
import { Problem } from "#platform/problems.ts";
import { fromCursor, idPosition, toCursor, toDate, toPage } from "./pages.ts";

const id = "0".repeat(32);

test("a cursor is read back by the list and order it was made for, and by no other", () => {
	const cursor = toCursor("messages-asc", id);
	assert.equal(fromCursor("messages-asc", cursor, idPosition), id);
	assert.equal(fromCursor("messages-asc", undefined, idPosition), undefined);
	for (const wrong of [toCursor("messages-desc", id), toCursor("messages-asc", "x"), "", "%%%", `${cursor}AAAA`]) {
		assert.throws(
			() => fromCursor("messages-asc", wrong, idPosition),
			(error) => error instanceof Problem && error.code === "invalid_query",
			wrong,
		);
	}
});

test("there is a next page exactly when there is more", () => {
	const cursorOf = (last: number) => String(last);
	assert.deepEqual(toPage([1, 2, 3], 2, cursorOf), { items: [1, 2], next: "2" });
	assert.deepEqual(toPage([1, 2], 2, cursorOf), { items: [1, 2], next: undefined });
	assert.deepEqual(toPage([], 2, cursorOf), { items: [], next: undefined });
});

test("a time that no calendar has is refused by its name", () => {
	assert.equal(toDate("2026-01-02T03:04:05+01:00", "since")?.toISOString(), "2026-01-02T02:04:05.000Z");
	assert.throws(
		() => toDate("2026-01-02T23:59:60Z", "since"),
		(error) => error instanceof Problem && error.errors?.[0]?.pointer === "/since",
	);
});
