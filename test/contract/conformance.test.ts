// Goal: every connector that the registry names keeps what every connector must keep. Its author writes no test for this:
// the folder's fixtures, its README and its simulator are enough.
// Method: each check of the kit over each connector; answers come over real sockets and through the product's way out.

import assert from "node:assert/strict";
import test from "node:test";
import { seedFlag } from "#test/flags.ts";
import { type Check, checks } from "./conformance/checks.ts";
import { chanceIsBorne } from "./conformance/reading.ts";
import { registeredSubjects } from "./conformance/subject.ts";

const byChance = "requests of chance are read without an exception";
const seed = seedFlag();
const shownMax = 8;
const shownCharacters = 1000;

for (const subject of registeredSubjects()) {
	for (const [promise, check] of Object.entries<Check>(checks)) {
		const isChance = check === checks[byChance];
		test(`${subject.connector.type}: ${promise}${isChance ? ` (seed ${seed})` : ""}`, async () => {
			const findings = await (isChance ? chanceIsBorne(subject, seed) : check(subject));
			const shown = findings.slice(0, shownMax).map((finding) => finding.slice(0, shownCharacters));
			assert.equal(findings.length, 0, `\n${shown.join("\n")}`);
		});
	}
}

test("the registry names connectors, and each has fixtures", () => {
	const subjects = registeredSubjects();
	assert.ok(subjects.length > 0);
	const isRead = ({ fixtures, frames }: (typeof subjects)[number]) =>
		fixtures.some(({ verdict }) => verdict === "ok") || frames.some(({ heard }) => heard.kind === "told");
	assert.ok(subjects.every(isRead));
});
