import assert from "node:assert/strict";
import test from "node:test";
import { type Call, curlFor, entryOf, isOnlyLocal, type Refused, verdictOf } from "./webhook-facts.ts";

const call: Call = {
	at: "2026-01-02T12:00:00.500Z",
	kind: "call",
	status: 403,
	reason: "signature_mismatch",
	says: "The proof does not fit.",
	remoteAddress: "203.0.113.1",
};

test("how a call ended", () => {
	const verdicts = [
		{ kind: "call", status: 200, reason: null },
		{ kind: "handshake", status: 200, reason: null },
		{ kind: "call", status: 200, reason: "signature_mismatch" },
		{ kind: "call", status: 403, reason: "signature_mismatch" },
		{ kind: "handshake", status: 403, reason: "verify_token_wrong" },
		{ kind: "call", status: 503, reason: "busy" },
	] as const;
	assert.deepEqual(verdicts.map(verdictOf), ["genuine", "answered", "kept", "refused", "refused", "later"]);
});

test("the entry of the quarantine that keeps a call is the nearest of the same sender and reason", () => {
	const entry = { id: "A", reason: "signature_mismatch", remoteAddress: "203.0.113.1" } as Refused;
	const at = (id: string, receivedAt: string, changes: object = {}) => ({ ...entry, id, receivedAt, ...changes });
	const entries = [
		at("early", "2026-01-02T11:59:00.000Z"),
		at("near", "2026-01-02T12:00:00.000Z"),
		at("nearest", "2026-01-02T12:00:00.499Z"),
		at("stranger", "2026-01-02T12:00:00.500Z", { remoteAddress: "203.0.113.2" }),
		at("other", "2026-01-02T12:00:00.500Z", { reason: "foreign_account" }),
	];
	assert.equal(entryOf(call, entries)?.id, "nearest");
	assert.equal(entryOf({ ...call, at: "2026-01-02T13:00:00.000Z" }, entries), undefined);
});

test("the call to try by hand goes to the address that a person enters, as the external user", () => {
	const shown = { headers: [], alsoTaken: [], otherProof: null, proposed: null, purpose: "" };
	const calls = [
		{ ...shown, method: "POST", url: "https://parley.example/sms/x/1/…", namedBy: "message" },
		{ ...shown, method: "GET", url: "https://parley.example/sms/x/1?o='a'", namedBy: "person" },
	] as const;
	const url = "https://parley.example/sms/x/1";
	const httpUser = { needed: true, users: [{ id: "1", login: "gateway" }] };
	assert.equal(
		curlFor({ calls: [...calls], url, httpUser }),
		"curl --include --request GET \\\n  --user 'gateway' \\\n  'https://parley.example/sms/x/1?o='\\''a'\\'''",
	);
	assert.match(
		curlFor({ calls: [], url, httpUser: { needed: false, users: [] } }),
		/--data '\{\}' \\\n {2}'https:.*1'$/,
	);
});

test("addresses that nobody outside reaches", () => {
	const local = ["http://127.0.0.1:8080/x", "http://localhost/x", "https://172.20.0.1/", "https://parley.internal/"];
	assert.deepEqual(local.map(isOnlyLocal), [true, true, true, true]);
	assert.deepEqual(["https://parley.example/x", "https://172.32.0.1/", "nonsense"].map(isOnlyLocal), [
		false,
		false,
		false,
	]);
});
