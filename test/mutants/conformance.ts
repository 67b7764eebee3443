// Faults of connectors, and of what they share, that the conformance kit must find without a test of their own (S8, R8, R11).

import type { Mutant } from "./mutant.ts";

const kit = { tests: ["test/contract/conformance.test.ts"] };
const answers = { ...kit, only: "every answer is understood" };

export const mutants: readonly Mutant[] = [
	{
		id: "reset-means-not-sent",
		goal: "R11",
		says: "A connection cut after the request was read counts as not sent, so the message goes out twice.",
		edits: [
			{
				file: "src/platform/exchange.ts",
				find: 'if (this.#state === "waiting") {\n\t\t\tthis.#notSent(error',
				replace: 'if (this.#state !== "over") {\n\t\t\tthis.#notSent(error',
			},
		],
		...answers,
	},
	{
		id: "refusal-of-the-port-unclear",
		goal: "R11",
		says: "A refused connection leaves the outcome open, although nothing was sent.",
		edits: [
			{
				file: "src/connectors/kit/http.ts",
				find: 'return { kind: "retry", code: "unreachable", detail: `The provider could not be reached (${answer.why}).` };',
				replace:
					'return { kind: "unknown", code: "unreachable", detail: `The provider could not be reached (${answer.why}).` };',
			},
		],
		...answers,
	},
	{
		id: "wait-until-the-year-3000",
		goal: "R8",
		says: "A provider may name any moment for the next attempt.",
		edits: [
			{
				file: "src/connectors/kit/http.ts",
				find: "Math.min(Math.max(delayMs, 0), retryAfterMaxMs)",
				replace: "Math.max(delayMs, 0 * retryAfterMaxMs)",
			},
		],
		...answers,
	},
	{
		id: "any-yes-is-a-yes",
		goal: "R11",
		says: "An answer with 2xx that nobody can read is taken for an acceptance.",
		edits: [
			{
				file: "src/connectors/sinchconversation/outbound.ts",
				find: 'return { kind: "unknown", code: "protocol", detail: "Sinch answered 2xx, but without the id of the message." };',
				replace: 'return { kind: "accepted", remoteIds: ["?" as RemoteId] };',
			},
		],
		...answers,
	},
	{
		id: "id-of-any-type",
		goal: "R11",
		says: "Whatever stands where the provider's id is expected is believed.",
		edits: [
			{
				file: "src/connectors/facebook/outbound.ts",
				find: 'const messageId = asText(body?.["message_id"]);',
				replace: 'const messageId = (body?.["message_id"] ?? undefined) as string | undefined;',
			},
		],
		...kit,
		only: "another shape",
	},
	{
		id: "secret-quoted-back",
		goal: "S8",
		says: "A provider that repeats the credentials gets them shown to whoever reads why a message failed.",
		edits: [
			{
				file: "src/connectors/twilio/outbound.ts",
				find: 'const isTelling = hidden.some((text) => text !== "" && message.includes(text));',
				replace: "const isTelling = hidden.length === 0;",
			},
		],
		...kit,
		only: "no secret and no text leaks",
	},
	{
		id: "secret-in-the-trace",
		goal: "S8",
		says: "What was exchanged with a provider is kept with the secrets that it repeated.",
		edits: [{ file: "src/gateway/tools.ts", find: 'shown.replaceAll(secret, "•••")', replace: "shown" }],
		...kit,
		only: "no secret and no text leaks",
	},
	{
		id: "signature-of-yesterday",
		goal: "S2",
		says: "A request that was signed long ago is let in.",
		edits: [
			{
				file: "src/connectors/kit/sinch-signature.ts",
				find: 'return Math.abs(ageSeconds) > windowSeconds ? { ok: false, why: "stale" } :',
				replace: 'return Math.abs(ageSeconds) > 1e9 * windowSeconds ? { ok: false, why: "stale" } :',
			},
		],
		...kit,
		only: "an old request is stale",
	},
	{
		id: "status-word-forgotten",
		goal: "I5",
		says: "A status that the provider documents is not known.",
		edits: [{ file: "src/connectors/twilio/codes.ts", find: '["canceled", "failed"],', replace: "" }],
		...kit,
		only: "every documented status word",
	},
	{
		id: "attempt-id-not-sent",
		goal: "R11",
		says: "Our attempt id does not travel, so nothing settles what stayed unknown.",
		edits: [{ file: "src/connectors/facebook/outbound.ts", find: "metadata: markOf(", replace: "reference: markOf(" }],
		...kit,
		only: "our attempt id",
	},
	{
		id: "connector-with-a-socket",
		goal: "S8",
		says: "A connector has a way out of its own.",
		edits: [
			{
				file: "src/connectors/twilio/form.ts",
				find: 'import { Type } from "typebox";',
				replace: 'import "node:net";\nimport { Type } from "typebox";',
			},
		],
		...kit,
		only: "what is handed in",
	},
];
