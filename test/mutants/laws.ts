// Faults against the laws (test/property), the rules of retry (R8) and Idempotency-Key (R12).

import type { Mutant } from "./mutant.ts";

const rules = ["test/fault/retry-rules.test.ts"];
const worker = ["test/fault/retry-worker.test.ts"];
const keys = ["test/fault/idempotency.test.ts"];
const delivery = ["test/property/delivery-model.test.ts"];

export const mutants: readonly Mutant[] = [
	{
		id: "retry-after-date-ignored",
		goal: "R8",
		says: "a Retry-After that is a date counts for nothing",
		edits: [
			{
				file: "src/connectors/kit/http.ts",
				find: "httpDate(given) - now.getTime()",
				replace: "(void httpDate, Number.NaN)",
			},
		],
		tests: rules,
	},
	{
		id: "retry-after-anything-is-a-date",
		goal: "R8",
		says: "a Retry-After that cannot be read is taken for some day, mostly long ago",
		edits: [{ file: "src/connectors/kit/http.ts", find: "httpDates.test(text) ?", replace: 'text !== "" ?' }],
		tests: rules,
	},
	{
		id: "retry-after-without-end",
		goal: "R8",
		says: "a provider may ask for a wait of any length",
		edits: [
			{
				file: "src/connectors/kit/http.ts",
				find: "Math.min(Math.max(delayMs, 0), retryAfterMaxMs)",
				replace: "Math.max(delayMs, 0 * retryAfterMaxMs)",
			},
		],
		tests: rules,
	},
	{
		id: "redirect-followed",
		goal: "R8",
		says: "the way out follows redirects",
		edits: [
			{
				file: "src/platform/safe-request.ts",
				find: 'import { Agent } from "undici";',
				replace: 'import { Agent, interceptors } from "undici";',
			},
			{
				file: "src/platform/safe-request.ts",
				find: "const agent = openAgent(options, clock);",
				replace:
					"const agent = openAgent(options, clock).compose(interceptors.redirect({ maxRedirections: 3 })) as unknown as Agent;",
			},
		],
		tests: rules,
	},
	{
		id: "redirect-tried-again",
		goal: "R8",
		says: "a redirect counts as an answer that may be better next time",
		edits: [
			{
				file: "src/connectors/twilio/outbound.ts",
				find: 'kind: "rejected",\n\tfault: "config",\n\tmeaning: "the API is elsewhere',
				replace: 'kind: "retry",\n\tfault: "config",\n\tmeaning: "the API is elsewhere',
			},
		],
		tests: rules,
	},
	{
		id: "equal-jitter",
		goal: "R8",
		says: "only the second half of each delay is left to chance",
		edits: [
			{
				file: "src/gateway/settle.ts",
				find: "return chance * Math.min(",
				replace: "return (0.5 + chance / 2) * Math.min(",
			},
		],
		tests: rules,
	},
	{
		id: "retry-after-its-time",
		goal: "R8",
		says: "a message is queued again after its time to live",
		edits: [
			{
				file: "src/gateway/settle.ts",
				find: "return now >= validUntil",
				replace: "return now.getTime() >= validUntil.getTime() + 3_600_000",
			},
		],
		tests: rules,
	},
	{
		id: "resent-in-silence",
		goal: "R8",
		says: "a message whose outcome is unknown is sent again without the mark",
		edits: [{ file: "src/gateway/settle.ts", find: "possibleDuplicate: true,", replace: "possibleDuplicate: false," }],
		tests: rules,
	},
	{
		id: "retry-after-met-too-late",
		goal: "R8",
		says: "the provider is met up to three seconds after the moment it named",
		edits: [{ file: "src/gateway/settle.ts", find: "retryAfterSpreadMs = 700", replace: "retryAfterSpreadMs = 3000" }],
		tests: worker,
		only: "within a second after the moment",
	},
	{
		id: "gone-service-goes-on",
		goal: "R8",
		says: "a provider that says 410 is asked again and again",
		edits: [
			{
				file: "src/gateway/sender.ts",
				find: "await deps.storage.write((tx) => stopService(tx, service.id, outcome.detail, deps.clock.now()));",
				replace: "void stopService;",
			},
		],
		tests: worker,
		only: "410",
	},
	{
		id: "gone-service-without-alarm",
		goal: "R8",
		says: "a service that was stopped raises no alarm",
		edits: [
			{
				file: "src/gateway/sender.ts",
				find: 'deps.metrics.alarm("service_stopped", true);',
				replace: "",
			},
		],
		tests: worker,
		only: "410",
	},
	{
		id: "key-saved-after-commit",
		goal: "R12",
		says: "the answer is kept in a transaction after that of the effect",
		edits: [
			{
				file: "src/rest/serve.ts",
				find: "\t\t\tif (call !== undefined) {\n\t\t\t\tawait keep(tx, known.deps, call, rendered);\n\t\t\t}\n",
				replace: "",
			},
			{
				file: "src/rest/serve.ts",
				find: "\tassert(rendered !== undefined, `${route.method} ${route.path} writes through ctx.write`);\n",
				replace:
					"\tassert(rendered !== undefined);\n\tconst late: Rendered = rendered;\n\tif (call !== undefined) {\n\t\tawait known.deps.storage.write((tx) => keep(tx, known.deps, call, late));\n\t}\n",
			},
		],
		tests: keys,
		only: "a process that ends",
	},
	{
		id: "key-of-anybody",
		goal: "R12",
		says: "keys of different callers are the same key",
		edits: [
			{
				file: "src/rest/serve.ts",
				find: 'scope: `${principal?.userId ?? "anybody"} ${route.method} ${path}`,',
				replace: 'scope: `${principal === undefined ? "" : "anybody"} ${route.method} ${path}`,',
			},
		],
		tests: keys,
		only: "sqlite",
	},
	{
		id: "key-for-any-request",
		goal: "R12",
		says: "another request under a used key gets the first one's answer",
		edits: [
			{
				file: "src/rest/idempotency.ts",
				find: "kept.requestHash !== call.requestHash",
				replace: "kept.key !== call.key",
			},
		],
		tests: keys,
		only: "sqlite",
	},
	{
		id: "key-kept-too-short",
		goal: "R12",
		says: "a key is forgotten after 23 hours",
		edits: [{ file: "src/rest/idempotency.ts", find: "keptForMs = 24 *", replace: "keptForMs = 23 *" }],
		tests: keys,
		only: "24 hours",
	},
	{
		id: "key-never-forgotten",
		goal: "R12",
		says: "a key is never new again",
		edits: [{ file: "src/rest/idempotency.ts", find: "keptForMs = 24 *", replace: "keptForMs = 48 *" }],
		tests: keys,
		only: "24 hours",
	},
	{
		id: "claim-without-fence",
		goal: "I7",
		says: "a worker that lost its claim writes over its successor",
		edits: [
			{
				file: "src/storage/outbox-moves.ts",
				find: "part.epoch !== claim.epoch",
				replace: "part === undefined",
			},
		],
		tests: delivery,
		only: "sqlite",
	},
	{
		id: "states-go-back",
		goal: "I7",
		says: "the last word about a message counts, not the furthest",
		edits: [
			{
				file: "src/domain/delivery.ts",
				find: "return canMove(from, to) ? to : from;",
				replace: "return isTerminal(from) ? from : to;",
			},
		],
		tests: ["test/property/receiving.test.ts", ...delivery],
		only: "sqlite",
	},
	{
		id: "expired-twice",
		goal: "I7",
		says: "the parts of an overdue message end first as failed, then as expired",
		edits: [
			{
				file: "src/storage/outbox-recovery.ts",
				find: "other.part - one.part",
				replace: "one.part - other.part",
			},
		],
		tests: delivery,
		only: "sqlite",
	},
	{
		id: "living-worker-robbed",
		goal: "I6",
		says: "a claim whose lease is not over is taken for that of a dead worker",
		edits: [
			{
				file: "src/storage/outbox-recovery.ts",
				find: '.where("unknown_since", "is", null)\n\t\t.where("lease_until", "<=", at)',
				replace: '.where("unknown_since", "is", null)\n\t\t.where("lease_until", ">", 0)',
			},
		],
		tests: delivery,
		only: "sqlite",
	},
	{
		id: "album-in-order-of-arrival",
		goal: "I4",
		says: "messages that come together stand in the order they came",
		edits: [
			{
				file: "src/matcher/start.ts",
				find: "timeOf(a) - timeOf(b) || (a.id < b.id ? -1 : 1)",
				replace: "0 * timeOf(a) || (a.id < b.id ? -1 : 1)",
			},
		],
		tests: ["test/property/matching-replay.test.ts"],
		only: "sqlite",
	},
	{
		id: "conversation-by-the-clock",
		goal: "I4",
		says: "whether a conversation is reopened depends on when the matcher looks, not on when the message came",
		edits: [
			{
				file: "src/matcher/match.ts",
				find: "const sinceClosedMs = at.getTime()",
				replace: "const sinceClosedMs = Date.now()",
			},
		],
		tests: ["test/property/matching-replay.test.ts"],
		only: "sqlite",
	},
	{
		id: "chains-share-a-key",
		goal: "I2",
		says: "the key of a chain has no borders between its parts",
		edits: [
			{
				file: "src/domain/chains.ts",
				find: "return JSON.stringify([",
				replace: "return Array.prototype.concat.call([], [",
			},
			{
				file: "src/domain/chains.ts",
				find: "addressKey(chain.contactAddress),\n\t]);",
				replace: 'addressKey(chain.contactAddress),\n\t]).join("");',
			},
		],
		tests: ["test/property/keys.test.ts"],
	},
	{
		id: "families-cut-in-two",
		goal: "I2",
		says: "a text is cut between code points, also within what people see as one character",
		edits: [
			{
				file: "src/domain/text-splitting.ts",
				find: "const whole = startOfCluster === 0 ? fitting",
				replace: "const whole = startOfCluster >= 0 ? fitting",
			},
		],
		tests: ["test/property/text.test.ts"],
	},
	{
		id: "short-message-counted-wrong",
		goal: "I2",
		says: "one foreign letter makes a short message longer, and nobody counts it",
		edits: [
			{
				file: "src/domain/text-splitting.ts",
				find: "return isUcs2 ? Math.floor(",
				replace: "return isUcs2 && units > septets ? Math.floor(",
			},
		],
		tests: ["test/property/text.test.ts"],
	},
	{
		id: "default-before-value",
		goal: "I2",
		says: "a setting that was stored gives way to its default",
		edits: [
			{
				file: "src/connectors/kit/settings-schema.ts",
				find: 'Object.hasOwn(stored, name) ? stored[name] : schema["default"]',
				replace: 'schema["default"] ?? stored[name]',
			},
		],
		tests: ["test/property/form-rules.test.ts"],
	},
	{
		id: "only-the-first-grants-count",
		goal: "S5",
		says: "of a person's grants only the first few are looked at",
		edits: [{ file: "src/rights/decide.ts", find: "grants.find((grant)", replace: "grants.slice(0, 3).find((grant)" }],
		tests: ["test/property/rights.test.ts"],
	},
];
