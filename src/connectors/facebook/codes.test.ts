import assert from "node:assert/strict";
import test from "node:test";

import type { Outcome } from "../contract.ts";
import { codes } from "./codes.ts";
import { toOutcome } from "./outbound.ts";

function outcomeOf(status: number, code: number, subcode: number | undefined): Outcome {
	const sub = subcode === undefined ? {} : { error_subcode: subcode };
	const error = { message: "what Facebook says", type: "OAuthException", code, ...sub, fbtrace_id: "x" };
	const body = Buffer.from(JSON.stringify({ error }));
	const now = new Date("2026-11-24T12:00:00.000Z");
	return toOutcome({ kind: "answered", status, headers: new Headers(), body }, { now, hidden: [] });
}

test("every documented code and subcode has its outcome, whatever the HTTP status", () => {
	for (const [code, listed] of Object.entries(codes)) {
		const cases = [
			[undefined, listed] as const,
			...Object.entries(listed.subcodes ?? {}).map(([sub, meaning]) => [Number(sub), meaning] as const),
		];
		for (const [subcode, meaning] of cases) {
			for (const status of [200, 400, 401, 403, 429, 500]) {
				const outcome = outcomeOf(status, Number(code), subcode);
				assert.ok(outcome.kind !== "accepted");
				assert.deepEqual([outcome.kind, outcome.code], [meaning.kind, meaning.code], `${code}/${subcode ?? ""}`);
				assert.ok(outcome.detail.startsWith(meaning.says));
				assert.ok(outcome.detail.includes(`Facebook error ${code}${subcode === undefined ? ":" : `/${subcode}:`}`));
			}
		}
	}
});

/** The documented table, written down a second time so that a slip in `codes.ts` shows. */
const documented: readonly [number, number | undefined, string, string][] = [
	[1, undefined, "unknown", "protocol"],
	[1, 1357046, "unknown", "protocol"],
	[2, undefined, "retry", "unreachable"],
	[2, 2018344, "rejected", "config"],
	[4, undefined, "retry", "throttled"],
	[4, 2018022, "retry", "throttled"],
	[10, undefined, "rejected", "config"],
	[10, 2018065, "rejected", "outside_window"],
	[10, 2018278, "rejected", "outside_window"],
	[10, 2534022, "rejected", "outside_window"],
	[10, 2018108, "rejected", "recipient"],
	[10, 1893063, "retry", "throttled"],
	[17, undefined, "retry", "throttled"],
	[32, undefined, "retry", "throttled"],
	[100, undefined, "rejected", "content"],
	[100, 2018001, "rejected", "recipient"],
	[100, 2018032, "rejected", "content"],
	[100, 2018034, "rejected", "content"],
	[100, 2018047, "retry", "unreachable"],
	[100, 2018109, "rejected", "content"],
	[190, undefined, "retry", "credentials"],
	[190, 460, "retry", "credentials"],
	[190, 463, "retry", "credentials"],
	[190, 467, "retry", "credentials"],
	[200, undefined, "rejected", "config"],
	[200, 1545041, "rejected", "recipient"],
	[200, 2018021, "rejected", "config"],
	[200, 2018027, "rejected", "config"],
	[200, 2018028, "rejected", "config"],
	[230, undefined, "rejected", "config"],
	[368, undefined, "retry", "throttled"],
	[551, undefined, "rejected", "recipient"],
	[551, 1545041, "rejected", "recipient"],
	[613, undefined, "retry", "throttled"],
	[613, 2534040, "retry", "throttled"],
	[1200, undefined, "retry", "unreachable"],
	[10303, undefined, "rejected", "content"],
	[36000, undefined, "rejected", "content"],
	[80006, undefined, "retry", "throttled"],
];

test("the table of codes holds exactly the documented ones, with the documented classes", () => {
	const listed = Object.entries(codes).flatMap(([code, { kind, code: fault, subcodes }]) => [
		[Number(code), undefined, kind, fault],
		...Object.entries(subcodes ?? {}).map(([subcode, meaning]) => [
			Number(code),
			Number(subcode),
			meaning.kind,
			meaning.code,
		]),
	]);
	assert.deepEqual(new Set(listed.map(String)), new Set(documented.map(String)));
});
