// The sockets of this node: `…/ecfs/ws_endpoint/` of agents and visitors, from the handshake to the end. Who may open one
// is asked before it is; a session that ends takes its sockets with it.

import type { IncomingMessage } from "node:http";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { WebSocketServer, type WebSocket } from "ws";
import { type Clock, sleep } from "#platform/clock.ts";
import { Problem } from "#platform/problems.ts";
import type { Random } from "#platform/random.ts";
import { routeUpgrades, takeSocket } from "#platform/upgrades.ts";
import type { ChatSession } from "#storage/chat-sessions.ts";
import type { Presence } from "../presence.ts";
import type { Caller, CallerKind } from "../resource.ts";
import type { ChatSessions } from "../sessions.ts";
import { carrierOf, closeSocket } from "./carrier.ts";
import { Connection, type ConnectionDeps, closeCodes } from "./connection.ts";
import { frameBytesMax } from "./frames.ts";
import { type OpenSockets, openSockets } from "./open-sockets.ts";
import { liveSession } from "./live-session.ts";
import { mayConnect } from "./origins.ts";
import { demandQuota, type Quotas } from "./quotas.ts";
import { type AskedSocket, presentedBy, readSocketUrl, socketPath } from "./socket-url.ts";

/** A visitor's page, or an agent's program: `open` is how many sockets this node has of the user then. */
export type SocketEvent = { event: "opened" | "closed"; caller: Caller; open: number };

export type SocketDeps = ConnectionDeps & {
	random: Random;
	basePath: string;
	sessions: ChatSessions;
	presence: Presence;
	quotas: Pick<Quotas, "mayAsk" | "mayConnect">;
	allowedOrigins(kind: CallerKind): Promise<readonly string[]>;
	onSocket(event: SocketEvent): void;
};

export type Sockets = {
	/** Closes those of the sessions. */
	close(sessionIds: readonly string[], code: number, reason: string): void;
	/** Answers what has begun, closes all, waits for a moment. */
	stop(): Promise<void>;
};

type Open = { ws: WebSocket; connection: Connection; caller: Caller; missedPongs: number };

const pingEveryMs = 30_000;
const missedPongsMax = 2;
const drainMs = 2000;
const goodbyeMs = 1000;

export function serveSockets(app: FastifyInstance, deps: SocketDeps): Sockets {
	const open = openSockets<Open>();
	const server = webSocketServer();
	const asked = new WeakMap<IncomingMessage, AskedSocket>();
	const stopRouting = routeUpgrades(app, (url, request) => {
		const found = readSocketUrl(url, deps.basePath);
		if (found !== undefined) {
			asked.set(request, found);
		}
		return found === undefined ? url : `${deps.basePath}${socketPath[found.kind]}`;
	});
	const room = { open, server, deps };
	for (const kind of ["agent", "visitor"] as const) {
		app.get(socketPath[kind], { config: { ownTimeLimit: true, rawQuery: true } }, (request, reply) =>
			openSocket(room, { kind, asked: asked.get(request.raw), request, reply }),
		);
	}
	const stopPinging = pinging(open, deps.clock);
	let stopped: Promise<void> | undefined;
	return {
		close(sessionIds, code, reason) {
			for (const { ws } of sessionIds.flatMap((id) => [...open.ofSession(id)])) {
				closeSocket(ws, deps.clock, { code, reason });
			}
		},
		stop() {
			stopped ??= stop(open, deps.clock).finally(() => {
				stopPinging();
				stopRouting();
			});
			return stopped;
		},
	};
}

function webSocketServer(): WebSocketServer {
	return new WebSocketServer({
		noServer: true,
		clientTracking: false,
		maxPayload: frameBytesMax,
		/** Python samples offer `c`, `h`, `a` and `t`, meaning `chat`; nothing is selected that was not offered. */
		handleProtocols: (offered) => (offered.has("chat") ? "chat" : false),
		/** Without context each message is by itself: a socket that is quiet then holds no memory for it. */
		perMessageDeflate: {
			threshold: 1024,
			serverNoContextTakeover: true,
			clientNoContextTakeover: true,
			concurrencyLimit: 4,
			zlibDeflateOptions: { level: 3, memLevel: 7 },
		},
	});
}

type Room = { open: OpenSockets<Open>; server: WebSocketServer; deps: SocketDeps };
type Knocking = {
	kind: CallerKind;
	asked: AskedSocket | undefined;
	request: FastifyRequest;
	reply: FastifyReply;
};

async function openSocket(room: Room, knocking: Knocking): Promise<FastifyReply> {
	const { deps, open } = room;
	const { request, reply, kind, asked } = knocking;
	const { origin } = request.headers;
	if (!mayConnect(origin, await deps.allowedOrigins(kind))) {
		throw new Problem("cross_site", "Pages of this origin may not connect.");
	}
	const session = await sessionOf(deps, knocking);
	if (session === undefined) {
		throw new Problem("not_authenticated", "Log in first; the session is missing or has ended.");
	}
	demandQuota(deps.quotas.mayConnect(session));
	refuseMany(open, { session, address: request.ip }, deps);
	await deps.presence.enter(session.id);
	const taken = asked === undefined ? undefined : takeSocket(request, reply);
	if (taken === undefined || taken.socket.destroyed) {
		deps.presence.leave(session.id);
		return asked === undefined ? reply.code(426).header("upgrade", "websocket").send() : reply;
	}
	const caller = {
		kind,
		userId: session.userId,
		sessionId: session.id,
		terminalId: newTerminalId(deps.random),
		address: request.ip,
	};
	// Until the handshake is done the socket may fail in several ways; each ends in its close.
	let isAccepted = false;
	taken.socket.once("close", () => {
		if (!isAccepted) {
			deps.presence.leave(session.id);
		}
	});
	room.server.handleUpgrade(taken.request, taken.socket, taken.head, (ws) => {
		isAccepted = true;
		accept(room, ws, caller);
	});
	return reply;
}

async function sessionOf(
	{ sessions }: SocketDeps,
	{ kind, asked, request }: Knocking,
): Promise<ChatSession | undefined> {
	const presented = presentedBy(asked, request.headers);
	return presented.by === "ticket"
		? sessions.takeTicket(presented.ticket, kind)
		: (await liveSession(sessions, presented.tokens, kind))?.session;
}

type Coming = { session: ChatSession; address: string };

function refuseMany(open: OpenSockets<Open>, { session, address }: Coming, { limits }: SocketDeps): void {
	const { socketsMax, socketsPerSession, socketsPerNetwork, visitorsShare } = limits;
	const isVisitor = session.kind === "visitor";
	const max = Math.floor(socketsMax * (isVisitor ? visitorsShare : 1));
	const isNetworkFull = isVisitor && open.ofNetwork(address).size >= socketsPerNetwork;
	if (open.size >= max || open.ofSession(session.id).size >= socketsPerSession || isNetworkFull) {
		throw new Problem("overloaded", "Too many sockets are open; close one, or try again later.");
	}
}

function newTerminalId(random: Random): string {
	return `TMP${Buffer.from(random.bytes(15)).toString("hex").toUpperCase().slice(0, 29)}`;
}

function accept({ open, deps }: Room, ws: WebSocket, caller: Caller & { terminalId: string }): void {
	const connection = new Connection(deps, caller, carrierOf(ws, deps.clock, deps.limits));
	const here: Open = { ws, connection, caller, missedPongs: 0 };
	open.add(here);
	const openOfUser = () => open.ofUser(caller.userId).size;
	deps.onSocket({ event: "opened", caller, open: openOfUser() });
	ws.on("message", (bytes: Buffer, isBinary: boolean) => {
		if (isBinary) {
			closeSocket(ws, deps.clock, { code: closeCodes.invalid, reason: "Only text frames are spoken here." });
			return;
		}
		connection.hear(bytes.toString("utf8"));
	});
	ws.on("pong", () => (here.missedPongs = 0));
	ws.on("error", () => undefined); // `ws` closes the socket itself, with the code that fits; `close` follows.
	ws.once("close", () => {
		open.remove(here);
		connection.end();
		deps.presence.leave(caller.sessionId);
		deps.onSocket({ event: "closed", caller, open: openOfUser() });
	});
}

/** Who does not answer twice is gone, whatever the network says. */
function pinging(open: Iterable<Open>, clock: Clock): () => void {
	let cancel = clock.after(pingEveryMs, ping);
	function ping(): void {
		for (const here of open) {
			if (here.missedPongs >= missedPongsMax) {
				here.ws.terminate();
			} else if (here.ws.readyState === here.ws.OPEN) {
				here.missedPongs += 1;
				here.ws.ping();
			}
		}
		cancel = clock.after(pingEveryMs, ping);
	}
	return () => cancel();
}

async function stop(open: Iterable<Open>, clock: Clock): Promise<void> {
	const all = [...open];
	await Promise.race([Promise.all(all.map(({ connection }) => connection.drain())), sleep(clock, drainMs)]);
	const closed = all.map(
		({ ws }) =>
			new Promise<void>((resolve) => {
				ws.once("close", () => resolve());
				closeSocket(ws, clock, { code: closeCodes.goingDown, reason: "The server stops; connect again." });
			}),
	);
	await Promise.race([Promise.all(closed), sleep(clock, goodbyeMs)]);
	all.forEach(({ ws }) => ws.terminate());
}
