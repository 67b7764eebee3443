// Faults in the core of sending, receiving and matching that the simulated worlds must find, each within 40 seeds.

import type { Mutant } from "./mutant.ts";

const simulation = { goal: "R19", tests: ["test/simulation/simulation.test.ts"], flags: ["--seeds", "40"] } as const;

export const mutants: readonly Mutant[] = [
	{
		id: "sim-no-deduplication",
		says: "an event that comes again under its key is stored again",
		edits: [
			{
				file: "src/storage/arrivals.ts",
				find: "dedup_key: event.dedupKey,",
				replace: "dedup_key: `${event.dedupKey} ${id}`,",
			},
		],
		...simulation,
	},
	{
		id: "sim-ack-before-commit",
		says: "the commit that groups requests answers them before it is done",
		edits: [
			{
				file: "src/gateway/receive.ts",
				find: "const recorded = await deps.arrivals.add(arrival);",
				replace: `void deps.arrivals.add(arrival).catch(() => undefined);
	const recorded = { kind: "stored", fresh: 1, duplicates: 0, differing: 0 } as Recorded;`,
			},
		],
		...simulation,
	},
	{
		id: "sim-settle-without-epoch",
		says: "a worker whose claim was taken over settles the part all the same",
		edits: [
			{
				file: "src/storage/outbox-moves.ts",
				find: "if (part.epoch !== claim.epoch) {",
				replace: "if (part === undefined) {",
			},
		],
		...simulation,
	},
	{
		id: "sim-attempt-after-send",
		says: "the attempt's row is written after the send, not with the claim",
		edits: [
			{
				file: "src/storage/outbox.ts",
				find: "await tx.many.run(insertAttempts, claims.map(toAttemptRow));",
				replace: "",
			},
			{
				file: "src/storage/outbox.ts",
				find: "export async function claimParts(",
				replace: `export const attemptsLater = async (tx: Tx, claims: readonly Claim[]): Promise<void> => {
	await tx.many.run(insertAttempts, claims.map(toAttemptRow));
};

export async function claimParts(`,
			},
			{
				file: "src/gateway/sender.ts",
				find: "await settleInside(tx, settlements, deps.clock.now());",
				replace: `await attemptsLater(tx, settlements.map(({ claim }) => claim as Claim));
		await settleInside(tx, settlements, deps.clock.now());`,
			},
			{
				file: "src/gateway/sender.ts",
				find: 'import { type Claim, claimParts } from "#storage/outbox.ts";',
				replace: 'import { attemptsLater, type Claim, claimParts } from "#storage/outbox.ts";',
			},
		],
		...simulation,
	},
	{
		id: "sim-resend-without-mark",
		says: "what is sent again after an unknown outcome is not marked as a possible duplicate",
		edits: [{ file: "src/gateway/settle.ts", find: "possibleDuplicate: true,", replace: "possibleDuplicate: false," }],
		...simulation,
	},
	{
		id: "sim-unclear-is-retried",
		says: "a send without an answer counts as not taken and is repeated in silence",
		edits: [
			{
				file: "src/connectors/kit/http.ts",
				find: 'return { kind: "unknown", code: "unreachable", detail: `The provider did not answer (${answer.why}).` };',
				replace:
					'return { kind: "retry", code: "unreachable", detail: `The provider did not answer (${answer.why}).` };',
			},
		],
		...simulation,
	},
	{
		id: "sim-hold-ignored",
		says: "a service that holds unknown outcomes for a person sends them again",
		edits: [{ file: "src/gateway/settle.ts", find: 'if (policy === "hold" ||', replace: 'if (policy !== "hold" ||' }],
		...simulation,
	},
	{
		id: "sim-receipt-moves-back",
		says: "a receipt sets its state whatever the part's state is",
		edits: [
			{
				file: "src/storage/receipts.ts",
				find: "return advance(part.state, receipt.status);",
				replace: "return receipt.status;",
			},
		],
		...simulation,
	},
	{
		id: "sim-no-lane-lock",
		says: "parts of one conversation are sent side by side",
		edits: [
			{
				file: "src/storage/outbox.ts",
				find: "const isHead = `NOT EXISTS (SELECT 1 FROM outbox AS earlier WHERE earlier.lane = outbox.lane AND earlier.state IN (3, 4)",
				replace: "const isHead = `NOT EXISTS (SELECT 1 FROM outbox AS earlier WHERE 1 = 0 AND earlier.state IN (3, 4)",
			},
		],
		...simulation,
	},
	{
		id: "sim-ended-twice",
		says: "a part that ended with an earlier part of its message ends once more",
		edits: [
			{
				file: "src/storage/outbox-recovery.ts",
				find: "due.toSorted((one, other) => other.part - one.part)",
				replace: "due",
			},
		],
		...simulation,
	},
];
