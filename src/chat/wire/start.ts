// The wire: everything between the network and the tree. Log-ins, sockets, the same by HTTP, and who is there.

import type { FastifyInstance } from "fastify";
import type { ChatSettings } from "#domain/queues.ts";
import type { Authenticated, Presented } from "#identity/authenticate.ts";
import type { Identity } from "#identity/identity.ts";
import type { RunningWorker } from "#platform/worker-loop.ts";
import { workersTogether } from "#platform/worker-loop.ts";
import { openPresence } from "../presence.ts";
import type { CallerKind, Feed, Tree } from "../resource.ts";
import { type SessionDeps, openChatSessions } from "../sessions.ts";
import { serveAgentState } from "./agent-state.ts";
import { openAsk } from "./asking.ts";
import { serveAuthentication } from "./authentication.ts";
import { closeCodes } from "./connection.ts";
import { type AdmitPages, admitPages } from "./http.ts";
import { type WireLimits, ownLimits } from "./limits.ts";
import { type NewVisitor, authenticateAgent } from "./logins.ts";
import { type Media, serveMedia } from "./media.ts";
import { openQuotas } from "./quotas.ts";
import { serveRestTwin } from "./rest.ts";
import { type SocketEvent, serveSockets } from "./sockets.ts";

export type WireDeps = SessionDeps & {
	settings: { publicBaseUrl: string; basePath: string };
	identity: Pick<Identity, "authenticate" | "principalOfCookie">;
	tree: Tree;
	feed: Feed;
	media: Media;
	/** As it is now: asked with every log-in and every socket. */
	chatSettings(): Promise<
		Pick<ChatSettings, "widgetOrigins" | "agentOrigins" | "widgetIdentityRequired" | "attachmentBytesMax">
	>;
	/** What sites sign their visitors' identities with; undefined: none can. */
	identitySecret(): Promise<string | undefined>;
	/** A new session of a visitor, before it is answered. */
	onVisitor(visitor: NewVisitor): Promise<void>;
	onSocket(event: SocketEvent): void;
	limits: Pick<WireLimits, "socketsMax"> & Partial<WireLimits>;
};

export type Wire = RunningWorker & {
	/** By an agent's cookie, and by nothing else: for interfaces that are served beside the wire. */
	authenticateAgent(presented: Presented): Promise<Authenticated>;
	/** A hook for the same interfaces: pages where no agent works are refused. The wire answers what browsers ask before. */
	admitAgentPages: AdmitPages;
};

/** @param app a scope that has the base path of the settings as its prefix */
export function startWire(app: FastifyInstance, deps: WireDeps): Wire {
	const { settings, clock, tree, chatSettings } = deps;
	const { basePath, publicBaseUrl } = settings;
	const limits = { ...ownLimits, ...deps.limits };
	const sessions = openChatSessions(deps);
	const presence = openPresence(deps);
	const quotas = openQuotas(clock, limits);
	const ask = openAsk({
		answer: (asked) => tree.answer(asked),
		quotas,
		clock,
		log: deps.log,
		answerMs: limits.answerMs,
	});
	const allowedOrigins = async (kind: CallerKind) => {
		const { agentOrigins, widgetOrigins } = await chatSettings();
		return [publicBaseUrl, ...(kind === "agent" ? agentOrigins : widgetOrigins)];
	};
	const logOut = async (sessionId: string): Promise<void> => {
		await sessions.end(sessionId);
		sockets.close([sessionId], closeCodes.loggedOut, "Logged out.");
	};
	const visitors = async () => {
		const { widgetIdentityRequired: identityRequired } = await chatSettings();
		return { identityRequired, identitySecret: await deps.identitySecret() };
	};
	const fileBytesMax = async () => (await chatSettings()).attachmentBytesMax;
	const common = {
		...deps,
		basePath,
		publicBaseUrl,
		limits,
		quotas,
		sessions,
		presence,
		ask,
		allowedOrigins,
		logOut,
		visitors,
	};
	const sockets = serveSockets(app, common);
	serveAuthentication(app, common);
	serveRestTwin(app, common);
	serveAgentState(app, common);
	serveMedia(app, { ...common, fileBytesMax });
	app.addHook("preClose", () => sockets.stop()); // The server waits for its connections; these would never end.
	const here = presence.start((ended) => sockets.close(ended, closeCodes.invalid, "The session has ended."));
	const sweeping = sessions.startSweeping();
	return {
		authenticateAgent: (presented) => authenticateAgent(common, presented),
		admitAgentPages: admitPages("agent", common),
		async stop() {
			await sockets.stop();
			await workersTogether([here, sweeping]).stop();
		},
	};
}
