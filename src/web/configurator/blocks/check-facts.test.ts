import assert from "node:assert/strict";
import test from "node:test";
import { knownStep, nextOf, reportOf, resultOf, type Step } from "./check-facts.ts";

const good: Step = { step: "dns", ok: true, code: "ok", evidence: "It has an address.", advice: null };
const note: Step = {
	step: "webhook",
	ok: true,
	code: "webhook_other",
	evidence: "Another one.",
	advice: "Look at it.",
};
const bad: Step = {
	step: "credentials",
	ok: false,
	code: "refused",
	evidence: "HTTP 401.",
	advice: "Enter the token.",
};

test("how a step ended, and the one thing to do next", () => {
	assert.deepEqual([good, note, bad].map(resultOf), ["passed", "noted", "failed"]);
	assert.equal(nextOf([good, note, bad]), bad);
	assert.equal(nextOf([good, note]), note);
	assert.equal(nextOf([good]), undefined);
	assert.deepEqual([knownStep("tls"), knownStep("moon")], ["tls", undefined]);
});

test("what support gets has every step with its evidence and advice", () => {
	const [id, service, askedAt] = ["C1", "S1", "2026-01-02T12:00:00.000Z"];
	const check = { id, service, askedAt, finishedAt: "2026-01-02T12:00:01.000Z", ok: false, steps: [good, bad] };
	assert.deepEqual(reportOf(check, { type: "twilio", name: "Shop" }).split("\n"), [
		"Parley check C1",
		'Messaging service S1 (twilio) "Shop"',
		"Asked 2026-01-02T12:00:00.000Z, finished 2026-01-02T12:00:01.000Z: not passed",
		"[ok]   dns (ok): It has an address.",
		"[FAIL] credentials (refused): HTTP 401.",
		"       Enter the token.",
	]);
});
