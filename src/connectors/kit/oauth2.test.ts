// Goal: a token is asked for as RFC 6749 says, once for all who wait for it, lives as long as its unit means, and whatever the
// token endpoint does, no message is lost and no secret told.

import assert from "node:assert/strict";
import test from "node:test";
import type { HttpAnswer, HttpCall, TokenAnswer, Tools } from "../contract.ts";
import {
	callWithToken,
	type Grant,
	secretsOf,
	type TokenClient,
	tokenKeyOf,
	toTokenAnswer,
	toTokenRequest,
} from "./oauth2.ts";

const now = new Date("2026-11-24T12:00:00.000Z");

function clientOf(changes: Partial<TokenClient> = {}): TokenClient {
	return {
		tokenUrl: "https://login.example/token",
		clientId: "app",
		clientSecret: "s3cret & more",
		grant: { kind: "client_credentials" },
		clientIn: "basic",
		expiresIn: "seconds",
		credentialsName: "app key",
		...changes,
	};
}

function answered(status: number, body: unknown = ""): HttpAnswer {
	const text = typeof body === "string" ? body : JSON.stringify(body);
	return { kind: "answered", status, headers: new Headers(), body: new TextEncoder().encode(text) };
}

const password: Grant = { kind: "password", username: "ada@example.com", password: "p+w d" };
const refresh: Grant = { kind: "refresh_token", refreshToken: "r3fresh" };

test("each grant is asked for with its own fields, and the client stands where it belongs", () => {
	const basic = toTokenRequest(clientOf());
	assert.equal(basic.headers["authorization"], `Basic ${Buffer.from("app:s3cret & more").toString("base64")}`);
	assert.equal(basic.body, "grant_type=client_credentials");
	const inBody = toTokenRequest(clientOf({ clientIn: "body", grant: password, scope: "a/.default b" }));
	assert.equal(inBody.headers["authorization"], undefined);
	assert.deepEqual(Object.fromEntries(new URLSearchParams(String(inBody.body))), {
		grant_type: "password",
		username: "ada@example.com",
		password: "p+w d",
		scope: "a/.default b",
		client_id: "app",
		client_secret: "s3cret & more",
	});
	const open = toTokenRequest(clientOf({ clientSecret: undefined, grant: refresh }));
	assert.equal(open.headers["authorization"], undefined, "a client without a secret only names itself");
	assert.equal(open.body, "grant_type=refresh_token&refresh_token=r3fresh&client_id=app");
});

test("seconds and milliseconds are told apart, and nothing lives longer than a day", () => {
	const lifeMs = (expires_in: unknown, expiresIn: TokenClient["expiresIn"]): number => {
		const answer = toTokenAnswer(answered(200, { access_token: "t", expires_in }), now, { expiresIn });
		assert.ok(answer.ok);
		return answer.expiresAt.getTime() - now.getTime();
	};
	assert.equal(lifeMs(2_700_000, "milliseconds"), 2_700_000);
	assert.equal(lifeMs(3600, "seconds"), 3_600_000);
	assert.equal(lifeMs(2_700_000, "seconds"), 86_400_000);
	assert.equal(lifeMs("soon", "milliseconds"), 300_000);
});

test("another secret, grant or scope is another token, and the key tells none of them", () => {
	const clients = [
		clientOf(),
		clientOf({ clientSecret: "other" }),
		clientOf({ clientSecret: undefined }),
		clientOf({ grant: password }),
		clientOf({ grant: { ...password, password: "other" } }),
		clientOf({ scope: "s" }),
		clientOf({ tokenUrl: "https://other.example/token" }),
	];
	const keys = clients.map(tokenKeyOf);
	assert.equal(new Set(keys).size, keys.length);
	assert.ok(keys.every((key) => /^[0-9a-f]{64}$/.test(key)));
});

/** Keeps a token as the gateway does: one request for all who wait. */
function toolsWith(answers: { token: HttpAnswer[]; api: HttpAnswer[] }): { tools: Tools; calls: HttpCall[] } {
	const calls: HttpCall[] = [];
	const kept = new Map<string, Promise<TokenAnswer>>();
	const tools: Tools = {
		http(call) {
			calls.push(call);
			const next = (call.url === clientOf().tokenUrl ? answers.token : answers.api).shift();
			assert.ok(next !== undefined, `nobody expected ${call.url}`);
			return Promise.resolve(next);
		},
		async token(key, fetch) {
			const known = kept.get(key) ?? fetch();
			kept.set(key, known);
			const answer = await known;
			if (!answer.ok) {
				kept.delete(key);
			}
			return answer;
		},
		dropToken: (key) => void kept.delete(key),
		now: () => now,
	};
	return { tools, calls };
}

const call: HttpCall = { method: "POST", url: "https://api.example/send", headers: { accept: "*/*" }, body: "{}" };
const token = (access_token: string): HttpAnswer => answered(200, { access_token, expires_in: 3600 });

test("many calls at once share one request for the token", async () => {
	const many = 20;
	const { tools, calls } = toolsWith({
		token: [token("t1")],
		api: Array.from({ length: many }, () => answered(200)),
	});
	const all = await Promise.all(Array.from({ length: many }, () => callWithToken(call, clientOf(), tools)));
	assert.ok(all.every((one) => one.ok && one.accessToken === "t1"));
	assert.equal(calls.filter(({ url }) => url === clientOf().tokenUrl).length, 1);
	assert.equal(calls.at(-1)?.headers["authorization"], "Bearer t1");
	assert.equal(calls.at(-1)?.headers["accept"], "*/*");
});

test("a refused token is replaced once, and a second refusal is the answer", async () => {
	const once = toolsWith({ token: [token("t1"), token("t2")], api: [answered(401), answered(200)] });
	const mended = await callWithToken(call, clientOf(), once.tools);
	assert.ok(mended.ok && mended.answer.kind === "answered");
	assert.deepEqual([mended.answer.status, mended.accessToken, once.calls.length], [200, "t2", 4]);
	const twice = toolsWith({ token: [token("t1"), token("t2")], api: [answered(401), answered(401)] });
	const refused = await callWithToken(call, clientOf(), twice.tools);
	assert.ok(refused.ok && refused.answer.kind === "answered");
	assert.deepEqual([refused.answer.status, twice.calls.length], [401, 4]);
});

for (const [answer, code] of [
	[answered(400, { error: "invalid_client" }), "credentials"],
	[answered(400, { error: "invalid_grant" }), "credentials"],
	[answered(400, { error: "invalid_scope" }), "config"],
	[answered(400, { error: "unauthorized_client" }), "config"],
	[answered(401), "credentials"],
	[answered(302), "config"],
	[answered(404), "config"],
	[answered(429), "throttled"],
	[answered(503), "unreachable"],
	[answered(200, { access_token: "" }), "protocol"],
	[{ kind: "notSent", why: "tls" }, "unreachable"],
	[{ kind: "unclear", why: "reset" }, "unreachable"],
] as const) {
	test(`a token endpoint that gives ${JSON.stringify(answer).slice(0, 60)} leaves the message waiting: ${code}`, async () => {
		const { tools, calls } = toolsWith({ token: [answer], api: [] });
		const sent = await callWithToken(call, clientOf(), tools);
		assert.ok(!sent.ok && sent.outcome.kind === "retry");
		assert.equal(sent.outcome.code, code);
		assert.equal(calls.length, 1, "nothing was sent");
	});
}

test("no secret is told, in whichever spelling the token endpoint repeats it", async () => {
	for (const client of [clientOf(), clientOf({ clientIn: "body", grant: password }), clientOf({ grant: refresh })]) {
		const secrets = secretsOf(client);
		assert.ok(secrets.includes("s3cret & more") && secrets.includes("s3cret+%26+more"));
		for (const secret of secrets) {
			const { tools } = toolsWith({
				token: [answered(400, { error: "invalid_grant", error_description: `no: ${secret}` })],
				api: [],
			});
			const sent = await callWithToken(call, client, tools);
			assert.ok(!sent.ok && sent.outcome.kind === "retry");
			assert.equal(sent.outcome.detail, "The token endpoint refused the app key (400 invalid_grant: no: …).");
		}
	}
});
