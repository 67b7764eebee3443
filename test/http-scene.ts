// An HTTP server of the kit with routes that show each of its habits, for the tests of the kit.

import type { TestContext } from "node:test";
import type { FastifyInstance, InjectOptions } from "fastify";
import { systemClock } from "#platform/clock.ts";
import { type HttpServerOptions, buildHttpServer, rawBody } from "#platform/http-server.ts";
import type { Ids } from "#platform/ids.ts";
import { type LogFields, silentLog } from "#platform/log.ts";
import { Problem } from "#platform/problems.ts";
import { SecretsLocked } from "#platform/secret-box.ts";

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

/** A server with one route of each kind. Its ids are C1, C2, …; its monotonic clock goes 5 ms with each look at it. */
export function buildScene(context: TestContext, extra: Partial<HttpServerOptions> = {}) {
	const logged: Logged[] = [];
	let count = 0;
	let elapsedMs = 0;
	const ids: Ids = { next: <Id extends string>() => `C${++count}` as Id };
	const instance = buildHttpServer({
		log: { ...silentLog, error: (text, fields) => void logged.push({ text, fields }) },
		trustedProxies: [],
		bodyLimitBytes: 2000,
		ids,
		clock: { ...systemClock, monotonicMs: () => (elapsedMs += 5) },
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

export async function ask(instance: FastifyInstance, options: InjectOptions) {
	const response = await instance.inject(options);
	const isProblem = String(response.headers["content-type"]).startsWith("application/problem+json");
	return { ...response, status: response.statusCode, problem: isProblem ? response.json<Document>() : undefined };
}

export function post(
	url: string,
	payload: string | Buffer,
	type = "application/json",
): InjectOptions & { url: string } {
	return { method: "POST", url, payload, headers: { "content-type": type } };
}
