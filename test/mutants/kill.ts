// Mutants of kill −9 (R1) and of the graceful stop (R13).

import type { Mutant } from "./mutant.ts";

const kill9 = "test/fault/kill9.test.ts";
const gracefulStop = "test/fault/graceful-stop.test.ts";
const rollingRestart = "test/fault/rolling-restart.test.ts";

export const mutants: readonly Mutant[] = [
	{
		id: "ack-before-commit",
		goal: "R1",
		says: "A webhook is answered before what it brought is committed.",
		edits: [
			{
				file: "src/gateway/receive.ts",
				find: "await deps.arrivals.add(arrival)",
				replace: '(void deps.arrivals.add(arrival), { kind: "stored", fresh: 1, duplicates: 0, differing: 0 })',
			},
		],
		tests: [kill9],
		flags: ["--cycles", "10", "--postgres-cycles", "0"],
	},
	{
		id: "known-events-in-memory",
		goal: "R1",
		says: "Only this process knows which events it has already had: after a restart a repetition is new.",
		edits: [
			{
				file: "src/storage/arrivals.ts",
				find: "dedup_key: event.dedupKey,",
				replace: "dedup_key: `${process.pid} ${event.dedupKey}`,",
			},
		],
		tests: [kill9],
		flags: ["--cycles", "10", "--postgres-cycles", "0"],
	},
	{
		id: "send-stored-after-answer",
		goal: "R1",
		says: "A send is answered before the transaction with its message and outbox row is committed.",
		edits: [
			{
				file: "src/rest/serve.ts",
				find: "let rendered: Rendered | undefined;",
				replace:
					"let rendered: Rendered | undefined; let leave = () => {}; const left = new Promise<void>((resolve) => (leave = resolve));",
			},
			{
				file: "src/rest/serve.ts",
				find: "rendered = render(result, rendering);",
				replace: "rendered = render(result, rendering); leave(); await new Promise((next) => setTimeout(next, 5));",
			},
			{
				file: "src/rest/serve.ts",
				find: "await run(route, { ...known, write });",
				replace: "await Promise.race([run(route, { ...known, write }), left]);",
			},
		],
		tests: [kill9],
		flags: ["--cycles", "10", "--postgres-cycles", "0"],
	},
	{
		id: "resend-in-silence",
		goal: "R1",
		says: "A send whose outcome is unknown is sent again without being marked as a possible duplicate.",
		edits: [{ file: "src/gateway/settle.ts", find: "possibleDuplicate: true", replace: "possibleDuplicate: false" }],
		tests: [kill9],
		flags: ["--cycles", "10", "--postgres-cycles", "0"],
	},
	{
		id: "exit-before-drain",
		goal: "R13",
		says: "The process ends at the first signal, whatever is under way.",
		edits: [
			{
				file: "src/main.ts",
				find: "stop().then(() => process.exit(0), endForBug);",
				replace: "void stop(); process.exit(0);",
			},
		],
		tests: [gracefulStop],
		flags: ["--restarts", "6"],
	},
	{
		id: "listener-closed-at-once",
		goal: "R13",
		says: "The listener and kept connections are closed without waiting for a moment when nobody is cut off.",
		edits: [
			{
				file: "src/platform/http-server.ts",
				find: "await takeLeave(instance.server, clock, closingGraceMs);",
				replace: "",
			},
		],
		tests: [gracefulStop],
		flags: ["--restarts", "6"],
	},
	{
		id: "drain-without-end",
		goal: "R13",
		says: "The process waits for what is under way for as long as that takes.",
		edits: [
			{
				file: "src/commands/serve.ts",
				find: "await Promise.race([drained, sleep(clock, drainMs)]);",
				replace: "await drained;",
			},
		],
		tests: [gracefulStop],
		flags: ["--restarts", "6"],
	},
	{
		id: "claims-alone-on-one-node",
		goal: "R13",
		says: "Claims run alone among those of their own node only: two nodes take the same send.",
		edits: [
			{ file: "src/storage/storage.ts", find: 'if (dialect === "postgres") {', replace: "if (dialect !== dialect) {" },
		],
		tests: [rollingRestart],
		flags: ["--rounds", "2"],
	},
];
