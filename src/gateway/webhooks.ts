// The doors on HTTP: `/sms/<type>/<serviceId>` and `/sms/<type>/all`. Bytes in, a short answer out, within four seconds:
// what is not stored by then is answered "later", and a repetition finds its events known.

import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { RawRequest } from "#connectors/contract.ts";
import { connectorOf } from "#connectors/registry.ts";
import { isId } from "#domain/ids.ts";
import { rawBody } from "#platform/http-server.ts";
import { Problem } from "#platform/problems.ts";
import { Overloaded } from "#storage/group-commit.ts";
import type { OpenService } from "./open-service.ts";
import { requestHeaders } from "./request-headers.ts";
import { type Caller, type GatewayReply, receive, type ReceiveDeps } from "./receive.ts";
import type { ServiceBook } from "./service-book.ts";

export type WebhookDeps = ReceiveDeps & {
	services: ServiceBook;
	settings: { publicBaseUrl: string; bodyBytesMax: number };
};

const answerWithinMs = 4000; // Meta waits 5 s (as documented, checked 2026-11-24); others longer.

export async function serveWebhooks(app: FastifyInstance, deps: WebhookDeps): Promise<void> {
	await app.register((scope, _options, done) => {
		rawBody(scope);
		scope.route({
			method: ["GET", "POST"],
			url: "/sms/:type/:selector",
			bodyLimit: deps.settings.bodyBytesMax,
			config: { ownTimeLimit: true },
			handler: (request, reply) => answer(request, reply, deps),
		});
		done();
	});
}

async function answer(request: FastifyRequest, reply: FastifyReply, deps: WebhookDeps): Promise<FastifyReply> {
	if (deps.arrivals.isFull()) {
		throw new Overloaded("More webhooks come than can be stored.");
	}
	const { type, selector } = request.params as { type: string; selector: string };
	const raw = toRawRequest(request, deps);
	const caller = { address: request.ip };
	const work =
		selector === "all" ? receiveForAll(type, raw, caller, deps) : receiveForOne(type, selector, { raw, caller }, deps);
	const given = await inTime(work, deps);
	deps.metrics.webhook(type, given.status);
	void reply.code(given.status).headers(given.headers ?? {});
	if (given.contentType !== undefined) {
		void reply.type(given.contentType);
	}
	return reply.send(given.body ?? "");
}

/** The URL as the provider knows it: the configured public one, never `Host` or a forwarded header. */
function toRawRequest(request: FastifyRequest, deps: WebhookDeps): RawRequest {
	return {
		method: request.method,
		url: `${deps.settings.publicBaseUrl}${request.raw.url ?? ""}`,
		headers: requestHeaders(request.raw.rawHeaders),
		body: Buffer.isBuffer(request.body) ? request.body : new Uint8Array(),
	};
}

type Call = { raw: RawRequest; caller: Caller };

async function receiveForOne(
	type: string,
	id: string,
	{ raw, caller }: Call,
	deps: WebhookDeps,
): Promise<GatewayReply> {
	const service = isId(id) ? await findService(id, deps) : undefined;
	if (service === undefined || service.type !== type) {
		throw await unknownService(type, caller, deps);
	}
	return service.enabled ? receive(raw, service, caller, deps) : paused;
}

/** A service that was just configured may not be in the book yet. */
async function findService(id: string, deps: WebhookDeps): Promise<OpenService | undefined> {
	const known = deps.services.byId(id);
	if (known !== undefined) {
		return known;
	}
	await deps.services.refresh();
	return deps.services.byId(id);
}

/** A paused service takes nothing in, and loses nothing: the provider comes again. */
const paused: GatewayReply = { status: 503, headers: { "retry-after": "60" } };

/**
 * Finds the services by the accounts the body names, then lets each judge with its own secrets. A batch may name several:
 * each takes what is its own. Refused by all: the first refusal is the answer.
 */
async function receiveForAll(type: string, raw: RawRequest, caller: Caller, deps: WebhookDeps): Promise<GatewayReply> {
	const connector = connectorOf(type);
	const services = deps.services.ofType(type);
	if (connector === undefined || services.length === 0) {
		throw await unknownService(type, caller, deps);
	}
	const greeting = greet(raw, services);
	if (greeting !== undefined) {
		return greeting;
	}
	const named = new Set(connector.inbound.accountsNamed(raw));
	const addressed = services.filter((service) => service.accounts().some((account) => named.has(account)));
	if (addressed.length === 0) {
		throw await unknownService(type, caller, deps);
	}
	const takenElsewhere = new Set(addressed.flatMap((service) => service.accounts()));
	const replies = await Promise.all(
		addressed.map((service) =>
			service.enabled ? receive(raw, service, { ...caller, takenElsewhere }, deps) : Promise.resolve(paused),
		),
	);
	return worst(replies);
}

/** The service whose verify token fits answers; else the first refusal. */
function greet(raw: RawRequest, services: readonly OpenService[]): GatewayReply | undefined {
	const greetings = services.flatMap((service) => service.handshake(raw) ?? []);
	return greetings.find(({ status }) => status === 200) ?? greetings[0];
}

/**
 * "Later" outranks everything (a repetition stores what is missing and finds the rest known); then a yes, since what was
 * refused beside it is sealed; then the refusal.
 */
function worst(replies: readonly GatewayReply[]): GatewayReply {
	const found = replies.find(({ status }) => status >= 500) ?? replies.find(({ status }) => status < 300) ?? replies[0];
	if (found === undefined) {
		throw new Problem("unknown_service", "There is no such messaging service.");
	}
	return found;
}

async function unknownService(type: string, caller: Caller, deps: WebhookDeps): Promise<Problem> {
	deps.metrics.refused(connectorOf(type) === undefined ? "unknown" : type, "unknown_service");
	await deps.securityEvents.add({
		kind: "unknown_service",
		serviceId: null,
		address: caller.address,
		detail: "A call for a messaging service that does not exist.",
	});
	return new Problem("unknown_service", "There is no such messaging service.");
}

async function inTime(work: Promise<GatewayReply>, deps: WebhookDeps): Promise<GatewayReply> {
	let cancel: () => void = () => undefined;
	const late = new Promise<GatewayReply>((resolve) => {
		cancel = deps.clock.after(answerWithinMs, () => resolve({ status: 503, headers: { "retry-after": "5" } }));
	});
	try {
		return await Promise.race([work, late]);
	} finally {
		cancel();
	}
}
