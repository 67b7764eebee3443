// The same resources by plain HTTP: `…/ecfs/rest/users/me/…`, with the session's cookie. No size of an answer is refused
// here, so this is the way to the older part of a long transcript.

import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Asked, Caller, Method } from "../resource.ts";
import type { Ask } from "./asking.ts";
import { fault, frameBytesMax } from "./frames.ts";
import { type HttpDeps, admission, callerOf, forSide, kinds, preflight, jsonIn, sendAnswer, sideOf } from "./http.ts";
import { readUri } from "./uris.ts";

export type RestTwinDeps = HttpDeps & {
	ask: Ask;
	logOut(sessionId: string): Promise<void>;
};

const methods = ["GET", "POST", "PUT", "DELETE"] as const satisfies readonly Method[];

export function serveRestTwin(app: FastifyInstance, deps: RestTwinDeps): void {
	for (const kind of kinds) {
		const { onRequest, sessionOf } = admission(kind, deps);
		forSide(app, kind, deps, (scope) => {
			scope.route({
				method: [...methods],
				url: "/rest/users/me/*",
				onRequest,
				bodyLimit: frameBytesMax,
				handler: (request, reply) => answer(deps, callerOf(sessionOf(request), request), { request, reply }),
			});
			scope.options("/rest/users/me/*", preflight);
		});
	}
}

type Call = { request: FastifyRequest; reply: FastifyReply };

async function answer(deps: RestTwinDeps, caller: Caller, { request, reply }: Call): Promise<FastifyReply> {
	const [path = ""] = (request.raw.url ?? "").split("?", 1);
	const target = readUri(path.slice(`${deps.basePath}${sideOf[caller.kind]}/rest`.length));
	if (!target.ok) {
		return sendAnswer(reply, fault(404, "unknown_uri", target.message));
	}
	const asked: Asked = { method: request.method as Method, path: target.steps, body: jsonIn(request), caller };
	return sendAnswer(reply, await deps.ask(asked));
}
