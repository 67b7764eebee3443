// Faults in what a messaging service lives by: its rotation of secrets, its upkeep, its turn at the writer.

import type { Mutant } from "./mutant.ts";

type Edit = readonly [file: string, find: string, replace: string];

function spoilt(id: string, says: string, [file, find, replace]: Edit, tests: readonly string[]): Mutant {
	return { id, goal: "S1", says, edits: [{ file, find, replace }], tests };
}

const rotation = ["test/fault/rotation.test.ts"];
const upkeep = ["src/gateway/upkeep.test.ts", "src/storage/upkeep.test.ts"];

export const mutants: readonly Mutant[] = [
	spoilt(
		"rotation-drops-previous",
		"the secret before the current one is not valid for a moment longer",
		[
			"src/storage/service-secrets.ts",
			"entry.previous !== null && entry.previous.validUntil > now ? entry.previous : null",
			"entry.previous !== null && entry.previous.validUntil < now ? entry.previous : null",
		],
		rotation,
	),
	spoilt(
		"rotation-never-ends",
		"opened services are kept beyond the end of a previous secret",
		["src/gateway/open-book.ts", "clock.now().getTime() >= secretsChangeAt", "clock.now().getTime() < 0"],
		rotation,
	),
	spoilt(
		"release-out-of-order",
		"what is released from the quarantine comes in the reverse order",
		["src/storage/quarantine.ts", '.orderBy("id")\n\t\t.limit(limit)', '.orderBy("id", "desc")\n\t\t.limit(limit)'],
		rotation,
	),
	spoilt(
		"upkeep-late-end-counts",
		"a round whose lease ran out is settled all the same",
		["src/storage/upkeep.ts", '.where("epoch", "=", claim.epoch)', '.where("epoch", ">=", claim.epoch)'],
		upkeep,
	),
	spoilt(
		"upkeep-forgets-findings",
		"the state goes on, and what the round found is not recorded",
		["src/gateway/upkeep.ts", "recordArrivals(tx, arrivals) : undefined", "recordArrivals(tx, []) : undefined"],
		upkeep,
	),
	spoilt(
		"upkeep-never-asked",
		"a webhook that asks for a round makes none due",
		["src/storage/upkeep.ts", "row.due_at <= nowMs || wasAsked ||", "row.due_at <= nowMs ||"],
		upkeep,
	),
	spoilt(
		"writer-kept-for-the-busy",
		"the writer is passed on in turn, also to a thread that is busy",
		["src/platform/turnstile.ts", "const runMax = 3;", "const runMax = 1;"],
		["src/platform/turnstile.test.ts"],
	),
	spoilt(
		"writer-never-passed-on",
		"a thread may keep the writer for ever while another one waits",
		["src/platform/turnstile.ts", "const runMax = 3;", "const runMax = 1e9;"],
		["src/platform/turnstile.test.ts"],
	),
];
