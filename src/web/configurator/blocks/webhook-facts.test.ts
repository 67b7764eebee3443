import assert from "node:assert/strict";
import test from "node:test";
import { curlFor, isOnlyLocal, verdictOf } from "./webhook-facts.ts";

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
