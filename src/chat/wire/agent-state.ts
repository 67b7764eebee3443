// `…/ecfs/RI/rmi/agents/{userId}/…`: what the original's library for host pages calls to set an agent's presence and
// readiness. Another spelling of /users/me/properties, and only for oneself; the tree decides, changes and tells.

import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Answer, Asked } from "../resource.ts";
import type { Ask } from "./asking.ts";
import { fault, frameBytesMax } from "./frames.ts";
import { type HttpDeps, admission, bothSpellings, callerOf, forSide, jsonIn, preflight, sendAnswer } from "./http.ts";

export type AgentStateDeps = HttpDeps & { ask: Ask };

type Profile = { id: string };
/** Of the agent who asks: reads or changes their properties. */
type Properties = { read(): Promise<Answer>; change(body: object): Promise<Answer> };
type Work = (mine: Properties, asked: { profileId: string; body: unknown }) => Promise<Answer>;

export function serveAgentState(app: FastifyInstance, deps: AgentStateDeps): void {
	const { onRequest, sessionOf } = admission("agent", deps);
	forSide(app, "agent", deps, (scope) => {
		const serve = (method: "GET" | "PUT", path: string, work: Work): void => {
			for (const url of bothSpellings(`/RI/rmi/agents/:userId/${path}`)) {
				const handler = (request: FastifyRequest, reply: FastifyReply) => {
					const caller = callerOf(sessionOf(request), request);
					const ask = (change: Pick<Asked, "method" | "body">) => deps.ask({ ...change, path: ["properties"], caller });
					const mine: Properties = {
						read: () => ask({ method: "GET", body: undefined }),
						change: (body) => ask({ method: "PUT", body }),
					};
					return answer(work, mine, { request, reply, userId: caller.userId });
				};
				scope.route({ method, url, onRequest, bodyLimit: frameBytesMax, handler });
			}
		};
		serve("GET", "presences", readPresences);
		serve("PUT", "presences/:profileId", setPresence);
		serve("PUT", "readyState", setReady);
		// Of everything that is served beside the wire, too.
		scope.options("/RI/*", preflight);
	});
}

type Call = { request: FastifyRequest; reply: FastifyReply; userId: string };

async function answer(work: Work, mine: Properties, { request, reply, userId }: Call): Promise<FastifyReply> {
	const { userId: named = "", profileId = "" } = request.params as Readonly<Record<string, string>>;
	if (named.toUpperCase() !== userId) {
		return sendAnswer(reply, fault(403, "not_permitted", "This is only for oneself."));
	}
	const done = await work(mine, { profileId: profileId.toUpperCase(), body: jsonIn(request) });
	return done.status === 200 && request.method === "PUT" ? reply.code(204).send() : sendAnswer(reply, done);
}

async function readPresences(mine: Properties): Promise<Answer> {
	const read = await mine.read();
	return read.status === 200 ? { status: 200, body: profilesIn(read) } : read;
}

function profilesIn({ body }: Answer): readonly Profile[] {
	return (body as { presence_profiles: readonly Profile[] }).presence_profiles;
}

/** The body is the whole profile, as it was read; nothing of it can be changed, so its id alone counts. */
async function setPresence(mine: Properties, { profileId }: { profileId: string }): Promise<Answer> {
	const read = await mine.read();
	if (read.status !== 200) {
		return read;
	}
	return profilesIn(read).some(({ id }) => id === profileId)
		? mine.change({ presence: profileId })
		: fault(404, "unknown_presence", "There is no such presence profile.");
}

const workStatuses: Readonly<Record<string, string>> = { Ready: "ready", NotReady: "not_ready" };

async function setReady(mine: Properties, { body }: { body: unknown }): Promise<Answer> {
	const { readyState } = (body ?? {}) as { readyState?: unknown };
	const workStatus =
		typeof readyState === "string" && Object.hasOwn(workStatuses, readyState) ? workStatuses[readyState] : undefined;
	return workStatus === undefined
		? fault(400, "invalid_body", 'readyState is "Ready" or "NotReady".')
		: mine.change({ work_status: workStatus });
}
