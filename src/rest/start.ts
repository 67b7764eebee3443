// The RESTful Interfaces: RCI, CMI, their documents, and the pages of the server itself.

import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { Type } from "typebox";
import { cmiRoutes } from "./cmi/index.ts";
import type { Identity } from "#identity/identity.ts";
import { Problem } from "#platform/problems.ts";
import type { RestDeps } from "./deps.ts";
import { type DocumentedInterface, addDocsPages } from "./docs-pages.ts";
import { type InterfaceName, openApiOf } from "./openapi.ts";
import { refuseForeignHosts } from "./known-host.ts";
import { addPages } from "./pages.ts";
import { rciRoutes } from "./rci/index.ts";
import { type Route, route } from "./route.ts";
import { serveRoutes } from "./serve.ts";

/** @param app a scope that has the base path of the settings as its prefix */
export async function startRest(app: FastifyInstance, deps: RestDeps): Promise<void> {
	await app.register((scope) => serveAll(scope, deps));
}

/**
 * The same interfaces under `/ecfs/RI`, as the original has them for who is logged in to the Chat Server: there that
 * session counts, and nothing else. What it may do is what its user may.
 */
export async function startAgentInterfaces(app: FastifyInstance, deps: RestDeps, agents: Agents): Promise<void> {
	const identity = { ...deps.identity, authenticate: agents.authenticateAgent };
	const forAgents = { ...deps, identity, pagesAreAdmitted: true };
	await app.register(async (scope) => {
		scope.addHook("onRequest", (request, reply) => agents.admitAgentPages(request, reply));
		await serveRoutes(scope, { base: "/ecfs/RI/rci", routes: rciRoutes, deps: forAgents });
		await serveRoutes(scope, { base: "/ecfs/RI/cmi", routes: cmiRoutes, deps: forAgents });
		for (const url of absentInterfaces.flatMap((name) => [`/ecfs/RI/${name}`, `/ecfs/RI/${name}/*`])) {
			scope.route({ method: [...methodsAsked], url, onRequest: refuseAbsent, handler: refuseAbsent });
		}
	});
}

/** What the original has and Parley has not: a page on which agents work is to hear that, and not that it may not ask. */
const absentInterfaces = ["dpi", "obi", "rti", "rai", "lri", "rmi"];
const methodsAsked = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;

/** Before a body is read. What there is of RMI is served by the wire. */
function refuseAbsent(): Promise<never> {
	return Promise.reject(new Problem("not_found", "Parley does not have this interface."));
}

export type Agents = {
	authenticateAgent: Identity["authenticate"];
	/** Refuses pages of other sites on which no agent works. */
	admitAgentPages(request: FastifyRequest, reply: FastifyReply): Promise<void>;
};

async function serveAll(app: FastifyInstance, deps: RestDeps): Promise<void> {
	refuseForeignHosts(app, deps.settings.publicBaseUrl);
	const interfaces = await Promise.all([document("rci", rciRoutes, deps), document("cmi", cmiRoutes, deps)]);
	for (const { name, routes } of interfaces) {
		await serveRoutes(app, { base: `/RI/${name}`, routes, deps });
	}
	await serveRoutes(app, { base: "/RI/openapi", routes: interfaces.map(openApiRoute), deps });
	addDocsPages(app, deps, interfaces);
	await addPages(app, deps);
}

async function document(
	name: InterfaceName,
	routes: readonly Route[],
	{ settings }: RestDeps,
): Promise<DocumentedInterface> {
	return { name, routes, openApi: await openApiOf(name, routes, settings.basePath) };
}

/** Signed in: what an installation can do is nobody else's business. */
export function openApiRoute({ name, openApi }: DocumentedInterface): Route {
	return route({
		method: "GET",
		path: `/${name}.json`,
		summary: `The OpenAPI document of ${name.toUpperCase()}`,
		needs: { who: "signedIn" },
		reply: Type.Unsafe<object>({ type: "object", additionalProperties: true }),
		status: 200,
		run: () => Promise.resolve({ status: 200, body: openApi }),
	});
}
