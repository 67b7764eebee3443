import test from "node:test";
import assert from "node:assert/strict";
import type { InjectOptions } from "fastify";
import { ask, buildScene, post } from "#test/http-scene.ts";

const expectedHeaders: Readonly<Record<string, RegExp>> = {
	"content-security-policy": /^default-src 'none'; frame-ancestors 'none'/,
	"x-content-type-options": /^nosniff$/,
	"referrer-policy": /^no-referrer$/,
	"cross-origin-resource-policy": /^same-origin$/,
	"permissions-policy": /geolocation=\(\)/,
	"cache-control": /^no-store$/,
	"correlation-id": /^C\d+$/,
};

test("every answer, good or bad, has the security headers, a correlation id and no banner", async (context) => {
	const { instance } = buildScene(context);
	const cases: readonly (readonly [number, InjectOptions & { url: string }])[] = [
		[200, { method: "GET", url: "/things" }],
		[200, { method: "HEAD", url: "/things" }],
		[400, post("/things", "{")],
		[400, { method: "GET", url: "/%zz" }],
		[404, { method: "GET", url: "/nothing" }],
		[405, { method: "DELETE", url: "/things" }],
		[405, { method: "OPTIONS", url: "/things" }],
		[413, post("/things", `"${"x".repeat(3000)}"`)],
		[414, { method: "GET", url: `/things?name=${"x".repeat(8200)}` }],
		[415, post("/things", "a=b", "text/plain")],
		[500, { method: "GET", url: "/boom" }],
		[503, { method: "GET", url: "/away" }],
	];
	for (const [status, options] of cases) {
		const response = await ask(instance, options);
		const name = `${String(options.method)} ${options.url.slice(0, 30)}`;
		assert.equal(response.status, status, name);
		for (const [header, value] of Object.entries(expectedHeaders)) {
			assert.match(String(response.headers[header]), value, `${name}: ${header}`);
		}
		assert.equal(response.headers["server"], undefined);
		assert.equal(response.headers["x-powered-by"], undefined);
		assert.equal(response.headers["strict-transport-security"], undefined);
		if (response.problem !== undefined) {
			assert.equal(response.problem.correlationId, response.headers["correlation-id"]);
			assert.equal(response.problem.status, status);
		}
	}
});

test("browsers are told to insist on HTTPS exactly when the public base URL is https", async (context) => {
	const secure = buildScene(context, { publicBaseUrl: "https://chat.example" }).instance;
	assert.equal((await ask(secure, { url: "/nothing" })).headers["strict-transport-security"], "max-age=31536000");
	const plain = buildScene(context, { publicBaseUrl: "http://localhost:8080" }).instance;
	assert.equal((await ask(plain, { url: "/nothing" })).headers["strict-transport-security"], undefined);
});

test("a route may replace a security header of its own answer", async (context) => {
	const response = await ask(buildScene(context).instance, { url: "/page" });
	assert.equal(response.headers["content-security-policy"], "default-src 'self'");
});

test("a caller's correlation id is not taken over", async (context) => {
	const headers = { "correlation-id": "evil", "x-request-id": "evil", "request-id": "evil" };
	assert.equal((await ask(buildScene(context).instance, { url: "/things", headers })).headers["correlation-id"], "C1");
});

test("an unknown address is not_found; a wrong method on a known one is 405 with the methods it has", async (context) => {
	const { instance } = buildScene(context);
	assert.equal((await ask(instance, { url: "/things/1234/5" })).problem?.code, "not_found");
	const wrong = await ask(instance, { method: "DELETE", url: "/things/1234?x=1" });
	assert.equal(wrong.problem?.code, "method_not_allowed");
	assert.equal(wrong.headers["allow"], "GET, HEAD, PATCH");
	const body = await ask(instance, {
		method: "PUT",
		url: "/things",
		payload: "x",
		headers: { "content-type": "text/plain" },
	});
	assert.equal(body.status, 405);
});

test("a path parameter that breaks its pattern, or a path that is not well-formed, is invalid_path", async (context) => {
	const { instance } = buildScene(context);
	assert.equal((await ask(instance, { url: "/things/12AB" })).status, 200);
	const wrong = await ask(instance, { url: "/things/zz" });
	assert.equal(wrong.problem?.code, "invalid_path");
	assert.equal(wrong.problem?.errors?.[0]?.pointer, "/id");
	for (const url of ["/things/%zz", "/things/%c0%af", `/things/${"A".repeat(600)}`]) {
		assert.equal((await ask(instance, { url })).problem?.code, "invalid_path", url);
	}
});

test("what fails unexpectedly becomes a bare 500, and the log has the cause under the same id", async (context) => {
	const { instance, logged } = buildScene(context);
	const { status, problem, body, headers } = await ask(instance, { url: "/boom?token=hunter2" });
	assert.equal(status, 500);
	assert.equal(problem?.code, "internal");
	assert.ok(!body.includes("secret detail") && !body.includes("at "));
	assert.equal(logged.length, 1);
	assert.equal(logged[0]?.fields?.correlationId, headers["correlation-id"]);
	assert.equal(logged[0]?.fields?.error?.message, "secret detail");
	assert.equal(logged[0]?.fields?.path, "/boom");
	assert.equal(logged[0]?.fields?.durationMs, 5);
	assert.ok(!JSON.stringify(logged).includes("hunter2"));
});

test("storage trouble and locked secrets are answered 503 with a time to come back, and are no unexpected failures", async (context) => {
	const { instance, logged } = buildScene(context);
	const away = await ask(instance, { url: "/away" });
	assert.equal(away.problem?.code, "storage_unavailable");
	assert.equal(away.headers["retry-after"], "5");
	assert.equal((await ask(instance, { url: "/locked" })).problem?.code, "secrets_locked");
	assert.equal((await ask(instance, { url: "/busy" })).headers["retry-after"], "60");
	assert.equal(logged.length, 0);
});

test("X-Forwarded-For is believed from listed proxies only", async (context) => {
	const headers = {
		"x-forwarded-for": "203.0.113.9",
		"x-forwarded-proto": "https",
		"x-forwarded-host": "evil.example",
	};
	const none = await ask(buildScene(context).instance, { url: "/ip", headers });
	assert.deepEqual(none.json(), { ip: "127.0.0.1", protocol: "http", host: "localhost:80" });
	const listed = buildScene(context, { trustedProxies: ["10.0.0.0/8"] }).instance;
	const fromProxy = await ask(listed, { url: "/ip", headers, remoteAddress: "10.0.0.7" });
	assert.equal(fromProxy.json<{ ip: string }>().ip, "203.0.113.9");
	const fromStranger = await ask(listed, { url: "/ip", headers, remoteAddress: "192.0.2.1" });
	assert.deepEqual(fromStranger.json(), { ip: "192.0.2.1", protocol: "http", host: "localhost:80" });
	const chain = { "x-forwarded-for": "1.1.1.1, 203.0.113.9, 10.0.0.8" };
	const through = await ask(listed, { url: "/ip", headers: chain, remoteAddress: "10.0.0.7" });
	assert.equal(through.json<{ ip: string }>().ip, "203.0.113.9", "the first that is no proxy of ours, from the right");
});

test("the limits of the socket layer are set", (context) => {
	const direct = buildScene(context).instance.server;
	assert.equal(direct.requestTimeout, 20_000);
	assert.equal(direct.headersTimeout, 10_000);
	assert.equal(direct.keepAliveTimeout, 5000);
	assert.equal(direct.maxRequestsPerSocket, 1000);
	assert.equal(direct.maxConnections, 4000);
	const proxied = buildScene(context, { behindProxy: true, connectionsMax: 7 }).instance.server;
	assert.equal(proxied.keepAliveTimeout, 65_000);
	assert.equal(proxied.maxConnections, 7);
});
