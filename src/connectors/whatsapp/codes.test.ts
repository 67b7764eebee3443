import assert from "node:assert/strict";
import test from "node:test";

import { codes, meaningOf, meaningOfStatus, statusWords } from "./codes.ts";
import { toOutcome } from "./outbound.ts";

const now = new Date("2026-11-26T12:00:00.000Z");

/** The documented table, written down a second time so that a slip in `codes.ts` shows. */
const documented: readonly [code: number, kind: string, fault: string, pauseSeconds?: number][] = [
	[0, "retry", "credentials"],
	[1, "unknown", "protocol"],
	[2, "retry", "unreachable"],
	[3, "rejected", "config"],
	[4, "retry", "throttled", 60],
	[10, "rejected", "config"],
	[33, "rejected", "config"],
	[100, "rejected", "content"],
	[190, "retry", "credentials"],
	[368, "retry", "throttled", 900],
	[80007, "retry", "throttled", 60],
	[130429, "retry", "throttled", 5],
	[130472, "rejected", "recipient"],
	[130497, "rejected", "recipient"],
	[131000, "unknown", "protocol"],
	[131005, "rejected", "config"],
	[131008, "rejected", "content"],
	[131009, "rejected", "content"],
	[131016, "retry", "unreachable"],
	[131021, "rejected", "recipient"],
	[131026, "rejected", "recipient"],
	[131030, "rejected", "recipient"],
	[131031, "rejected", "config"],
	[131037, "rejected", "config"],
	[131042, "rejected", "config"],
	[131045, "rejected", "config"],
	[131047, "rejected", "outside_window"],
	[131048, "retry", "throttled", 900],
	[131049, "rejected", "recipient"],
	[131050, "rejected", "content"],
	[131051, "rejected", "content"],
	[131052, "rejected", "content"],
	[131053, "retry", "unreachable"],
	[131055, "rejected", "content"],
	[131056, "retry", "throttled", 6],
	[131057, "retry", "unreachable"],
	[131062, "rejected", "recipient"],
	[132000, "rejected", "content"],
	[132001, "rejected", "content"],
	[132005, "rejected", "content"],
	[132007, "rejected", "content"],
	[132012, "rejected", "content"],
	[132015, "rejected", "content"],
	[132016, "rejected", "content"],
	[132068, "rejected", "content"],
	[132069, "retry", "throttled", 900],
	[133000, "rejected", "config"],
	[133004, "retry", "unreachable"],
	[133005, "rejected", "config"],
	[133006, "rejected", "config"],
	[133008, "rejected", "config"],
	[133009, "rejected", "config"],
	[133010, "rejected", "config"],
	[133015, "rejected", "config"],
	[133016, "retry", "throttled", 900],
	[134100, "rejected", "content"],
	[134101, "rejected", "content"],
	[134102, "rejected", "content"],
	[135000, "rejected", "content"],
];

test("the table of codes holds exactly the documented ones, with their classes and pauses", () => {
	const listed = Object.entries(codes).map(([code, { kind, code: fault, pauseMs }]) =>
		[Number(code), kind, fault, ...(pauseMs === undefined ? [] : [pauseMs / 1000])].join(),
	);
	assert.deepEqual(new Set(listed), new Set(documented.map(String)));
});

test("every code has its outcome whatever the HTTP status, and throttles wait", () => {
	for (const [code, kind, fault, pauseSeconds] of documented) {
		for (const status of [200, 400, 401, 403, 404, 429, 500, 503]) {
			const error = { message: `(#${code}) what Meta says`, type: "OAuthException", code, fbtrace_id: "x" };
			const body = Buffer.from(JSON.stringify({ error }));
			const answer = { kind: "answered", status, headers: new Headers(), body } as const;
			const outcome = toOutcome(answer, { now, hidden: [] });
			assert.ok(outcome.kind !== "accepted");
			assert.deepEqual([outcome.kind, outcome.code], [kind, fault], `${code} with HTTP ${status}`);
			assert.ok(outcome.detail.includes(`WhatsApp error ${code}: `));
			const waits = outcome.kind === "retry" ? outcome.notBefore : undefined;
			const expected = pauseSeconds === undefined ? undefined : new Date(now.getTime() + pauseSeconds * 1000);
			assert.deepEqual(waits, expected, `${code}`);
		}
	}
});

test("documented ranges cover what is not listed by itself, and end where they end", () => {
	const kinds = [199, 200, 299, 300, 131999, 132099, 132999, 133999].map((code) => meaningOf(code, undefined)?.code);
	assert.deepEqual(kinds, [undefined, "config", "config", undefined, undefined, "content", "content", undefined]);
	assert.equal(meaningOf(undefined, 33), undefined);
});

test("code 100 with subcode 33 says that the number does not exist", () => {
	assert.equal(meaningOf(100, 33)?.code, "config");
	assert.equal(meaningOf(100, 2494010)?.code, "content");
});

test("a sentence begins with a capital, has no full stop, and there is one for every HTTP status", () => {
	const sentences = [
		...Object.values(codes).map(({ says }) => says),
		...Array.from({ length: 400 }, (_, index) => meaningOfStatus(200 + index).says),
	];
	for (const says of sentences) {
		assert.match(says, /^[A-Z].*[^.]$/);
	}
});

test("five words of a status say what became of a message", () => {
	assert.deepEqual([...statusWords.keys()], ["sent", "delivered", "read", "played", "failed"]);
	assert.equal(statusWords.get("played"), "read");
});
