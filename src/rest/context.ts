// Makes what a route's `run` gets out of a request that was admitted and validated.

import type { FastifyRequest } from "fastify";
import { type Access, type ObjectType, accessesOf } from "#domain/rights.ts";
import type { Principal } from "#identity/principal.ts";
import { prefersHtml } from "#platform/http-server.ts";
import { Problem } from "#platform/problems.ts";
import { decide, visibleObjects } from "#rights/decide.ts";
import type { RestDeps } from "./deps.ts";
import type { AnyContext } from "./route.ts";

export type Admitted = { request: FastifyRequest; principal: Principal | undefined };

/** All but `write`, which knows about Idempotency-Key and is added by the framework. */
export type ContextWithoutWrite = Omit<AnyContext, "write">;

export function contextOf(deps: RestDeps, via: "rci" | "cmi", admitted: Admitted): ContextWithoutWrite {
	const { request, principal } = admitted;
	const { headers } = request;
	const ifMatch = readIfMatch(headers["if-match"]);
	return {
		deps,
		via,
		params: request.params,
		query: request.query,
		body: request.body,
		ifMatch,
		demandVersion(current) {
			if (ifMatch !== undefined && ifMatch !== current) {
				throw new Problem("precondition_failed", "The object was changed since you read it; read it again.");
			}
		},
		idempotencyKey: readIdempotencyKey(headers["idempotency-key"]),
		wantsBareId: prefersHtml(headers.accept),
		lastEventId: oneLine(headers["last-event-id"]),
		remoteAddress: request.ip,
		userAgent: headers["user-agent"] ?? "",
		correlationId: request.id,
		...rightsOf(principal),
	};
}

type Rights = Pick<AnyContext, "principal" | "caller" | "demand" | "may" | "allowed" | "visible">;

function rightsOf(principal: Principal | undefined): Rights {
	const grants = principal?.grants ?? [];
	const mayOne = (access: Access, objectType: ObjectType, id: string): boolean =>
		decide(grants, access, { objectType, on: { id } }).allowed;
	return {
		principal,
		caller() {
			if (principal === undefined) {
				throw new Problem("not_authenticated", "Sign in, or send a user or an API token.");
			}
			return principal;
		},
		demand(access, objectType, objectId) {
			const decision = decide(grants, access, { objectType, on: { id: objectId } });
			if (!decision.allowed) {
				throw new Problem("forbidden", decision.reason);
			}
		},
		may: (access, objectType, on) => decide(grants, access, { objectType, on }).allowed,
		allowed: (objectType, objectId) => accessesOf[objectType].filter((access) => mayOne(access, objectType, objectId)),
		visible: (access, objectType) => visibleObjects(grants, access, objectType),
	};
}

/** `*` is met by every version. Weak tags never match here (RFC 9110 section 13.1.1). */
function readIfMatch(header: string | undefined): number | undefined {
	if (header === undefined || header.trim() === "*") {
		return undefined;
	}
	const version = /^"(\d{1,15})"$/.exec(header.trim())?.[1];
	if (version === undefined) {
		throw new Problem("precondition_failed", 'If-Match takes one ETag as it was given out, such as "3".');
	}
	return Number(version);
}

const printableAscii = /^[\x20-\x7E]{1,255}$/;

function readIdempotencyKey(header: string | string[] | undefined): string | undefined {
	if (header === undefined) {
		return undefined;
	}
	if (typeof header !== "string" || !printableAscii.test(header)) {
		throw new Problem("idempotency_key_invalid", "Idempotency-Key takes 1 to 255 printable ASCII characters.");
	}
	return header;
}

function oneLine(header: string | string[] | undefined): string | undefined {
	return typeof header === "string" ? header : undefined;
}
