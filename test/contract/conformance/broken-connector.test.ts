// Goal: every check of the kit can fail. A conforming connector is broken in one way at a time, and the check for that way
// must say so in words that fit. That the unbroken ones pass is what conformance.test.ts shows.

import assert from "node:assert/strict";
import test from "node:test";
import { genuine, proofHeaders } from "./admission.ts";
import { admissionBreaks } from "./breaks/admission.ts";
import { answerBreaks } from "./breaks/answers.ts";
import { type Breaks, facebook, sinch, twilio } from "./breaks/breaking.ts";
import { formBreaks } from "./breaks/form.ts";
import { lineBreaks } from "./breaks/lines.ts";
import { mediaBreaks } from "./breaks/media.ts";
import { readingBreaks } from "./breaks/reading.ts";
import { sendingBreaks } from "./breaks/sending.ts";
import { shapeBreaks, strangeAnswerBreaks } from "./breaks/shapes.ts";
import { upkeepBreaks, upkept } from "./breaks/upkeep.ts";
import { webhookCallBreaks } from "./breaks/webhook-calls.ts";
import { type Check, checks } from "./checks.ts";
import { answersAreUnderstood, lookupOnlyAsks, tokenTroubleLosesNothing } from "./sending.ts";
import { sendingTable, tokenTable } from "./sending-table.ts";
import { schemeOf } from "./signing.ts";
import type { Findings, Subject } from "./subject.ts";
import { upkeepBearsEveryAnswer, upkeepTable } from "./upkeep.ts";

const breaks: Breaks = {
	...admissionBreaks,
	...readingBreaks,
	...answerBreaks,
	...sendingBreaks,
	...formBreaks,
	...mediaBreaks,
	...shapeBreaks,
	...lineBreaks,
	...upkeepBreaks,
	...webhookCallBreaks,
	"every answer is understood": [...(answerBreaks["every answer is understood"] ?? []), ...strangeAnswerBreaks],
};

function rowsOf<R extends { name: string }>(table: readonly R[], names: readonly string[]): readonly R[] {
	const rows = table.filter(({ name }) => names.includes(name));
	assert.equal(rows.length, names.length, "a row named here does not exist");
	return rows;
}

/** The checks that walk through a table, told to take some rows only. */
const withRows: Readonly<Record<string, (subject: Subject, names: readonly string[]) => Promise<Findings>>> = {
	"every answer is understood": (subject, names) => answersAreUnderstood(subject, rowsOf(sendingTable, names)),
	"trouble with a token loses no message": (subject, names) =>
		tokenTroubleLosesNothing(subject, rowsOf(tokenTable, names)),
	"a look-up only asks": (subject, names) => lookupOnlyAsks(subject, rowsOf(sendingTable, names)),
	"a round of upkeep bears every answer": (subject, names) =>
		upkeepBearsEveryAnswer(subject, rowsOf(upkeepTable, names)),
};

for (const [promise, check] of Object.entries<Check>(checks)) {
	for (const { what, subject, says, on } of breaks[promise as keyof typeof checks] ?? []) {
		test(`${promise}: found in a connector that ${what}`, async () => {
			const findings = await (on === undefined ? check(subject) : withRows[promise]?.(subject, on));
			assert.match((findings ?? []).join("\n"), says);
		});
	}
}

test("a conforming upkeep is found to conform", async () => {
	assert.deepEqual(await upkeepBearsEveryAnswer(upkept), []);
	const names = new Set(upkeepTable.map(({ name }) => name));
	assert.equal(names.size, 29, "each row is there once");
});

test("every check has a connector that breaks it", () => {
	assert.deepEqual(Object.keys(breaks).toSorted(), Object.keys(checks).toSorted());
});

test("the kit finds out how each type signs, so that it can forge", () => {
	for (const subject of [facebook, sinch, twilio]) {
		for (const fixture of genuine(subject)) {
			assert.ok(schemeOf(fixture, proofHeaders(subject, fixture)) !== undefined, fixture.name);
		}
	}
});
