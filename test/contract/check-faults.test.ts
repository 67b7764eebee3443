// Goal: a check of every type names what is wrong: with each seeded fault the first step that fails has the step and the
// code of that fault alone, advice and no secret; without one, every step of the type is there and well.
// A new type is a file in check-faults/ with its table, and a section in its README.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { type CheckStep, checkSteps } from "#connectors/contract.ts";
import { connectorOf, serviceTypes } from "#connectors/registry.ts";
import * as everyLine from "./check-faults/every-line.ts";
import * as everywhere from "./check-faults/everywhere.ts";
import { type CheckFault, CheckStage, type CheckTable } from "./check-faults/stage.ts";

const ownFaultsMin = 12;

for (const type of serviceTypes()) {
	test(type, async (t) => {
		const { steps, faults, notes = [], nothingToAsk } = (await import(`./check-faults/${type}.ts`)) as CheckTable;
		const shared = connectorOf(type)?.line === undefined ? everywhere : everyLine;
		const all = [...shared.faults, ...faults];
		const allNotes = [...shared.notes, ...notes];

		await t.test(`at least ${ownFaultsMin} faults, each with a code of its own`, () => {
			const codes = all.map(({ code }) => code);
			assert.deepEqual(codes.toSorted(), [...new Set(codes)].toSorted());
			assert.ok((nothingToAsk === undefined ? faults : all).length >= ownFaultsMin, codes.join(", "));
		});

		await t.test("each code is explained", () => {
			const papers = [`src/connectors/${type}/README.md`, "docs/connectors/check.md"].map(readPaper).join("");
			assert.deepEqual(
				[...all, ...allNotes]
					.map(({ code }) => code)
					.filter((code) => code !== "ok" && !papers.includes(`\`${code}\``)),
				[],
			);
		});

		await t.test("nothing is wrong", async () => {
			const { told, secrets } = await checked(type);
			const expected = steps.map((step) => [step, true]);
			assert.deepEqual(
				told.map(({ step, ok }) => [step, ok]),
				expected,
				JSON.stringify(told),
			);
			assertSeemly(told, secrets);
		});

		for (const note of allNotes) {
			await t.test(`well, but ${note.name} → ${note.step} ${note.code}`, async () => {
				const { told, secrets } = await checked(type, note);
				const found = told.find(({ step, code }) => step === note.step && code === note.code);
				assert.ok(found !== undefined && told.every(({ ok }) => ok), JSON.stringify(told));
				assert.equal(found.advice === null, note.code === "ok");
				assert.equal(told.at(-1)?.step, steps.at(-1));
				assertSeemly(told, secrets);
			});
		}

		for (const fault of all) {
			await t.test(`${fault.name} → ${fault.step} ${fault.code}`, async () => {
				const { told, secrets } = await checked(type, fault);
				const first = told.findIndex(({ ok }) => !ok);
				const found = told[first];
				assert.deepEqual([found?.step, found?.code], [fault.step, fault.code], JSON.stringify(told));
				assert.match(found?.advice ?? "", /\w.*\.$/);
				assert.match(found?.evidence ?? "", /\w.*\.$/);
				const later = told.slice(first).map(({ step }) => step);
				assert.deepEqual(
					later.filter((step) => step !== fault.step && step !== "publicUrl"),
					[],
					"it goes on after a step that failed",
				);
				assertSeemly(told, secrets);
			});
		}
	});
}

function readPaper(file: string): string {
	return readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");
}

/** A check with that fault, and every secret of the service as it is and as it was before the fault. */
async function checked(type: string, fault?: CheckFault): Promise<{ told: readonly CheckStep[]; secrets: string[] }> {
	const stage = await CheckStage.open(type);
	try {
		const before = secretsOf(stage);
		await fault?.arrange(stage);
		const told = await stage.check();
		assert.deepEqual(stage.simulator.taken, [], "a check has sent something");
		return { told, secrets: [...before, ...secretsOf(stage)] };
	} finally {
		await stage.close();
	}
}

function secretsOf({ service }: CheckStage): string[] {
	return service.authentications.flatMap(({ secrets }) => secrets).filter((secret) => secret.length > 3);
}

/** In the order of the steps, and no secret anywhere. */
function assertSeemly(told: readonly CheckStep[], secrets: readonly string[]): void {
	const places = told.map(({ step }) => checkSteps.indexOf(step));
	assert.deepEqual(
		places,
		places.toSorted((one, other) => one - other),
	);
	for (const secret of secrets) {
		assert.ok(!JSON.stringify(told).includes(secret), "a secret is told");
	}
}
