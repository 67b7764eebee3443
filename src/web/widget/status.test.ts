import assert from "node:assert/strict";
import { test } from "node:test";
import type { Interaction } from "#web/realtime/tree.ts";
import { emptyScene } from "./scene.ts";
import { statusText } from "./status.ts";
import { textsFor } from "./texts.ts";

const texts = textsFor("en");

function waitingAt(queue_position: number | null, line: "open" | "lost" = "open"): string {
	const chat = { id: "C", status: "queued", queue_position, participants: [] } as unknown as Interaction;
	const talk = { line, refusal: undefined, failure: undefined, isStarting: false };
	return statusText({ ...talk, scene: { ...emptyScene, chat } }, texts);
}

test("who waits reads their place where it is known, and not more exactly than it is counted", () => {
	assert.equal(waitingAt(null), texts.waiting);
	assert.equal(waitingAt(1), "Please wait. You are number 1 in the queue.");
	assert.equal(waitingAt(100), "Please wait. You are number 100 in the queue.");
	assert.equal(waitingAt(101), "Please wait. At least 100 people are waiting before you.");
	assert.equal(waitingAt(3, "lost"), texts.lost, "nobody knows it then");
});
