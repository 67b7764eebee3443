// Answers that stay open, such as an event stream: headers first, then whatever the route writes, until it ends, the
// caller leaves, or the server is about to stop.

import type { FastifyInstance, FastifyReply } from "fastify";
import { describeError } from "#platform/log.ts";
import type { Rendered } from "./answers.ts";
import type { RestDeps } from "./deps.ts";
import type { Answer, OpenAnswer } from "./route.ts";

/** Aborted when the server begins to close, so that open answers do not hold it up. */
export function closingSignal(scope: FastifyInstance): AbortSignal {
	const closing = new AbortController();
	scope.addHook("preClose", (done) => {
		closing.abort();
		done();
	});
	return closing.signal;
}

export type Opening = {
	reply: FastifyReply;
	rendered: Rendered;
	stream: NonNullable<Answer["stream"]>;
	closing: AbortSignal;
	callerNow: OpenAnswer["callerNow"];
	log: RestDeps["log"];
};

/** Takes the connection out of the framework's hands; from here on nothing else answers on it. */
export function keepOpen({ reply, rendered, stream, closing, callerNow, log }: Opening): void {
	const headers = { ...reply.getHeaders(), ...rendered.headers };
	const response = reply.hijack().raw;
	response.statusCode = rendered.status;
	for (const [name, value] of Object.entries(headers)) {
		if (value !== undefined) {
			response.setHeader(name, value);
		}
	}
	response.flushHeaders();
	stream({ response, closing, callerNow })
		.catch((error: unknown) => {
			const correlationId = reply.request.id;
			log.error("An open answer ended early.", { event: "stream.failed", correlationId, error: describeError(error) });
		})
		.finally(() => response.end());
}
