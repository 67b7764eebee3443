// A route is data: from it come validation, rights, the OpenAPI document and the matrix test that walks every route with
// every kind of principal. A route without `needs` does not compile.

import type { Access, ObjectType } from "#domain/rights.ts";
import type { Principal } from "#identity/principal.ts";
import type { Reach } from "#rights/decide.ts";
import type { Tx } from "#storage/storage.ts";
import type { ServerResponse } from "node:http";
import type { Static, TObject, TSchema } from "typebox";
import type { RestDeps } from "./deps.ts";

/**
 * One right a route demands. `on`: `every` the whole type (to create one) · `some` any object of the type (lists; the rows
 * are filtered by the same right) · `{ param }` the object whose id is that path parameter · `row` an object known only
 * once the row is read: the framework demands `some`, and `run` must call `ctx.demand` with its id.
 */
export type Need = {
	objectType: ObjectType;
	access: Access;
	/** Another access that serves as well, or several. */
	or?: Access | readonly Access[];
	on: "every" | "some" | "row" | { param: string };
};

/** Who may call: anybody (with the reason why that is right), anybody signed in, or who holds ALL of the rights. */
export type Needs =
	| { who: "anybody"; because: string }
	| { who: "signedIn" }
	| { who: "holders"; rights: readonly Need[] };

export type RouteContext<Params, Query, Body> = {
	deps: RestDeps;
	/** Which interface the call came by; goes into the audit log. */
	via: "rci" | "cmi";
	params: Params;
	query: Query;
	body: Body;
	/** Undefined only on routes open to anybody; `caller()` is the principal or the problem `not_authenticated`. */
	principal: Principal | undefined;
	caller(): Principal;
	/** Throws the problem `forbidden` unless the principal holds the right on that object. */
	demand(access: Access, objectType: ObjectType, objectId: string): void;
	/** Whether the principal holds the right; for filters and choices. */
	may(access: Access, objectType: ObjectType, on: Reach): boolean;
	/** What the principal may do with the object: its `allowed` list. */
	allowed(objectType: ObjectType, objectId: string): Access[];
	/** Ids of the objects a list may show. */
	visible(access: Access, objectType: ObjectType): "every" | readonly string[];
	/** From `If-Match`: the version the caller believes in. */
	ifMatch: number | undefined;
	/** Throws the problem `precondition_failed` when the caller believes in another version. */
	demandVersion(current: number): void;
	/**
	 * One transaction. On an `idempotent` route `work` returns the Answer itself, which is kept under the caller's
	 * Idempotency-Key in that same transaction.
	 */
	write<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
	/** As sent; validated by the framework (1–255 printable characters). */
	idempotencyKey: string | undefined;
	/** True when the caller prefers `text/html`: POST then answers with the bare id (the original's habit). */
	wantsBareId: boolean;
	/** From `Last-Event-ID`: the last event that a reader of an event stream has seen. */
	lastEventId: string | undefined;
	remoteAddress: string;
	userAgent: string;
	correlationId: string;
};

/** As it came: nobody has looked at it yet. */
export type UploadedFile = { contentType: string; bytes: Uint8Array };

/** What helpers take that serve routes of any shape. */
export type AnyContext = RouteContext<unknown, unknown, unknown>;

/** `version` becomes the ETag; `location` is relative to the interface's base. */
export type Answer = {
	status: 200 | 201 | 202 | 204;
	body?: unknown;
	/** Of a route that answers a file; `headers` say what it is. */
	bytes?: Uint8Array;
	version?: number;
	location?: string;
	headers?: Readonly<Record<string, string>>;
	/** The answer stays open: status and headers are written, then this, and the connection is closed when it resolves. */
	stream?(open: OpenAnswer): Promise<void>;
};

export type OpenAnswer = {
	response: ServerResponse;
	/** Aborted when the server is about to stop. */
	closing: AbortSignal;
	/** Who the caller is by now, by the credentials of the request; undefined: they do not count any more. */
	callerNow(): Promise<Principal | undefined>;
};

export type Route = {
	method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
	/** Below the interface's base, Fastify style: `/messagingServices/:id`. */
	path: string;
	/** One sentence for the documentation. */
	summary: string;
	description?: string;
	needs: Needs;
	params?: TObject;
	query?: TObject;
	body?: TSchema;
	/** The reply's schema for the success status; undefined: no body. Serialised by it, so nothing can leak. */
	reply?: TSchema;
	status: Answer["status"];
	/**
	 * The body is a file of any type, as bytes, at most as large as the setting attachments.bytesMax; `run` gets an
	 * `UploadedFile`.
	 */
	takesFile?: true;
	/** Also for those who must first change their password or enrol a second factor. */
	servesBeforeDuty?: true;
	/** The answer is a file. */
	answersFile?: true;
	/** POST routes that make something honour Idempotency-Key. */
	idempotent?: true;
	/** The answer shows a secret once: what is kept for a repeated Idempotency-Key is sealed. */
	answersSecret?: true;
	run(ctx: RouteContext<never, never, never>): Promise<Answer>;
};

type Parts<P, Q, B> = { params?: P; query?: Q; body?: B };
type StaticOr<T> = T extends TSchema ? Static<T> : undefined;

/** Ties the types of `params`, `query` and `body` to what `run` gets, and forgets them again. */
export function route<
	P extends TObject | undefined = undefined,
	Q extends TObject | undefined = undefined,
	B extends TSchema | undefined = undefined,
>(
	definition: Omit<Route, "run" | "params" | "query" | "body"> &
		Parts<P, Q, B> & { run(ctx: NoInfer<RouteContext<StaticOr<P>, StaticOr<Q>, StaticOr<B>>>): Promise<Answer> },
): Route {
	return definition as unknown as Route;
}
