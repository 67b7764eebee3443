import assert from "node:assert/strict";
import test from "node:test";
import { writeSmsServer } from "#storage/installation.ts";
import { keepRefused, removeFromQuarantine } from "#storage/quarantine.ts";
import { recordSeen } from "#storage/vitals.ts";
import { base, create, facebook, openServiceStage, page, twilio } from "#test/service-stage.ts";
import type { RciStage } from "#test/rci-stage.ts";

type Call = {
	purpose: string;
	method: string;
	alsoTaken: string[];
	url: string;
	namedBy: string;
	headers: { name: string; value: string }[];
	otherProof: string | null;
	proposed: string | null;
};

type Webhook = {
	url: string;
	allUrl: string;
	steps: string[];
	shutBecause: string | null;
	calls: Call[];
	secretEntries: {
		authenticationId: string;
		label: string;
		enteredAtProvider: boolean;
		passwordSet: boolean;
		changedAt: string | null;
	}[];
	httpUser: { needed: boolean };
	lastCalls: {
		kind: string;
		status: number;
		reason: string | null;
		says: string | null;
		mode: string | null;
		quarantined: string | null;
	}[];
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
	const kept = {
		id: "C".repeat(32),
		serviceId: id,
		receivedAt: at,
		reason: "signature_mismatch",
		bytes: 1,
		bodyHash: "",
	};
	const refused = { ...kept, sealed: new Uint8Array(1), remoteAddress: null };
	await stage.storage.write((tx) => keepRefused(tx, [refused], { rowsMax: 1, bytesMax: 1 }));
	const call = (n: number, kind: "handshake" | "call", status: number, reason: string | null) => ({
		id: String(n).padStart(32, "0"),
		at,
		kind,
		status,
		reason,
		remoteAddress: "203.0.113.9",
		mode: kind === "call" ? ("enforce" as const) : null,
		quarantineId: kind === "call" ? kept.id : null,
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
		lastCalls.map(({ kind, status, mode, quarantined }) => [kind, status, mode, quarantined]),
		[
			["call", 401, "enforce", kept.id],
			["handshake", 200, null, null],
			["handshake", 403, null, null],
		],
	);
	assert.match(lastCalls[0]?.says ?? "", /Compare the secret/);
	assert.equal(lastCalls[1]?.says, null);
	assert.match(lastCalls[2]?.says ?? "", /verify token/);
	await stage.storage.write((tx) => removeFromQuarantine(tx, kept, { to: "deleted", at }));
	const [after] = (await stage.call<Webhook>("GET", `${base}/${id}/webhook`)).body.lastCalls;
	assert.equal(after?.quarantined, null, "it was released or deleted");
});

const httpUser = { name: "Authorization", value: "Basic, with the external user of this service" };

async function webhookOf(stage: RciStage, body: object): Promise<Webhook> {
	const { id } = await create(stage, body);
	const { status, body: answer } = await stage.call<Webhook>("GET", `${base}/${id}/webhook`);
	assert.equal(status, 200);
	return answer;
}

/** Method, address without the webhook URL, who names it, and the names of the headers. */
function inShort({ url, calls }: Webhook): readonly (readonly string[])[] {
	return calls.map((call) => {
		assert.ok(call.url.startsWith(url), call.url);
		const headers = call.headers.map(({ name }) => name).join(" ");
		return [[call.method, ...call.alsoTaken].join("/"), call.url.slice(url.length), call.namedBy, headers];
	});
}

test("Facebook: two calls to one address, and the verify token with its label, never with its value", async (t) => {
	const stage = await openServiceStage(t);
	const webhook = await webhookOf(stage, facebook());
	assert.deepEqual(inShort(webhook), [
		["POST", "", "person", "X-Hub-Signature-256"],
		["GET", "", "person", ""],
	]);
	assert.match(webhook.calls[0]?.headers[0]?.value ?? "", /HMAC-SHA-256 of the body under the App Secret/);
	assert.match(webhook.calls[1]?.otherProof ?? "", /verify token/);
	const changedAt = stage.clock.now().toISOString();
	assert.deepEqual(webhook.secretEntries, [
		{
			authenticationId: "webhook",
			label: "App Secret",
			enteredAtProvider: false,
			passwordSet: true,
			changedAt,
		},
		{
			authenticationId: "verify",
			label: "Verify Token",
			enteredAtProvider: true,
			passwordSet: true,
			changedAt,
		},
	]);
});

test("a verify token that is not there yet is asked for", async (t) => {
	const stage = await openServiceStage(t);
	const authentications = [{ authenticationId: page, password: "canary-page-token" }];
	const { secretEntries } = await webhookOf(stage, facebook({ authentications }));
	assert.deepEqual(secretEntries, [
		{
			authenticationId: "verify",
			label: "Verify Token",
			enteredAtProvider: true,
			passwordSet: false,
			changedAt: null,
		},
	]);
});

test("Twilio: the address with its retry fragment, and the HTTP user where no message names the address", async (t) => {
	const stage = await openServiceStage(t);
	const [messages, callbacks, events, ...others] = inShort(await webhookOf(stage, twilio()));
	assert.deepEqual(messages, ["POST/GET", "#rc=5&rp=all", "person", "X-Twilio-Signature Authorization"]);
	assert.deepEqual(callbacks, ["POST", "?attempt=…#rc=5&rp=all", "message", "X-Twilio-Signature"]);
	assert.deepEqual(events, ["POST", "", "person", "X-Twilio-Signature Authorization"]);
	assert.deepEqual(others, []);
	const off = await webhookOf(stage, twilio({ name: "Another", settings: { statusCallbacks: false } }));
	assert.deepEqual(inShort(off)[1], ["POST", "#rc=5&rp=all", "person", "X-Twilio-Signature Authorization"]);
	assert.deepEqual(off.calls[0]?.headers.at(-1), httpUser);
});

test("the HTTP user is no header where the SMS Server does not demand it; where nothing else proves a call, the page says so", async (t) => {
	const stage = await openServiceStage(t);
	await stage.storage.write((tx) => writeSmsServer(tx, 0, { useLocalHttpAuthentication: false }));
	const signed = await webhookOf(stage, twilio());
	assert.equal(inShort(signed)[0]?.[3], "X-Twilio-Signature");
	assert.equal(signed.shutBecause, null);
	const unsigned = await webhookOf(stage, sinchsms({}));
	assert.match(unsigned.shutBecause ?? "", /Use Local Http Authentication is off/);
	const webhook = { authenticationId: "webhook", password: "canary-webhook-secret" };
	assert.equal((await webhookOf(stage, sinchsms({}, webhook))).shutBecause, null, "signed with a secret of its own");
});

function sinchsms(settings: object, ...more: readonly object[]) {
	const account = { authenticationId: "plan1", password: "canary-api-token" };
	return { type: "sinchsms", name: `Sinch ${more.length}`, settings, authentications: [account, ...more] };
}

test("Sinch SMS: what counts for its mode, and signed only with a secret to sign with", async (t) => {
	const stage = await openServiceStage(t);
	const names = ["", "-nonce", "-timestamp", "-algorithm"].map((part) => `x-sinch-webhook-signature${part}`).join(" ");
	const plain = await webhookOf(stage, sinchsms({}));
	assert.deepEqual(inShort(plain), [
		["POST", "", "person", "Authorization"],
		["POST", "?attempt=…&proof=…", "message", ""],
	]);
	assert.match(plain.calls[1]?.otherProof ?? "", /proof in the address/);
	assert.match(plain.calls[1]?.proposed ?? "", /keeps the query/);
	const signed = sinchsms(
		{ namesCallbackUrl: false },
		{ authenticationId: "webhook", password: "canary-webhook-secret" },
	);
	assert.deepEqual(inShort(await webhookOf(stage, signed)), [
		["POST", "", "person", `${names} Authorization`],
		["POST", "", "person", `${names} Authorization`],
	]);
	const basic = { ...sinchsms({ mode: "basic" }), name: "Basic", serviceConnection: "https://sms.example.com:3801" };
	assert.deepEqual(inShort(await webhookOf(stage, basic)), [
		["GET", "?from=%P&to=%p&time=%T&udh=%u&text=%A", "person", "Authorization"],
		["GET", "?attempt=…&proof=…&type=%d&state=%s&error=%e&id=%i", "message", ""],
	]);
	const silent = { ...sinchsms({ mode: "basic", deliveryReport: "none" }), name: "Silent" };
	const unreported = { ...silent, serviceConnection: "https://sms.example.com:3801" };
	assert.equal((await webhookOf(stage, unreported)).calls.length, 1);
});

test("without a secret to make proofs of, the address that a message names needs the HTTP user too", async (t) => {
	const stage = await openServiceStage(t);
	const gateway = { type: "smshttp", name: "Gateway", serviceConnection: "https://sms.example.com/send" };
	const user = { authenticationId: "user", password: "canary-password" };
	const headersOf = async (body: object) => inShort(await webhookOf(stage, body)).map(([, , , headers]) => headers);
	assert.deepEqual(await headersOf(gateway), ["Authorization", "Authorization"]);
	assert.deepEqual(await headersOf({ ...gateway, name: "Proven", authentications: [user] }), ["Authorization", ""]);
});

test("SMPP: nothing comes by HTTP", async (t) => {
	const stage = await openServiceStage(t);
	const body = { type: "smpp", name: "Line", serviceConnection: "smpps://smpp.example.com:3601" };
	const { calls, secretEntries } = await webhookOf(stage, body);
	assert.deepEqual([calls, secretEntries], [[], []]);
});
