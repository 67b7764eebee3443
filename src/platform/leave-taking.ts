// How a listener closes without cutting off a caller whose request has left: for a while every request is answered 503, on
// a connection that then ends; then it closes at a moment when nothing waits at it.

import type { Server } from "node:http";
import { Server as Listener, type Socket } from "node:net";
import { Server as TlsServer } from "node:tls";
import { type Clock, sleep } from "./clock.ts";

const lookMs = 20;
const quietTurnMs = 0.2; // Of 100 new connections a second, one in fifty stops would then meet one.
const quietWaitMaxMs = 2000;

/**
 * A kept connection that is closed resets the request that is just on its way. So callers have `graceMs` to use theirs
 * once more, and to be told on it that it ends; less where no connection is open.
 */
export async function takeLeave(server: Server, clock: Clock, graceMs: number): Promise<void> {
	const endMs = clock.monotonicMs() + graceMs;
	while (clock.monotonicMs() < endMs && (await openConnections(server)) > 0) {
		await sleep(clock, lookMs);
	}
	await closeInQuiet(server, clock);
}

function openConnections(server: Server): Promise<number> {
	return new Promise((resolve) => server.getConnections((_error, count) => resolve(count)));
}

/**
 * The system resets the connections that still wait to be accepted when a listener closes, and libuv accepts one in each
 * turn of the event loop. So it closes right after a turn that accepted none and had little else to do.
 */
async function closeInQuiet(server: Server, clock: Clock): Promise<void> {
	let hasAccepted = true;
	const onConnection = () => (hasAccepted = true);
	server.on("connection", onConnection);
	const endMs = clock.monotonicMs() + quietWaitMaxMs;
	while (server.listening) {
		const startMs = clock.monotonicMs();
		hasAccepted = false;
		await new Promise((resolve) => setImmediate(resolve));
		await new Promise((resolve) => setImmediate(resolve));
		const nowMs = clock.monotonicMs();
		if ((!hasAccepted && nowMs - startMs < quietTurnMs) || nowMs > endMs) {
			closeListener(server);
		}
	}
	server.off("connection", onConnection);
}

/** The HTTP server's own `close` first ends every idle connection, and all that come meanwhile would be reset. */
function closeListener(server: Server): void {
	Listener.prototype.close.call(server);
	server.closeIdleConnections();
}

const silentMs = 500; // For the first bytes of what was sent in the last moment.

/**
 * Connections over which nothing was ever asked, as browsers open them in advance: neither idle nor busy for the HTTP
 * server, which waits ten seconds for their first request.
 * @returns what ends them, a moment later
 */
export function watchSilent(server: Server, clock: Clock): () => void {
	const open = new Set<Socket>();
	// What is read over TLS before the first request is not counted as read.
	server.on(server instanceof TlsServer ? "secureConnection" : "connection", (socket: Socket) => {
		open.add(socket);
		socket.once("close", () => open.delete(socket));
	});
	return () => {
		clock.after(silentMs, () => {
			[...open].filter(({ bytesRead }) => bytesRead === 0).forEach((socket) => socket.destroy());
		});
	};
}
