// From a route's Answer to the bytes of a reply, serialised by the route's schema so that nothing else can leak.

import type { FastifyReply } from "fastify";
import type { Answer, Route } from "./route.ts";

/** A reply as it is sent, and as it is kept for a repeated Idempotency-Key. */
export type Rendered = { status: number; headers: Record<string, string>; body: string; bytes?: Uint8Array };

export type Rendering = {
	route: Route;
	/** `/RI/rci`, with the base path before it. */
	base: string;
	wantsBareId: boolean;
	serialise(body: unknown): string;
};

export function render(answer: Answer, { route, base, wantsBareId, serialise }: Rendering): Rendered {
	const headers: Record<string, string> = { ...answer.headers };
	if (answer.version !== undefined) {
		headers["etag"] = `"${answer.version}"`;
	}
	if (answer.location !== undefined) {
		headers["location"] = `${base}${answer.location}`;
	}
	if (answer.bytes !== undefined) {
		return { status: answer.status, headers, body: "", bytes: answer.bytes };
	}
	if (answer.body === undefined || route.reply === undefined) {
		return { status: answer.status, headers, body: "" };
	}
	const id = bareId(answer.body);
	if (answer.status === 201 && wantsBareId && id !== undefined) {
		return { status: 201, headers: { ...headers, "content-type": "text/html; charset=utf-8" }, body: id };
	}
	const type = { "content-type": "application/json; charset=utf-8" };
	return { status: answer.status, headers: { ...headers, ...type }, body: serialise(answer.body) };
}

/** Hex digits only: safe as HTML. */
function bareId(body: unknown): string | undefined {
	const id: unknown = typeof body === "object" && body !== null && "id" in body ? body.id : undefined;
	return typeof id === "string" && /^[A-F0-9]{32}$/.test(id) ? id : undefined;
}

export function send(reply: FastifyReply, rendered: Rendered): FastifyReply {
	const { bytes, body } = rendered;
	return reply
		.code(rendered.status)
		.headers(rendered.headers)
		.send(bytes === undefined ? (body === "" ? undefined : body) : Buffer.from(bytes));
}
