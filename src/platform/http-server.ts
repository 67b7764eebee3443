// The HTTP server kit: Fastify with bounds on everything, security headers on every answer, and one way to say no.
// Requests are not logged; what fails unexpectedly is, with the correlation id that the caller also gets.

import type { IncomingMessage, ServerOptions, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import type { Clock } from "./clock.ts";
import { answerBrokenRequest } from "./broken-request.ts";
import { type KnownRoute, allowedMethods, knownRoute } from "./allowed-methods.ts";
import type { Ids } from "./ids.ts";
import { takeLeave, watchSilent } from "./leave-taking.ts";
import { type Log, describeError } from "./log.ts";
import { Problem, type ProblemCode, toProblemDocument } from "./problems.ts";
import { readPlainTypes, refuseNul, refuseRepeated } from "./query-values.ts";
import { schemaProblem } from "./schema-problems.ts";
import { type HeaderTable, securityHeaders } from "./security-headers.ts";
import { parseStrictJson } from "./strict-json.ts";
import { type TlsPair, tlsVersionMin } from "./tls-pair.ts";
import { wantsWebSocket } from "./upgrades.ts";

declare module "fastify" {
	interface FastifyInstance {
		/** What a person sees at an address where nothing is; programs get the problem `not_found`. */
		unknownPage: { send?: (reply: FastifyReply) => FastifyReply };
	}
	interface FastifyContextConfig {
		/** The query is read by the route itself, as it was sent. */
		rawQuery?: boolean;
		/** The route bounds its own time. */
		ownTimeLimit?: boolean;
	}
	interface FastifyRequest {
		/** On the monotonic clock. */
		startedMs: number;
	}
}

export type HttpServerOptions = {
	log: Log;
	/** Addresses or CIDR ranges whose X-Forwarded-For is believed. */
	trustedProxies: readonly string[];
	bodyLimitBytes: number;
	ids: Ids;
	clock: Clock;
	/** A load balancer keeps connections open longer than a browser does. */
	behindProxy?: boolean;
	/** Where people reach the server; an https one makes browsers insist on HTTPS. */
	publicBaseUrl?: string;
	/** Sockets that stay open count, too. Default 4000. */
	connectionsMax?: number;
	/** Default 30 s. */
	answerTimeoutMs?: number;
	/** How long callers may still use their kept connections once the server closes, to hear 503. Default 0. */
	closingGraceMs?: number;
	/** In front of every address, for those that answers name. */
	basePath?: string;
	/** With it the server speaks TLS. */
	tls?: Pick<TlsPair, "certificate" | "key">;
	/** Says what a storage error means to the caller; undefined for any other error. */
	onStorageTrouble?(error: unknown): Problem | undefined;
};

const urlLengthMax = 8192;
const headersMax = 100;
const headerBytesMax = 16_384;
const answersUnderWayMax = 8; // Of one connection. Hardly any caller sends a request before the last one was answered.
const retryAfterSeconds = "5"; // For every 503 that does not say it better.

export function buildHttpServer(options: HttpServerOptions): FastifyInstance {
	const headers = securityHeaders(options.publicBaseUrl?.startsWith("https:") === true);
	const instance: FastifyInstance = fastify({
		logger: false,
		genReqId: () => options.ids.next(),
		requestIdHeader: false,
		trustProxy: options.trustedProxies.length === 0 ? false : [...options.trustedProxies],
		bodyLimit: options.bodyLimitBytes,
		requestTimeout: 20_000,
		connectionTimeout: 90_000, // Nothing moved in either direction; streams say something every 15 s.
		keepAliveTimeout: options.behindProxy === true ? 65_000 : 5000,
		maxRequestsPerSocket: 1000,
		...protocolOf(options, (request) => wantsWebSocket(request) && instance.server.listenerCount("upgrade") > 0),
		routerOptions: { maxParamLength: 512 },
		forceCloseConnections: "idle",
		return503OnClosing: false, // `refuseWhileClosing` does it, with the headers and the problem document.
		ajv: { customOptions: { removeAdditional: false, coerceTypes: false, allErrors: true } },
		schemaErrorFormatter: schemaProblem,
		frameworkErrors: (error, request, reply) => {
			sendProblem(request, reply.headers(headers), problemOf(error, request, options), options);
		},
		clientErrorHandler: (error, socket) =>
			answerBrokenRequest(error, socket, { headers, correlationId: options.ids.next(), basePath: options.basePath }),
	});
	instance.server.maxConnections = options.connectionsMax ?? 4000;
	limitTime(instance, options.answerTimeoutMs ?? 30_000, options.clock);
	addGuards(instance, headers, options);
	addParsers(instance);
	answerUnknownRoutes(instance);
	instance.setErrorHandler((error, request, reply) => {
		sendProblem(request, reply, problemOf(error, request, options), options);
	});
	return instance;
}

type Plain = { http: ServerOptions };

/** HTTP/1.1 in both cases, so that WebSocket handshakes are what they are without TLS. */
function protocolOf({ tls }: HttpServerOptions, shouldUpgradeCallback: (request: IncomingMessage) => boolean): Plain {
	const bounds = {
		headersTimeout: 10_000,
		connectionsCheckingInterval: 1000,
		maxHeaderSize: headerBytesMax,
		shouldUpgradeCallback,
	};
	if (tls === undefined) {
		return { http: bounds };
	}
	const https = {
		...bounds,
		cert: tls.certificate,
		key: tls.key,
		minVersion: tlsVersionMin,
		handshakeTimeout: 10_000,
		ALPNProtocols: ["http/1.1"],
	};
	return { https } as unknown as Plain; // Fastify has another type for an instance with TLS, which no caller cares for.
}

/**
 * To be called in a scope of its own (`instance.register`): there every body, of whatever type, arrives as the bytes that
 * were sent, and the query is left alone. For webhooks, whose signatures cover bytes.
 */
export function rawBody(instance: FastifyInstance): void {
	instance.removeAllContentTypeParsers();
	instance.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
	instance.addHook("onRoute", (route) => {
		route.config = { ...route.config, rawQuery: true };
	});
}

/** Fastify's own `handlerTimeout` makes an AbortController per call, which costs more than everything else here. */
function limitTime(instance: FastifyInstance, answerTimeoutMs: number, clock: Clock): void {
	instance.addHook("onRequest", (request, reply, done) => {
		if (request.routeOptions.config?.ownTimeLimit !== true) {
			const cancel = clock.after(answerTimeoutMs, () => {
				if (!reply.sent && !reply.raw.headersSent) {
					void reply.send(new Problem("overloaded", "The answer took too long."));
				}
			});
			reply.raw.once("close", cancel);
		}
		done();
	});
}

function addGuards(
	instance: FastifyInstance,
	headers: HeaderTable,
	{ clock, closingGraceMs = 0 }: HttpServerOptions,
): void {
	let isClosing = false;
	const endSilent = watchSilent(instance.server, clock);
	instance.addHook("preClose", async () => {
		isClosing = true;
		await takeLeave(instance.server, clock, closingGraceMs);
		endSilent();
	});
	instance.decorateRequest("startedMs", 0);
	const isOverhasty = countAnswers();
	instance.addHook("onRequest", (request, reply, done) => {
		if (isOverhasty(request.raw.socket, reply.raw)) {
			reply.hijack();
			request.raw.socket.destroy();
			return;
		}
		request.startedMs = clock.monotonicMs();
		void reply.headers(headers).header("correlation-id", request.id);
		if (isClosing) {
			void reply.header("connection", "close");
			done(new Problem("shutting_down", "The server is about to stop; repeat the call."));
			return;
		}
		done(refusal(request));
	});
	instance.addHook("preValidation", (request, _reply, done) => {
		if (request.routeOptions.config?.rawQuery !== true) {
			const { schema } = request.routeOptions;
			refuseRepeated(request.query as Record<string, unknown>);
			refuseNul(request.query as Record<string, unknown>);
			readPlainTypes(request.query as Record<string, unknown>, schema?.querystring);
			readPlainTypes(request.params as Record<string, unknown>, schema?.params);
		}
		done();
	});
}

/**
 * Whether a connection asks faster than it reads. Node reads a whole packet of requests before it looks at what is not
 * yet written, and holds all their answers: 65 KiB of small requests cost 100 MiB and more.
 */
function countAnswers(): (socket: Socket, answer: ServerResponse) => boolean {
	const underWay = new WeakMap<Socket, number>();
	return (socket, answer) => {
		const count = (underWay.get(socket) ?? 0) + 1;
		underWay.set(socket, count);
		answer.once("close", () => underWay.set(socket, (underWay.get(socket) ?? 1) - 1));
		return socket.destroyed || count > answersUnderWayMax;
	};
}

/** What is refused before anything of the body is read. */
function refusal(request: FastifyRequest): Problem | undefined {
	const { url = "", rawHeaders } = request.raw;
	if (url.length > urlLengthMax) {
		return new Problem("url_too_long", `Path and query have more than ${urlLengthMax} characters.`);
	}
	if (rawHeaders.length / 2 > headersMax) {
		return new Problem("headers_too_large", `The request has more than ${headersMax} headers.`);
	}
	if ((request.headers["content-encoding"] ?? "identity") !== "identity") {
		return new Problem("content_encoding_refused", "Send the body without Content-Encoding.");
	}
	return undefined;
}

const jsonTypes = ["application/json", "application/merge-patch+json"];
const jsonContentType = /^application\/(?:merge-patch\+)?json\s*(?:;\s*charset="?utf-8"?\s*)?$/i;

function addParsers(instance: FastifyInstance): void {
	instance.removeAllContentTypeParsers();
	instance.addContentTypeParser(jsonTypes, { parseAs: "buffer" }, (request, body, done) => {
		if (!jsonContentType.test(request.headers["content-type"] ?? "")) {
			done(new Problem("wrong_content_type", "JSON is taken in UTF-8 only, without other parameters."));
			return;
		}
		try {
			done(null, parseStrictJson(Buffer.from(body)));
		} catch (error) {
			done(error as Error);
		}
	});
}

function answerUnknownRoutes(instance: FastifyInstance): void {
	const routes: KnownRoute[] = [];
	instance.decorate("unknownPage", {});
	instance.addHook("onRoute", ({ method, url }) => {
		routes.push(...[method].flat().map((one) => knownRoute(one, url)));
	});
	instance.setNotFoundHandler((request, reply) => {
		const [path = ""] = request.url.split("?");
		const allow = allowedMethods(path, routes);
		const { send } = instance.unknownPage;
		if (allow.length === 0 && request.method === "GET" && send !== undefined && prefersHtml(request.headers.accept)) {
			return send(reply.code(404));
		}
		if (allow.length === 0 && request.method !== "TRACE") {
			throw new Problem("not_found", "There is nothing at this address.");
		}
		const headers = { allow: allow.join(", ") };
		throw new Problem("method_not_allowed", "This address does not have that method.", undefined, { headers });
	});
}

/** As browsers do where somebody opens an address; scripts and programs name JSON, or nothing. */
export function prefersHtml(accept: string | undefined): boolean {
	const types = (accept ?? "").toLowerCase();
	return types.includes("text/html") && !types.includes("application/json");
}

const frameworkProblems: Readonly<Record<string, readonly [ProblemCode, string]>> = {
	FST_ERR_CTP_BODY_TOO_LARGE: ["body_too_large", "The body has more bytes than this call takes."],
	FST_ERR_CTP_INVALID_MEDIA_TYPE: ["wrong_content_type", "This call does not take a body of this Content-Type."],
	FST_ERR_CTP_EMPTY_TYPE: ["wrong_content_type", "The body has no Content-Type."],
	FST_ERR_CTP_INVALID_CONTENT_LENGTH: ["malformed_request", "The body does not have the length that was announced."],
	FST_ERR_BAD_URL: ["invalid_path", "The path is not well-formed."],
	FST_ERR_MAX_PARAM_LENGTH: ["invalid_path", "A part of the path is too long."],
};

function problemOf(error: unknown, request: FastifyRequest, options: HttpServerOptions): Problem {
	if (error instanceof Problem) {
		return error;
	}
	const known = frameworkProblems[String((error as Partial<FastifyError> | undefined)?.code)];
	if (known !== undefined) {
		return new Problem(...known);
	}
	const trouble = options.onStorageTrouble?.(error);
	if (trouble !== undefined) {
		return trouble;
	}
	if (request.raw.destroyed && !request.raw.complete) {
		return new Problem("malformed_request", "The request was cut off.");
	}
	const path = request.routeOptions?.url ?? "";
	options.log.error("A request failed.", {
		event: "request.failed",
		correlationId: request.id,
		method: request.method,
		path,
		durationMs: Math.round(options.clock.monotonicMs() - request.startedMs),
		error: describeError(error),
	});
	return new Problem("internal", `Something went wrong on our side. The log has the cause under ${request.id}.`);
}

function sendProblem(
	request: FastifyRequest,
	reply: FastifyReply,
	problem: Problem,
	{ basePath }: HttpServerOptions,
): void {
	const waiting = problem.status === 503 ? { "retry-after": retryAfterSeconds } : {};
	void reply
		.code(problem.status)
		.headers({ ...waiting, ...problem.headers, "correlation-id": request.id })
		.type("application/problem+json; charset=utf-8")
		.send(JSON.stringify(toProblemDocument(problem, request.id, basePath)));
}
