import assert from "node:assert/strict";
import test from "node:test";
import { recordSeen } from "#storage/vitals.ts";
import { base, create, facebook, openServiceStage } from "#test/service-stage.ts";

type Webhook = {
	url: string;
	allUrl: string;
	steps: string[];
	secretEntries: { authenticationId: string; passwordSet: boolean }[];
	httpUser: { needed: boolean };
	lastCalls: { kind: string; status: number; reason: string | null; says: string | null }[];
};

test("what to enter at the provider, and what came of it", async (t) => {
	const stage = await openServiceStage(t);
	const { id } = await create(stage, facebook());
	const before = (await stage.call<Webhook>("GET", `${base}/${id}/webhook`)).body;
	assert.equal(before.url, `https://parley.example/acme/sms/facebook/${id}`);
	assert.equal(before.allUrl, "https://parley.example/acme/sms/facebook/all");
	assert.ok(before.steps.some((step) => step.includes(before.url)));
	assert.deepEqual(
		before.secretEntries.map(({ authenticationId, passwordSet }) => [authenticationId, passwordSet]),
		[
			["webhook", true],
			["verify", true],
		],
	);
	assert.equal(before.httpUser.needed, false, "Facebook signs; no HTTP user is asked for");
	assert.deepEqual(before.lastCalls, []);
	assert.doesNotMatch(JSON.stringify(before), /canary/);
	const at = stage.clock.now();
	const call = (n: number, kind: "handshake" | "call", status: number, reason: string | null) => ({
		id: String(n).padStart(32, "0"),
		at,
		kind,
		status,
		reason,
		remoteAddress: "203.0.113.9",
	});
	const calls = [
		call(1, "handshake", 403, "verify_token_wrong"),
		call(2, "handshake", 200, null),
		call(3, "call", 401, "signature_mismatch"),
	];
	const seen = {
		serviceId: id,
		lastInAt: undefined,
		lastOutAt: undefined,
		lastFault: undefined,
		hasRecovered: false,
		faults: 0,
		wasGenuine: false,
		refusals: [],
		refused: 0,
		received: 0,
		sent: 0,
		failed: 0,
		calls,
	};
	await stage.storage.write((tx) => recordSeen(tx, [seen], at));
	const { lastCalls } = (await stage.call<Webhook>("GET", `${base}/${id}/webhook`)).body;
	assert.deepEqual(
		lastCalls.map(({ kind, status }) => [kind, status]),
		[
			["call", 401],
			["handshake", 200],
			["handshake", 403],
		],
	);
	assert.match(lastCalls[0]?.says ?? "", /Compare the secret/);
	assert.equal(lastCalls[1]?.says, null);
	assert.match(lastCalls[2]?.says ?? "", /verify token/);
});
