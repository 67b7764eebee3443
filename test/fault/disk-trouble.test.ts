// Goal: R4 — when the disk refuses, nothing is acknowledged that is not safe; after an I/O error the process ends within
// two seconds and recovers from what is on the disk; a lack of space passes by itself.
// Method: a library lets the n-th write or sync of the database's files fail while webhooks arrive. More points, and a disk
// that is really full, in disk-trouble.long.test.ts.

import assert from "node:assert/strict";
import test from "node:test";
import { seedFlag } from "#test/flags.ts";
import { seededRandom } from "#test/scene.ts";
import { recorder, type Strike } from "./powercut/recorder.ts";
import { complaints, strike } from "./powercut/strikes.ts";

const seed = seedFlag();
const tool = recorder();
const skip = tool.ok ? false : tool.reason;
const library = tool.ok ? tool.library : "";

const strikes: readonly Strike[] = [
	{ call: "sync", at: 3, with: "EIO" },
	{ call: "write", at: 6, with: "EIO" },
	{ call: "write", at: 6, with: "ENOSPC", times: 60 },
];

for (const what of strikes) {
	test(`${what.with} at ${what.call} ${what.at}: nothing acknowledged is lost (seed ${seed})`, { skip }, async (t) => {
		const struck = await strike(t, library, what, seededRandom(seed));
		assert.ok(struck.file !== undefined, "the strike never came: the test proves nothing");
		assert.deepEqual(complaints(what, struck), []);
		const { end, statuses } = struck;
		const wayOut = end === undefined ? "went on" : `ended with ${end.code} after ${Math.round(end.afterMs)} ms`;
		t.diagnostic(`${struck.file.split("/").at(-1)}: ${wayOut}; answers ${JSON.stringify([...statuses])}`);
		if (what.with === "ENOSPC") {
			assert.ok((statuses.get(503) ?? 0) > 0, "nobody was told to come later");
			assert.equal(end, undefined, "a lack of space is no reason to end");
		}
	});
}
