import assert from "node:assert/strict";
import { test } from "node:test";
import type { Interaction } from "#web/realtime/tree.ts";
import type { Said } from "./announcer.ts";
import { emptyScene } from "./scene.ts";
import { statusOf } from "./status.ts";
import { textsFor } from "./texts.ts";

const texts = textsFor("en");

type At = { line?: "open" | "lost"; status?: string };

function standingAt(queue_position: number | null, { line = "open", status = "queued" }: At = {}): Said {
	const chat = { id: "C", status, queue_position, participants: [] } as unknown as Interaction;
	const talk = { line, refusal: undefined, failure: undefined, isStarting: false };
	return statusOf({ ...talk, scene: { ...emptyScene, chat } }, texts);
}

const waitingAt = (...at: Parameters<typeof standingAt>): string => standingAt(...at).text;

test("who waits reads their place where it is known, and not more exactly than it is counted", () => {
	assert.equal(waitingAt(null), texts.waiting);
	assert.equal(waitingAt(1), "Please wait. You are number 1 in the queue.");
	assert.equal(waitingAt(100), "Please wait. You are number 100 in the queue.");
	assert.equal(waitingAt(101), "Please wait. At least 100 people are waiting before you.");
	assert.equal(waitingAt(3, { line: "lost" }), texts.lost, "nobody knows it then");
});

test("only a place is told now and then", () => {
	const isPlace = (...at: Parameters<typeof standingAt>): boolean => standingAt(...at).isPlace;
	assert.deepEqual([isPlace(1), isPlace(101)], [true, true]);
	assert.deepEqual(
		[isPlace(null), isPlace(3, { line: "lost" }), isPlace(3, { status: "ended" })],
		[false, false, false],
	);
});
