// The door by itself: every way in, every way to be refused, and what is asked of whom before it opens.

import assert from "node:assert/strict";
import test from "node:test";
import type { RawRequest, Verdict } from "#connectors/contract.ts";
import { type AdmitDeps, type Door, admit } from "./admit.ts";
import type { OpenService } from "./open-service.ts";

const now = new Date("2026-01-02T12:00:00Z");
const right = "Basic right";
type HttpVerdict = Awaited<ReturnType<AdmitDeps["identity"]["checkHttpUser"]>>;
type Circumstances = {
	service?: Partial<OpenService>;
	verdict?: Verdict;
	authorization?: string;
	http?: HttpVerdict;
	usesLocalHttp?: boolean;
};

/** The answer of the door, and what was asked to find it. */
async function knock(given: Circumstances): Promise<{ door: Door; asked: unknown[]; raw: RawRequest }> {
	const asked: unknown[] = [];
	const headers = new Headers(given.authorization === undefined ? {} : { authorization: given.authorization });
	const raw = { method: "POST", headers } as unknown as RawRequest;
	const service = {
		id: "S",
		isLocked: false,
		localHttpAuthentication: "exempt",
		isOwnCallback: () => false,
		isProvenByAddress: () => false,
		verify(request: RawRequest, at: Date) {
			asked.push(["signature", request === raw, at]);
			return given.verdict ?? { ok: true, nonce: "n1" };
		},
		...given.service,
	} as OpenService;
	const door = await admit(raw, service, "192.0.2.1", {
		now: () => now,
		usesLocalHttpAuthentication: () => given.usesLocalHttp ?? true,
		identity: {
			checkHttpUser(authorization, whom) {
				asked.push(["http user", authorization, whom]);
				return Promise.resolve(given.http ?? { ok: true, userId: "U" });
			},
		},
	});
	return { door, asked, raw };
}

const httpAsked = (authorization: string | undefined) => [
	"http user",
	authorization,
	{ serviceId: "S", address: "192.0.2.1" },
];
const signatureAsked = ["signature", true, now];

test("a genuine request is let in as it is, with its nonce", async () => {
	const { door, asked, raw } = await knock({});
	assert.deepEqual(door, { open: true, request: raw, nonce: "n1" });
	assert.deepEqual(asked, [signatureAsked]);
});

test("a service whose secrets are locked asks nobody anything and says later", async () => {
	const { door, asked } = await knock({ service: { isLocked: true }, authorization: right });
	assert.deepEqual(door, { open: false, status: 503, reason: "secrets_locked" });
	assert.deepEqual(asked, []);
});

test("what is wrong with the proof decides what the provider hears", async () => {
	const cases = [
		["missing", { open: false, status: 401, reason: "signature_missing" }],
		["mismatch", { open: false, status: 401, reason: "signature_mismatch" }],
		["stale", { open: false, status: 503, reason: "clock_skew" }],
	] as const;
	for (const [why, must] of cases) {
		assert.deepEqual((await knock({ verdict: { ok: false, why } })).door, must);
	}
});

test("where an HTTP user is needed, it is asked first, then the provider's own proof", async () => {
	const service = { localHttpAuthentication: "required" } as const;
	const { door, asked } = await knock({ service, authorization: right });
	assert.equal(door.open, true);
	assert.deepEqual(asked, [httpAsked(right), signatureAsked]);
	const forged = await knock({ service, authorization: right, verdict: { ok: false, why: "mismatch" } });
	assert.deepEqual(forged.door, { open: false, status: 401, reason: "signature_mismatch" });
});

test("an HTTP user that is refused keeps the door shut before any proof is looked at", async () => {
	const service = { localHttpAuthentication: "required" } as const;
	const [challenge, status] = ['Basic realm="Parley"', 401] as const;
	const wrong = await knock({ service, authorization: "Basic wrong", http: { ok: false, status, challenge } });
	assert.deepEqual(wrong.door, { open: false, status, reason: "http_credentials_wrong", challenge });
	assert.deepEqual(wrong.asked, [httpAsked("Basic wrong")]);
	const none = await knock({ service, http: { ok: false, status, challenge } });
	assert.deepEqual(none.door, { open: false, status, reason: "http_credentials_missing", challenge });
	assert.deepEqual(none.asked, [httpAsked(undefined)]);
	const noRight = await knock({
		service,
		authorization: right,
		http: { ok: false, status: 403, challenge: undefined },
	});
	assert.deepEqual(noRight.door, { open: false, status: 403, reason: "no_right_to_use" });
});

test("no HTTP user is asked of exempt types, of our own callbacks, and where the variable is off", async () => {
	const required = { localHttpAuthentication: "required" } as const;
	const cases: Circumstances[] = [
		{ service: { localHttpAuthentication: "exempt" } },
		{ service: { ...required, isOwnCallback: () => true } },
		{ service: required, usesLocalHttp: false },
	];
	for (const circumstances of cases) {
		const { door, asked } = await knock(circumstances);
		assert.equal(door.open, true);
		assert.deepEqual(asked, [signatureAsked]);
	}
});

test("an open door that the administrator locks demands the HTTP user, whatever the variable says", async () => {
	for (const usesLocalHttp of [true, false]) {
		const service = { wantsHttpUser: true, isOwnCallback: () => true };
		const admitted = await knock({ service, usesLocalHttp, authorization: right });
		assert.equal(admitted.door.open, true);
		assert.deepEqual(admitted.asked, [httpAsked(right), signatureAsked]);
		const http: HttpVerdict = { ok: false, status: 401, challenge: "Basic" };
		const { door } = await knock({ service, usesLocalHttp, http });
		assert.deepEqual(door, { open: false, status: 401, reason: "http_credentials_missing", challenge: "Basic" });
	}
});

const onlyHttpUser = { verify: () => undefined, localHttpAuthentication: "required" } as const;

test("a type whose only lock is the HTTP user has a shut door where none is asked for", async () => {
	const shut = { open: false, status: 403, reason: "no_lock" };
	const cases: Circumstances[] = [
		{ service: onlyHttpUser, usesLocalHttp: false },
		{ service: { ...onlyHttpUser, isOwnCallback: () => true } },
		{ service: { ...onlyHttpUser, localHttpAuthentication: "exempt" } },
	];
	for (const circumstances of cases) {
		const { door, asked } = await knock(circumstances);
		assert.deepEqual(door, shut);
		assert.deepEqual(asked, []);
	}
	const { door, asked, raw } = await knock({ service: onlyHttpUser, authorization: right });
	assert.deepEqual(door, { open: true, request: raw, nonce: undefined });
	assert.deepEqual(asked, [httpAsked(right)]);
});

test("where the service signs as well, a wrong signature is refused whatever the HTTP user is", async () => {
	const both = { localHttpAuthentication: "required" } as const;
	const wrong = await knock({ service: both, authorization: right, verdict: { ok: false, why: "mismatch" } });
	assert.deepEqual(wrong.door, { open: false, status: 401, reason: "signature_mismatch" });
	const alone = await knock({ service: both, usesLocalHttp: false });
	assert.equal(alone.door.open, true);
	assert.deepEqual(alone.asked, [signatureAsked]);
});

test("a call proven by its address needs no HTTP user, but its signature where there is one", async () => {
	const proven = { isProvenByAddress: () => true } as const;
	for (const usesLocalHttp of [true, false]) {
		const { door, asked } = await knock({ service: { ...onlyHttpUser, ...proven }, usesLocalHttp });
		assert.equal(door.open, true);
		assert.deepEqual(asked, []);
	}
	const service = { ...proven, localHttpAuthentication: "required" } as const;
	const { door, asked } = await knock({ service, verdict: { ok: false, why: "missing" } });
	assert.deepEqual(door, { open: false, status: 401, reason: "signature_missing" });
	assert.deepEqual(asked, [signatureAsked]);
});
