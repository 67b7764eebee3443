// A WebSocket as what carries a connection's texts. What waits for a slow reader is bounded: first its requests wait too,
// then the socket is closed.

import type { WebSocket } from "ws";
import type { Clock } from "#platform/clock.ts";
import { type Carrier, closeCodes } from "./connection.ts";
import type { WireLimits } from "./limits.ts";

/** The closing handshake has this long; who does not read, does not answer it. */
const closeMs = 3000;

export function carrierOf(ws: WebSocket, clock: Clock, limits: WireLimits): Carrier {
	let waiters: (() => void)[] = [];
	const isClogged = () => ws.readyState === ws.OPEN && ws.bufferedAmount > limits.cloggedBytes;
	function written(): void {
		if (!isClogged()) {
			waiters.forEach((go) => go());
			waiters = [];
		}
	}
	ws.once("close", written);
	return {
		send(text) {
			if (ws.readyState !== ws.OPEN) {
				return;
			}
			ws.send(text, written);
			if (ws.bufferedAmount > limits.bufferedBytesMax) {
				closeSocket(ws, clock, { code: closeCodes.overload, reason: "Too slow to read what is told." });
			}
		},
		close: (code, reason) => closeSocket(ws, clock, { code, reason }),
		pause: () => ws.pause(),
		resume: () => ws.resume(),
		caughtUp: () => (isClogged() ? new Promise((resolve) => waiters.push(resolve)) : Promise.resolve()),
	};
}

export function closeSocket(ws: WebSocket, clock: Clock, { code, reason }: { code: number; reason: string }): void {
	ws.resume(); // A socket that is not read from would not hear the other side's close.
	ws.close(code, reason);
	const cancel = clock.after(closeMs, () => ws.terminate());
	ws.once("close", cancel);
}
