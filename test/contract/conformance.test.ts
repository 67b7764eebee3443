// Goal: every connector that the registry names keeps what every connector must keep. Its author writes no test for this:
// the folder's fixtures, its README and its simulator are enough.

import assert from "node:assert/strict";
import test from "node:test";
import { type Check, checks } from "./conformance/checks.ts";
import { registeredSubjects } from "./conformance/subject.ts";

const shownMax = 8;
const shownCharacters = 1000;

for (const subject of registeredSubjects()) {
	for (const [promise, check] of Object.entries<Check>(checks)) {
		test(`${subject.connector.type}: ${promise}`, async () => {
			const findings = await check(subject);
			const shown = findings.slice(0, shownMax).map((finding) => finding.slice(0, shownCharacters));
			assert.equal(findings.length, 0, `\n${shown.join("\n")}`);
		});
	}
}

test("the registry names connectors, and each has fixtures", () => {
	const subjects = registeredSubjects();
	assert.ok(subjects.length > 0);
	assert.ok(subjects.every(({ fixtures }) => fixtures.some(({ verdict }) => verdict === "ok")));
});
