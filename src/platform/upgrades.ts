// WebSocket handshakes go the way of every request: through the server's bounds, its hooks and its routes. The route that
// is for them takes the socket; whatever else answers, does so in HTTP and closes.

import { type IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

/** Other upgrades are no business of ours: such a request is answered as if it had not asked (RFC 9110 section 7.8). */
export function wantsWebSocket(request: Pick<IncomingMessage, "headers">): boolean {
	return request.headers.upgrade?.toLowerCase() === "websocket";
}

export type TakenSocket = { request: IncomingMessage; socket: Socket; head: Buffer };

const waiting = new WeakMap<IncomingMessage, { response: ServerResponse; taken: TakenSocket }>();

/** @param toPath from the address that was asked for to the one a route has; what else it says may be kept by the caller */
export function routeUpgrades(
	app: FastifyInstance,
	toPath: (url: string, request: IncomingMessage) => string,
): () => void {
	const onUpgrade = (request: IncomingMessage, socket: Socket, head: Buffer): void => {
		socket.on("error", () => socket.destroy());
		request.url = toPath(request.url ?? "", request);
		const response = new ServerResponse(request);
		response.assignSocket(socket);
		response.shouldKeepAlive = false;
		response.once("finish", () => socket.destroySoon());
		waiting.set(request, { response, taken: { request, socket, head } });
		app.routing(request, response);
	};
	app.server.on("upgrade", onUpgrade);
	return () => app.server.off("upgrade", onUpgrade);
}

/** The socket behind the request, out of the framework's hands; undefined: it was an ordinary request. */
export function takeSocket({ raw }: FastifyRequest, reply: FastifyReply): TakenSocket | undefined {
	const found = waiting.get(raw);
	if (found !== undefined) {
		waiting.delete(raw);
		reply.hijack();
		found.response.detachSocket(found.taken.socket);
	}
	return found?.taken;
}
