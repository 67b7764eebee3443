// Turns routes into a served interface: admit the caller, validate, run, answer. The order is the safety: nothing of a
// body is read before the rights are known.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from "fastify";
import type { Principal } from "#identity/principal.ts";
import { Overloaded } from "#storage/group-commit.ts";
import type { Tx } from "#storage/storage.ts";
import { type Rendered, type Rendering, render, send } from "./answers.ts";
import { prefersHtml } from "#platform/http-server.ts";
import { contextOf } from "./context.ts";
import type { RestDeps } from "./deps.ts";
import { type Knock, admitCaller, callerStill } from "./guard.ts";
import { type IdempotentCall, assertAnswer, canonical, claimKey, keep, once } from "./idempotency.ts";
import { closingSignal, keepOpen } from "./open-answers.ts";
import type { AnyContext, Route, UploadedFile } from "./route.ts";
import { storageProblem } from "./storage-problem.ts";
import { assertStrict } from "./strict-schemas.ts";

type Base = "/RI/rci" | "/RI/cmi" | "/RI/openapi" | "/ecfs/RI/rci" | "/ecfs/RI/cmi";
export type ServeOptions = { base: Base; routes: readonly Route[]; deps: RestDeps };

type Interface = {
	/** Before the path of a Location header. */
	base: string;
	via: "rci" | "cmi";
	deps: RestDeps;
	running: Set<string>;
	closing: AbortSignal;
};

/** @param app a scope that has the base path as its prefix already */
export async function serveRoutes(app: FastifyInstance, options: ServeOptions): Promise<void> {
	const { routes, deps } = options;
	const base = `${deps.settings.basePath}${options.base}`;
	const via = options.base.endsWith("/cmi") ? "cmi" : "rci";
	const served: Interface = { base, via, deps, running: new Set(), closing: closingSignal(app) };
	await app.register(
		(scope, _options, done) => {
			scope.setErrorHandler((error) => {
				throw storageProblem(error) ?? error;
			});
			for (const route of routes.filter(({ takesFile }) => takesFile !== true)) {
				addRoute(scope, route, served);
			}
			const uploads = routes.filter(({ takesFile }) => takesFile === true);
			void scope.register((files, _none, ready) => {
				takeFiles(files, deps.settings.attachments.bytesMax);
				uploads.forEach((route) => addRoute(files, route, served));
				ready();
			});
			done();
		},
		{ prefix: options.base },
	);
}

/** In this scope every body is a file. One that is too large is refused as soon as that is known. */
function takeFiles(scope: FastifyInstance, bodyLimit: number): void {
	scope.removeAllContentTypeParsers();
	scope.addContentTypeParser("*", { parseAs: "buffer", bodyLimit }, ({ headers }, bytes: Buffer, done) => {
		const uploaded: UploadedFile = { contentType: headers["content-type"] ?? "", bytes };
		done(null, uploaded);
	});
}

/** What Fastify validates and serialises by. */
export function schemaOf(route: Route) {
	return {
		...(route.params === undefined ? {} : { params: route.params }),
		...(route.query === undefined ? { querystring: noQuery } : { querystring: route.query }),
		...(route.body === undefined || route.takesFile === true ? {} : { body: route.body }),
		...(route.reply === undefined ? {} : { response: { [route.status]: route.reply } }),
	};
}

/** A route that takes no query refuses every parameter. */
const noQuery = { type: "object", properties: {}, additionalProperties: false };

function addRoute(scope: FastifyInstance, route: Route, served: Interface): void {
	assertStrict(route);
	const callers = new WeakMap<FastifyRequest, { principal: Principal | undefined }>();
	scope.route({
		method: route.method satisfies HTTPMethods,
		url: route.path,
		schema: schemaOf(route),
		async onRequest(request) {
			if (route.idempotent === true && served.deps.storage.isFull()) {
				throw new Overloaded("More calls come than can be written.");
			}
			callers.set(request, { principal: await admitCaller(route, knockOf(request), served.deps) });
		},
		async handler(request, reply) {
			const caller = callers.get(request);
			assert(caller !== undefined, "a request is admitted before it is answered");
			const call = { request, reply, ...caller };
			const answered = await (route.idempotent === true
				? answerOnce(route, served, call)
				: answer(route, served, call));
			if (served.via === "rci" && route.method !== "GET") {
				served.deps.signals.nudge("configuration");
			}
			return answered;
		},
	});
}

function knockOf(request: FastifyRequest): Knock {
	const { method, headers, ip } = request;
	return { method, headers, params: request.params as Record<string, string>, address: ip };
}

type Call = { request: FastifyRequest; reply: FastifyReply; principal: Principal | undefined };

async function answer(route: Route, served: Interface, call: Call): Promise<FastifyReply> {
	const { deps, closing } = served;
	const { request, reply } = call;
	const known = contextOf(deps, served.via, call);
	const given = await run(route, { ...known, write: (work) => deps.storage.write(work) });
	const rendered = render(given, renderingOf(route, served, call));
	if (given.stream === undefined) {
		return send(reply, rendered);
	}
	const callerNow = () => callerStill(route, knockOf(request), deps);
	keepOpen({
		reply,
		rendered,
		stream: (open) => given.stream?.(open) ?? Promise.resolve(),
		closing,
		callerNow,
		log: deps.log,
	});
	return reply;
}

async function answerOnce(route: Route, served: Interface, call: Call): Promise<FastifyReply> {
	const { deps, running } = served;
	const known = contextOf(deps, served.via, call);
	const rendering = renderingOf(route, served, call);
	const idempotent = idempotentCall(route, known, call.request);
	const rendered =
		idempotent === undefined
			? await runOnce(route, known, rendering, undefined)
			: await once(deps, running, idempotent, () => runOnce(route, known, rendering, idempotent));
	return send(call.reply, rendered);
}

function renderingOf(route: Route, { base }: Interface, { request, reply }: Call): Rendering {
	return { route, base, wantsBareId: prefersHtml(request.headers.accept), serialise: serialiserOf(route, reply) };
}

/** The answer is rendered, and kept if there is a key, inside the transaction that `run` opens by `ctx.write`. */
async function runOnce(
	route: Route,
	known: Omit<AnyContext, "write">,
	rendering: Rendering,
	call: IdempotentCall | undefined,
): Promise<Rendered> {
	let rendered: Rendered | undefined;
	const write: AnyContext["write"] = (work) =>
		known.deps.storage.writeTogether(async (tx: Tx) => {
			if (call !== undefined) {
				await claimKey(tx, known.deps, call);
			}
			const result = await work(tx);
			assertAnswer(result);
			rendered = render(result, rendering);
			if (call !== undefined) {
				await keep(tx, known.deps, call, rendered);
			}
			return result;
		});
	await run(route, { ...known, write });
	assert(rendered !== undefined, `${route.method} ${route.path} writes through ctx.write`);
	return rendered;
}

function run(route: Route, ctx: AnyContext) {
	return route.run(ctx as Parameters<Route["run"]>[0]);
}

function idempotentCall(
	route: Route,
	{ idempotencyKey, principal, deps }: Omit<AnyContext, "write">,
	request: FastifyRequest,
): IdempotentCall | undefined {
	if (idempotencyKey === undefined) {
		return undefined;
	}
	const [path = ""] = request.url.split("?");
	const content = canonical([request.query, route.takesFile === true ? fingerprint(request.body) : request.body]);
	return {
		scope: `${principal?.userId ?? "anybody"} ${route.method} ${path}`,
		key: idempotencyKey,
		requestHash: Buffer.from(deps.mac("idempotency", content)).toString("base64"),
		isSealed: route.answersSecret === true,
	};
}

/** Short, where the body is megabytes of a file. */
function fingerprint(body: unknown): unknown {
	const { contentType, bytes } = (body ?? {}) as Partial<UploadedFile>;
	return [
		contentType,
		createHash("sha256")
			.update(bytes ?? new Uint8Array())
			.digest("hex"),
	];
}

function serialiserOf(route: Route, reply: FastifyReply): (body: unknown) => string {
	const serialise = reply.getSerializationFunction(String(route.status)) as ((body: unknown) => string) | undefined;
	return (body) => {
		assert(serialise !== undefined, `${route.method} ${route.path} has a schema for its reply`);
		return serialise(body);
	};
}
