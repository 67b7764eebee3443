// Faults of receiving, ordering, giving up, the way out and the loops that drive them, for the tests of duplicates, order,
// poison, slow peers, unclear outcomes, the workers' loop, the second thread and the sender.

import type { Mutant } from "./mutant.ts";

const duplicates = { tests: ["test/fault/duplicates.test.ts"], flags: ["--events", "400"] };
const order = {
	tests: ["test/fault/order.test.ts"],
	flags: ["--conversations", "8", "--messages", "30", "--kills", "1"],
};
const poison = { tests: ["test/fault/poison.test.ts"], flags: ["--messages", "300"] };
const slowPeers = { tests: ["test/fault/slow-peers.test.ts"], flags: ["--samples", "20"] };
const unclear = { tests: ["test/fault/unclear.test.ts"], flags: ["--sends", "40", "--kills", "1"] };
const loop = { tests: ["src/platform/worker-loop.test.ts"] };
const secondThread = { tests: ["src/commands/second-thread.test.ts"] };
const sender = { tests: ["src/gateway/sender.test.ts"] };

/** Without the index nothing but the code keeps a second row of one event out. */
const withoutIndex: Mutant["edits"] = [
	{
		file: "src/storage/migrations/0001-first.ts",
		find: "finished_at ${ms}, UNIQUE (service_id, dedup_key)",
		replace: "finished_at ${ms}",
	},
	{
		file: "src/storage/arrivals.ts",
		find: '{ unlessKnown: "service_id, dedup_key", returning: "id" }',
		replace: '{ returning: "id" }',
	},
];

export const mutants: readonly Mutant[] = [
	{
		id: "no-unique-index",
		goal: "R5",
		says: "nothing keeps an event from being stored as often as it is delivered",
		edits: withoutIndex,
		...duplicates,
	},
	{
		id: "check-then-insert",
		goal: "R5",
		says: "whether an event is known is asked before the transaction that stores it, instead of by a unique index in it",
		edits: [
			...withoutIndex,
			{
				file: "src/gateway/doors.ts",
				find: "return record(items);",
				replace: `return Promise.all(items.map(async (item) => {
				const known = await Promise.all(item.events.map(({ event }) => storage.db.selectFrom("inbox").select("id")
					.where("service_id", "=", item.request.serviceId).where("dedup_key", "=", event.dedupKey).executeTakeFirst()));
				return { ...item, events: item.events.filter((_, index) => known[index] === undefined) };
			})).then(record);`,
			},
		],
		...duplicates,
	},
	{
		id: "cut-large-bodies",
		goal: "R5",
		says: "a body that is too large is cut to size instead of refused",
		edits: [
			{
				file: "src/gateway/webhooks.ts",
				find: "bodyLimit: deps.settings.bodyBytesMax,",
				replace: "bodyLimit: 2 * deps.settings.bodyBytesMax,",
			},
			{
				file: "src/gateway/webhooks.ts",
				find: "Buffer.isBuffer(request.body) ? request.body :",
				replace: "Buffer.isBuffer(request.body) ? request.body.subarray(0, deps.settings.bodyBytesMax) :",
			},
		],
		...duplicates,
	},
	{
		id: "difference-not-reported",
		goal: "R5",
		says: "another content under a known id is dropped and nobody is told",
		edits: [
			{
				file: "src/gateway/receive.ts",
				find: "if (recorded.differing > 0) {",
				replace: "if (recorded.differing > 1e9) {",
			},
		],
		...duplicates,
	},
	{
		id: "no-partition-lock",
		goal: "R6",
		says: "a part is sent when it is due, whatever of its conversation is before it or under way",
		edits: [
			{
				file: "src/storage/outbox.ts",
				find: "AND (earlier.id < outbox.id OR earlier.state = 4) AND earlier.id <> outbox.id)",
				replace: "AND 1 = 0)",
			},
		],
		...order,
	},
	{
		id: "overtakes-the-one-that-failed",
		goal: "R6",
		says: "a received message is matched although the one before it in its conversation has just failed",
		edits: [{ file: "src/matcher/start.ts", find: "blocked.add(claim.lane);", replace: "" }],
		tests: ["src/matcher/start.test.ts"],
	},
	{
		id: "tries-counted-afterwards",
		goal: "R9",
		says: "a try of a received message is counted when it has ended, so one that ends the process is never counted",
		edits: [
			{
				file: "src/storage/inbox.ts",
				find: "sqlite: `UPDATE inbox SET lease_until = ?1, epoch = epoch + 1, attempts = attempts + 1 WHERE",
				replace: "sqlite: `UPDATE inbox SET lease_until = ?1, epoch = epoch + 1 WHERE",
			},
		],
		...poison,
	},
	{
		id: "suspects-in-company",
		goal: "R9",
		says: "a message that may have ended the process is tried again together with the good ones of its batch",
		edits: [
			{
				file: "src/storage/inbox.ts",
				find: "return first === -1 ? due : due.slice(0, Math.max(1, first));",
				replace: "return first === -1 ? due : due.slice(0);",
			},
		],
		...poison,
	},
	{
		id: "broken-sends-for-ever",
		goal: "R9",
		says: "a message of ours that ends the process at each attempt is sent again until its time is over",
		edits: [
			{
				file: "src/gateway/settle.ts",
				find: 'if (policy === "hold" || part.breakdowns >= breakdownsMax) {',
				replace: 'if (policy === "hold" || part.breakdowns >= breakdownsMax * 1e6) {',
			},
		],
		...poison,
	},
	{
		id: "shared-pool",
		goal: "R10",
		says: "all services share the places of one",
		edits: [{ file: "src/platform/safe-request.ts", find: 'lanes.enter(call.lane ?? "",', replace: 'lanes.enter("",' }],
		...slowPeers,
	},
	{
		id: "no-body-cap",
		goal: "R10",
		says: "an answer is read to its end, however long it is",
		edits: [
			{
				file: "src/platform/exchange.ts",
				find: "if (this.#bytes > this.#limits.answerBytesMax) {",
				replace: "if (this.#bytes > this.#limits.answerBytesMax * 1e6) {",
			},
		],
		...slowPeers,
	},
	{
		id: "no-attempt-row",
		goal: "R11",
		says: "nothing is written about an attempt before it is made",
		edits: [
			{
				file: "src/storage/outbox.ts",
				find: "await tx.many.run(insertAttempts, claims.map(toAttemptRow));",
				replace: "void [insertAttempts, toAttemptRow];",
			},
		],
		...unclear,
	},
	{
		id: "repeated-in-silence",
		goal: "R11",
		says: "what may have arrived is sent again without a mark",
		edits: [{ file: "src/gateway/settle.ts", find: "possibleDuplicate: true,", replace: "possibleDuplicate: false," }],
		...unclear,
	},
	{
		id: "hold-forgotten",
		goal: "R11",
		says: "the policy hold sends again all the same",
		edits: [{ file: "src/gateway/settle.ts", find: 'if (policy === "hold" ||', replace: "if (" }],
		...unclear,
	},
	{
		id: "proof-without-id",
		goal: "R11",
		says: "what a look-up proves as sent does not get the provider's id, so later receipts do not find it",
		edits: [
			{
				file: "src/storage/outbox-recovery.ts",
				find: "await recordRemoteIds(tx, part, next.remoteIds, now);",
				replace: "void recordRemoteIds;",
			},
		],
		...unclear,
	},
	{
		id: "still-listening",
		goal: "R13",
		says: "a worker that was stopped is still told of work",
		edits: [{ file: "src/platform/worker-loop.ts", find: "\t\t\tstopListening();\n", replace: "" }],
		...loop,
	},
	{
		id: "hint-during-round-lost",
		goal: "R1",
		says: "a hint that comes while a worker works is lost until the poll",
		edits: [{ file: "src/platform/worker-loop.ts", find: "return isWanted || stopping", replace: "return stopping" }],
		...loop,
	},
	{
		id: "hint-for-ever",
		goal: "R1",
		says: "a hint that was followed counts on, so that a worker never rests",
		edits: [{ file: "src/platform/worker-loop.ts", find: "\t\t\tisWanted = false;\n", replace: "" }],
		...loop,
	},
	{
		id: "no-back-off",
		goal: "R4",
		says: "work that fails is tried again without growing patience",
		edits: [{ file: "src/platform/worker-loop.ts", find: "100 * 2 ** failures", replace: "200" }],
		...loop,
	},
	{
		id: "back-off-without-end",
		goal: "R4",
		says: "the wait after failures has no upper end",
		edits: [
			{
				file: "src/platform/worker-loop.ts",
				find: "Math.min(failureWaitMaxMs, 100 * 2 ** failures)",
				replace: "100 * 2 ** failures",
			},
		],
		...loop,
	},
	{
		id: "trouble-never-forgotten",
		goal: "R4",
		says: "a worker goes on waiting as after failures when the trouble is over",
		edits: [{ file: "src/platform/worker-loop.ts", find: "\t\t\tfailures = 0;\n", replace: "" }],
		...loop,
	},
	{
		id: "gathering-never-ends",
		goal: "R1",
		says: "from a hint to the round passes far more time than is meant for gathering",
		edits: [
			{
				file: "src/platform/worker-loop.ts",
				find: "clock, gatherMs, stopping",
				replace: "clock, gatherMs * 1e6, stopping",
			},
		],
		...loop,
	},
	{
		id: "gathering-never-begins",
		goal: "R1",
		says: "each hint is followed at once where others should gather",
		edits: [
			{ file: "src/platform/worker-loop.ts", find: "isWanted && gatherMs > 0", replace: "isWanted && gatherMs < 0" },
		],
		...loop,
	},
	{
		id: "stop-waits-for-gathering",
		goal: "R13",
		says: "a worker that gathers is not stopped before it has",
		edits: [
			{
				file: "src/platform/worker-loop.ts",
				find: "sleep(deps.clock, gatherMs, stopping.signal)",
				replace: "sleep(deps.clock, gatherMs)",
			},
		],
		...loop,
	},
	{
		id: "thread-dies-in-silence",
		goal: "R1",
		says: "nobody hears that the second thread ended",
		edits: [
			{ file: "src/commands/second-thread.ts", find: "isClosing || hooks.onEnd(undefined)", replace: "isClosing" },
		],
		...secondThread,
	},
	{
		id: "closing-is-trouble",
		goal: "R13",
		says: "a second thread that was told to close is reported as one that died",
		edits: [{ file: "src/commands/second-thread.ts", find: "isClosing || hooks", replace: "hooks" }],
		...secondThread,
	},
	{
		id: "thrown-in-silence",
		goal: "R1",
		says: "nobody hears that the second thread threw an error",
		edits: [
			{
				file: "src/commands/second-thread.ts",
				find: 'worker.once("error", (error: Error) => hooks.onEnd(error));',
				replace: 'worker.once("error", () => undefined);',
			},
		],
		...secondThread,
	},
	{
		id: "start-never-fails",
		goal: "R1",
		says: "a second thread that ends before it works leaves the start waiting for ever",
		edits: [
			{
				file: "src/commands/second-thread.ts",
				find: 'worker.once("exit", () => runs.reject(failure));',
				replace: "void failure;",
			},
		],
		...secondThread,
	},
	{
		id: "works-before-it-says",
		goal: "R1",
		says: "the second thread counts as working before it says so",
		edits: [
			{
				file: "src/commands/second-thread.ts",
				find: "await runs.promise;",
				replace: 'await new Promise((resolve) => worker.once("online", resolve));',
			},
		],
		...secondThread,
	},
	{
		id: "no-cap-in-all",
		goal: "R10",
		says: "all services together may open any number of requests",
		edits: [{ file: "src/gateway/sender.ts", find: "Math.min(wish.limit, places)", replace: "wish.limit" }],
		...sender,
	},
	{
		id: "ended-sends-keep-places",
		goal: "R10",
		says: "what has just been answered still takes its place among the requests in all",
		edits: [
			{ file: "src/gateway/sender.ts", find: "floor.running.size + settlements.length", replace: "floor.running.size" },
		],
		...sender,
	},
	{
		id: "always-the-same-first",
		goal: "R10",
		says: "where places in all are short, the same service is always first",
		edits: [{ file: "src/gateway/sender.ts", find: "\tfloor.turnsTaken += 1;\n", replace: "" }],
		...sender,
	},
	{
		id: "receipts-wait-for-poll",
		goal: "R6",
		says: "receipts that wait for the provider's id are not told that it is there",
		edits: [
			{
				file: "src/gateway/sender.ts",
				find: '\t\tsignals.nudge("receipts"); // Some may have waited for the remote ids.\n',
				replace: "",
			},
		],
		...sender,
	},
	{
		id: "overdue-by-portions",
		goal: "R7",
		says: "of messages whose time ran out only a portion is marked in each second",
		edits: [{ file: "src/gateway/unknowns.ts", find: "return isMore;", replace: "return false;" }],
		tests: ["src/gateway/unknowns.test.ts"],
	},
	{
		id: "batch-as-received",
		goal: "R6",
		says: "messages of one batch are appended as they came, not as the provider dated them",
		edits: [{ file: "src/matcher/start.ts", find: "inReadingOrder(sound), rules", replace: "sound, rules" }],
		tests: ["src/matcher/start.test.ts"],
	},
];
