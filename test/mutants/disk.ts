// Faults of what is written, when, and of what follows when it cannot be: for the tests of crash points, power cuts and
// failing disks.

import type { Mutant } from "./mutant.ts";

const crashPoints = {
	tests: ["test/fault/crash-points.long.test.ts"],
	flags: ["--steps", "1", "--start-every", "20", "--kills", "1"],
};
const powerCut = { tests: ["test/fault/power-cut.test.ts"], flags: ["--cycles", "1"] };
const diskTrouble = { tests: ["test/fault/disk-trouble.test.ts"] };

export const mutants: readonly Mutant[] = [
	{
		id: "two-transactions",
		goal: "R2",
		says: "what belongs together is written in several transactions instead of one",
		edits: [
			{
				file: "src/storage/storage.ts",
				find: "db.transaction().execute(",
				replace: "db.connection().execute(",
			},
		],
		...crashPoints,
	},
	{
		id: "migration-without-transaction",
		goal: "R2",
		says: "the schema is made statement by statement, so that a kill leaves half of it",
		edits: [
			{
				file: "src/storage/migrate.ts",
				find: 'dialect === "sqlite" ? inOneTransaction(',
				replace: 'String(dialect) === "none" ? inOneTransaction(',
			},
		],
		...crashPoints,
	},
	{
		id: "key-ring-half-made",
		goal: "R2",
		says: "the key ring has its name before it has its content",
		edits: [
			{
				file: "src/platform/key-ring-file.ts",
				find: "		linkSync(next, path);",
				replace: "		writeNew(path, content);",
			},
		],
		...crashPoints,
	},
	{
		id: "sqlite-below-full",
		goal: "R3",
		says: "SQLite commits without a sync",
		edits: [
			{
				file: "src/storage/sqlite.ts",
				find: "PRAGMA synchronous = FULL",
				replace: "PRAGMA synchronous = NORMAL",
			},
			{ file: "src/storage/sqlite.ts", find: "synchronous < 2", replace: "synchronous < 1" },
		],
		...powerCut,
	},
	{
		id: "postgres-acknowledges-early",
		goal: "R3",
		says: "PostgreSQL commits without a sync",
		edits: [
			{
				file: "src/storage/postgres.ts",
				find: "connectionString: url,",
				replace: 'connectionString: url, options: "-c synchronous_commit=off",',
			},
			{ file: "src/storage/postgres.ts", find: 'found.commit === "off"', replace: 'found.commit === "never"' },
		],
		tests: ["test/fault/power-cut.long.test.ts"],
		flags: ["--cycles", "2", "--cuts", "2"],
	},
	{
		id: "go-on-after-io-error",
		goal: "R4",
		says: "an I/O error of the disk counts as passing trouble, and the process goes on",
		edits: [{ file: "src/storage/trouble.ts", find: '10: "fatal"', replace: '10: "unavailable"' }],
		...diskTrouble,
	},
	{
		id: "no-ballast",
		goal: "R4",
		says: "nothing gives room back when the disk is full, so that nobody can log on to make some",
		edits: [{ file: "src/commands/ballast.ts", find: "await truncate(path, 0);", replace: "" }],
		tests: ["test/fault/disk-trouble.long.test.ts"],
		flags: ["--points", "1"],
	},
];
