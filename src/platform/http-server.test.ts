import test, { type TestContext } from "node:test";
import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect } from "node:net";
import { gzipSync } from "node:zlib";
import type { FastifyInstance, InjectOptions } from "fastify";
import { systemClock } from "./clock.ts";
import { type HttpServerOptions, buildHttpServer, rawBody } from "./http-server.ts";
import type { Ids } from "./ids.ts";
import { type LogFields, silentLog } from "./log.ts";
import { Problem } from "./problems.ts";
import { SecretsLocked } from "./secret-box.ts";

const bodySchema = {
	type: "object",
	additionalProperties: false,
	required: ["name"],
	properties: {
		name: { type: "string", minLength: 1, maxLength: 10 },
		port: { type: "integer", minimum: 1, maximum: 10 },
		mode: { enum: ["observe", "enforce"] },
		tags: { type: "array", items: { type: "string" }, maxItems: 100 },
	},
};
const querySchema = {
	type: "object",
	additionalProperties: false,
	properties: { limit: { type: "integer", minimum: 1 }, enabled: { type: "boolean" }, name: { type: "string" } },
};
const paramsSchema = {
	type: "object",
	properties: { id: { type: "string", pattern: "^[A-F0-9]{4}$" } },
	required: ["id"],
};

class StorageAway extends Error {}

type Logged = { text: string; fields: LogFields | undefined };

function build(context: TestContext, extra: Partial<HttpServerOptions> = {}) {
	const logged: Logged[] = [];
	let count = 0;
	const ids: Ids = { next: <Id extends string>() => `C${++count}` as Id };
	const instance = buildHttpServer({
		log: { ...silentLog, error: (text, fields) => void logged.push({ text, fields }) },
		trustedProxies: [],
		bodyLimitBytes: 2000,
		ids,
		clock: systemClock,
		onStorageTrouble: (error) =>
			error instanceof StorageAway ? new Problem("storage_unavailable", "The database is away.") : undefined,
		...extra,
	});
	addRoutes(instance);
	context.after(() => instance.close());
	return { instance, logged };
}

function addRoutes(instance: FastifyInstance): void {
	instance.get("/things", { schema: { querystring: querySchema } }, (request) => ({ query: request.query }));
	instance.post("/things", { schema: { body: bodySchema } }, (request) => ({ got: request.body }));
	instance.get("/things/:id", { schema: { params: paramsSchema } }, () => ({}));
	instance.patch("/things/:id", () => ({}));
	instance.post("/any", (request) => ({ got: request.body ?? null }));
	instance.get("/ip", (request) => ({ ip: request.ip, protocol: request.protocol, host: request.host }));
	instance.get("/page", (_request, reply) => reply.header("content-security-policy", "default-src 'self'").send("x"));
	instance.get("/boom", () => {
		throw Object.assign(new Error("secret detail"), { statusCode: 418, validation: [] });
	});
	instance.get("/away", () => Promise.reject(new StorageAway()));
	instance.get("/locked", () => Promise.reject(new SecretsLocked()));
	instance.get("/busy", () => {
		throw new Problem("overloaded", "Later.", undefined, { headers: { "retry-after": "60" } });
	});
	void instance.register((scope, _options, done) => {
		rawBody(scope);
		scope.post("/hook", (request) => {
			const { body } = request;
			return {
				type: Buffer.isBuffer(body) ? "buffer" : typeof body,
				text: Buffer.isBuffer(body) ? body.toString("hex") : "",
			};
		});
		done();
	});
}

type Document = {
	code: string;
	status: number;
	detail: string;
	correlationId: string;
	errors?: { pointer: string; message: string }[];
};

async function ask(instance: FastifyInstance, options: InjectOptions) {
	const response = await instance.inject(options);
	const isProblem = String(response.headers["content-type"]).startsWith("application/problem+json");
	return { ...response, status: response.statusCode, problem: isProblem ? response.json<Document>() : undefined };
}

function post(url: string, payload: string | Buffer, type = "application/json"): InjectOptions {
	return { method: "POST", url, payload, headers: { "content-type": type } };
}

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
	const { instance } = build(context);
	const cases: readonly (readonly [number, InjectOptions])[] = [
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
		const name = `${String(options.method)} ${String(options.url).slice(0, 30)}`;
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
	const secure = build(context, { publicBaseUrl: "https://chat.example" }).instance;
	assert.equal((await ask(secure, { url: "/nothing" })).headers["strict-transport-security"], "max-age=31536000");
	const plain = build(context, { publicBaseUrl: "http://localhost:8080" }).instance;
	assert.equal((await ask(plain, { url: "/nothing" })).headers["strict-transport-security"], undefined);
});

test("a route may replace a security header of its own answer", async (context) => {
	const response = await ask(build(context).instance, { url: "/page" });
	assert.equal(response.headers["content-security-policy"], "default-src 'self'");
});

test("a caller's correlation id is not taken over", async (context) => {
	const headers = { "correlation-id": "evil", "x-request-id": "evil", "request-id": "evil" };
	assert.equal((await ask(build(context).instance, { url: "/things", headers })).headers["correlation-id"], "C1");
});

test("an unknown address is not_found; a wrong method on a known one is 405 with the methods it has", async (context) => {
	const { instance } = build(context);
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

test("a schema error names field and rule in plain words, for every field at once, and never the value", async (context) => {
	const { instance } = build(context);
	const wrong = { name: "", port: "5", mode: "hunter2", tags: ["a", 1], extra: true, "a/b~c": 1 };
	const { status, problem, body } = await ask(instance, post("/things", JSON.stringify(wrong)));
	assert.equal(status, 400);
	assert.equal(problem?.code, "invalid_body");
	const told = new Map(problem?.errors?.map(({ pointer, message }) => [pointer, message]));
	assert.equal(told.get("/name"), "must have at least 1 characters");
	assert.equal(told.get("/port"), "must be a whole number", "texts are not turned into numbers in a body");
	assert.equal(told.get("/mode"), 'must be one of "observe", "enforce"');
	assert.equal(told.get("/tags/1"), "must be a text");
	assert.equal(told.get("/extra"), "is not a field of this object");
	assert.equal(told.get("/a~1b~0c"), "is not a field of this object");
	assert.equal(told.size, 6);
	assert.ok(!body.includes("hunter2"));
	const missing = await ask(instance, post("/things", "{}"));
	assert.deepEqual(missing.problem?.errors, [{ pointer: "/name", message: "is required" }]);
	assert.equal((await ask(instance, post("/things", "[]"))).problem?.errors?.[0]?.message, "must be an object");
	assert.equal((await ask(instance, { method: "POST", url: "/things" })).problem?.code, "invalid_body");
});

test("the list of errors is bounded", async (context) => {
	const { problem } = await ask(
		build(context).instance,
		post("/things", JSON.stringify({ name: "a", tags: Array(200).fill(1) })),
	);
	assert.equal(problem?.errors?.length, 20);
});

test("unknown fields are refused, not removed", async (context) => {
	const { instance } = build(context);
	assert.equal((await ask(instance, post("/things", '{"name":"a","admin":true}'))).status, 400);
	assert.deepEqual((await ask(instance, post("/things", '{"name":"a"}'))).json(), { got: { name: "a" } });
});

test("query parameters are read by their schema; unknown, repeated and wrong ones are refused by name", async (context) => {
	const { instance } = build(context);
	const good = await ask(instance, { url: "/things?limit=5&enabled=false&name=5" });
	assert.deepEqual(good.json(), { query: { limit: 5, enabled: false, name: "5" } });
	const cases: readonly (readonly [string, string, string])[] = [
		["limit=5&limit=6", "/limit", "is given more than once"],
		["limit=abc", "/limit", "must be a whole number"],
		["limit=0", "/limit", "must be 1 or more"],
		["limit=", "/limit", "must be a whole number"],
		["enabled=1", "/enabled", "must be true or false"],
		["limt=5", "/limt", "is not a field of this object"],
	];
	for (const [query, pointer, message] of cases) {
		const { status, problem } = await ask(instance, { url: `/things?${query}` });
		assert.equal(status, 400, query);
		assert.equal(problem?.code, "invalid_query", query);
		assert.deepEqual(problem?.errors, [{ pointer, message }], query);
	}
});

test("a path parameter that breaks its pattern, or a path that is not well-formed, is invalid_path", async (context) => {
	const { instance } = build(context);
	assert.equal((await ask(instance, { url: "/things/12AB" })).status, 200);
	const wrong = await ask(instance, { url: "/things/zz" });
	assert.equal(wrong.problem?.code, "invalid_path");
	assert.equal(wrong.problem?.errors?.[0]?.pointer, "/id");
	for (const url of ["/things/%zz", "/things/%c0%af", `/things/${"A".repeat(600)}`]) {
		assert.equal((await ask(instance, { url })).problem?.code, "invalid_path", url);
	}
});

test("JSON is read strictly: depth, double keys, prototypes and encoding", async (context) => {
	const { instance } = build(context);
	const cases: readonly (readonly [string | Buffer, string])[] = [
		["{", "malformed_json"],
		['{"__proto__":{"admin":true}}', "malformed_json"],
		['{"constructor":{"prototype":{}}}', "malformed_json"],
		["[".repeat(65) + "]".repeat(65), "json_too_deep"],
		['{"name":"a","name":"b"}', "duplicate_key"],
		[Buffer.from([0x22, 0xff, 0x22]), "malformed_json"],
	];
	for (const [payload, code] of cases) {
		assert.equal((await ask(instance, post("/any", payload))).problem?.code, code, payload.toString());
	}
});

test("only the content types of JSON in UTF-8 are taken", async (context) => {
	const { instance } = build(context);
	const good = [
		"application/json",
		"Application/JSON",
		"application/json; charset=utf-8",
		'application/json;charset="UTF-8"',
		"application/merge-patch+json",
	];
	for (const type of good) {
		assert.equal((await ask(instance, post("/any", '{"a":1}', type))).status, 200, type);
	}
	const refused = [
		"text/plain",
		"text/plain; application/json",
		"application/x-www-form-urlencoded",
		"multipart/form-data; boundary=application/json",
		"application/jsonp",
		"application/json-patch+json",
		"application/json; charset=utf-16",
		"application/json; charset=utf-7",
		"application/json, text/plain",
		"text/json",
		"application/json\ta",
		"x",
		"",
	];
	for (const type of refused) {
		const { status, problem } = await ask(instance, post("/any", '{"a":1}', type));
		assert.equal(status, 415, type);
		assert.equal(problem?.code, "wrong_content_type", type);
	}
});

test("a body without content type is refused, no body at all is fine", async (context) => {
	const { instance } = build(context);
	assert.equal((await ask(instance, { method: "POST", url: "/any", payload: Buffer.from("{}") })).status, 415);
	assert.deepEqual((await ask(instance, { method: "POST", url: "/any" })).json(), { got: null });
	assert.deepEqual((await ask(instance, { ...post("/any", ""), method: "POST" })).json(), { got: null });
});

test("a compressed body is refused before it is read", async (context) => {
	const { instance } = build(context);
	for (const encoding of ["gzip", "br", "deflate", "gzip, identity", "x"]) {
		const options = post("/hook", gzipSync("{}"));
		const response = await ask(instance, { ...options, headers: { ...options.headers, "content-encoding": encoding } });
		assert.equal(response.status, 415, encoding);
		assert.equal(response.problem?.code, "content_encoding_refused");
	}
	assert.equal(
		(
			await ask(instance, {
				...post("/any", "{}"),
				headers: { "content-type": "application/json", "content-encoding": "identity" },
			})
		).status,
		200,
	);
});

test("a body above the limit is refused with 413, also where it is taken raw", async (context) => {
	const { instance } = build(context);
	assert.equal((await ask(instance, post("/any", `"${"x".repeat(1998)}"`))).status, 200);
	assert.equal((await ask(instance, post("/any", `"${"x".repeat(1999)}"`))).problem?.code, "body_too_large");
	assert.equal((await ask(instance, post("/hook", "x".repeat(2001), "text/plain"))).problem?.code, "body_too_large");
});

test("in a raw scope every body arrives as the bytes sent, and a repeated parameter is the route's business", async (context) => {
	const { instance } = build(context);
	const bytes = Buffer.from([0xef, 0xbb, 0xbf, 0x7b, 0x22, 0x61, 0x22, 0x3a, 0x31, 0xff, 0x0d, 0x0a]);
	for (const type of [
		"application/json",
		"application/x-www-form-urlencoded",
		"text/plain",
		"application/x-unheard-of",
	]) {
		const response = await ask(instance, post("/hook?a=1&a=2", bytes, type));
		assert.deepEqual(response.json(), { type: "buffer", text: bytes.toString("hex") }, type);
	}
	assert.equal(
		(await ask(instance, post("/any", "a=1", "text/plain"))).status,
		415,
		"outside the scope nothing changes",
	);
});

test("what fails unexpectedly becomes a bare 500, and the log has the cause under the same id", async (context) => {
	const { instance, logged } = build(context);
	const { status, problem, body, headers } = await ask(instance, { url: "/boom?token=hunter2" });
	assert.equal(status, 500);
	assert.equal(problem?.code, "internal");
	assert.ok(!body.includes("secret detail") && !body.includes("at "));
	assert.equal(logged.length, 1);
	assert.equal(logged[0]?.fields?.correlationId, headers["correlation-id"]);
	assert.equal(logged[0]?.fields?.error?.message, "secret detail");
	assert.equal(logged[0]?.fields?.path, "/boom");
	assert.ok(!JSON.stringify(logged).includes("hunter2"));
});

test("storage trouble and locked secrets are answered 503 with a time to come back, and are no unexpected failures", async (context) => {
	const { instance, logged } = build(context);
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
	const none = await ask(build(context).instance, { url: "/ip", headers });
	assert.deepEqual(none.json(), { ip: "127.0.0.1", protocol: "http", host: "localhost:80" });
	const listed = build(context, { trustedProxies: ["10.0.0.0/8"] }).instance;
	const fromProxy = await ask(listed, { url: "/ip", headers, remoteAddress: "10.0.0.7" });
	assert.equal(fromProxy.json<{ ip: string }>().ip, "203.0.113.9");
	const fromStranger = await ask(listed, { url: "/ip", headers, remoteAddress: "192.0.2.1" });
	assert.deepEqual(fromStranger.json(), { ip: "192.0.2.1", protocol: "http", host: "localhost:80" });
	const chain = { "x-forwarded-for": "1.1.1.1, 203.0.113.9, 10.0.0.8" };
	const through = await ask(listed, { url: "/ip", headers: chain, remoteAddress: "10.0.0.7" });
	assert.equal(through.json<{ ip: string }>().ip, "203.0.113.9", "the first that is no proxy of ours, from the right");
});

test("the limits of the socket layer are set", (context) => {
	const direct = build(context).instance.server;
	assert.equal(direct.requestTimeout, 20_000);
	assert.equal(direct.headersTimeout, 10_000);
	assert.equal(direct.keepAliveTimeout, 5000);
	assert.equal(direct.maxRequestsPerSocket, 1000);
	assert.equal(direct.maxConnections, 4000);
	const proxied = build(context, { behindProxy: true, connectionsMax: 7 }).instance.server;
	assert.equal(proxied.keepAliveTimeout, 65_000);
	assert.equal(proxied.maxConnections, 7);
});

async function listen(instance: FastifyInstance): Promise<number> {
	await instance.listen({ host: "127.0.0.1", port: 0 });
	return (instance.server.address() as AddressInfo).port;
}

/** Sends bytes as they are and reads until the server closes. */
async function raw(port: number, text: string): Promise<string> {
	const socket = connect(port, "127.0.0.1");
	socket.on("error", () => undefined);
	const chunks: Buffer[] = [];
	socket.on("data", (chunk) => chunks.push(chunk));
	socket.write(text);
	await once(socket, "close");
	return Buffer.concat(chunks).toString();
}

test("what is no HTTP, or smuggles, is answered 400 with headers and problem, and the connection is closed", async (context) => {
	const { instance } = build(context);
	const port = await listen(instance);
	const host = "Host: a\r\n";
	const wrong = [
		"nonsense\r\n\r\n",
		`POST /any HTTP/1.1\r\n${host}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
		`POST /any HTTP/1.1\r\n${host}Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcd`,
		`GET /things HTTP/1.1\r\n${host}X: a\r\n b\r\n\r\n`,
		`GET /things HTTP/1.1\r\n${host}X: a\rb\r\n\r\n`,
		`GET /things HTTP/1.1\r\n${host}X : a\r\n\r\n`,
		`POST /any HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\nzz\r\n`,
	];
	for (const text of wrong) {
		const answer = await raw(port, text);
		assert.match(answer, /^HTTP\/1\.1 400 Bad Request\r\n/, JSON.stringify(text));
		assert.match(answer, /\r\nx-content-type-options: nosniff\r\n/i);
		assert.match(answer, /\r\ncontent-security-policy: default-src 'none'/i);
		assert.match(answer, /\r\nconnection: close\r\n/i);
		assert.match(answer, /"code":"malformed_request"/);
	}
});

test("headers above 16 KiB or more than 100 are answered 431", async (context) => {
	const { instance } = build(context);
	const port = await listen(instance);
	const start = "GET /things HTTP/1.1\r\nHost: a\r\nConnection: close\r\n";
	assert.match(
		await raw(port, `${start}X: ${"y".repeat(17_000)}\r\n\r\n`),
		/^HTTP\/1\.1 431 [\s\S]*"headers_too_large"/,
	);
	const many = (count: number) =>
		start + Array.from({ length: count }, (_, index) => `X${index}: y\r\n`).join("") + "\r\n";
	assert.match(await raw(port, many(98)), /^HTTP\/1\.1 200 /);
	assert.match(await raw(port, many(99)), /^HTTP\/1\.1 431 [\s\S]*"headers_too_large"/);
});

test("TRACE is answered 405 and echoes nothing", async (context) => {
	const { instance } = build(context);
	const port = await listen(instance);
	for (const path of ["/things", "/nothing"]) {
		const answer = await raw(
			port,
			`TRACE ${path} HTTP/1.1\r\nHost: a\r\nX-Secret: hunter2\r\nConnection: close\r\n\r\n`,
		);
		assert.match(answer, /^HTTP\/1\.1 405 /);
		assert.ok(!answer.includes("hunter2"));
	}
});

test("while the server stops, requests on open connections are answered 503, with headers, and the connection closes", async (context) => {
	const { instance } = build(context);
	const port = await listen(instance);
	const entered = Promise.withResolvers<void>();
	const release = Promise.withResolvers<void>();
	instance.addHook("preClose", () => {
		entered.resolve();
		return release.promise;
	});
	const closing = instance.close();
	await entered.promise;
	const answer = await raw(port, "GET /things HTTP/1.1\r\nHost: a\r\n\r\n");
	release.resolve();
	await closing;
	assert.match(answer, /^HTTP\/1\.1 503 /);
	assert.match(answer, /"code":"shutting_down"/);
	assert.match(answer, /\r\nx-content-type-options: nosniff\r\n/i);
	assert.match(answer, /\r\nretry-after: 5\r\n/i);
	assert.match(answer, /\r\nconnection: close\r\n/i);
});
