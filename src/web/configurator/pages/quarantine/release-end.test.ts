import assert from "node:assert/strict";
import { test } from "node:test";
import { endOf } from "./release-end.ts";

const at = "2026-01-02T12:00:00.000Z";
const entry = (wish: string, receivedAt = "2026-01-02T11:00:00.000Z") => ({ wish, receivedAt });

test("a release has ended when no request is wished for any more", () => {
	assert.equal(endOf(undefined, 2, at), undefined);
	assert.equal(endOf([entry("release"), entry("none")], 2, at), undefined);
	assert.deepEqual(endOf([entry("none")], 3, at), { released: 2, kept: 1 });
	assert.deepEqual(endOf([], 3, at), { released: 3, kept: 0 });
});

test("what was refused after the release was asked for does not count", () => {
	assert.deepEqual(endOf([entry("none", "2026-01-02T13:00:00.000Z")], 1, at), { released: 1, kept: 0 });
	assert.deepEqual(endOf([entry("none"), entry("recheck")], 1, at), { released: 0, kept: 1 });
});
