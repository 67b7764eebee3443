// How much one connection, one visitor and one node may ask for. Figures are ours; the protocol names none.

import type { Clock } from "#platform/clock.ts";

export type WireLimits = {
	/** Frames a second that a connection may send for long, and at once. */
	framesPerSecond: number;
	framesAtOnce: number;
	/** Frames above that are answered 429, one a second for long and so many at once; then the connection is closed. */
	framesRefusedMax: number;
	/** Frames without an object in them, each answered 400, after which the connection is closed. */
	noiseMax: number;
	subscriptionsMax: number;
	socketsPerSession: number;
	/** Of the node; the setting `chat.socketsMax`. */
	socketsMax: number;
	/** Bytes that wait for a slow reader before requests wait too, and before the connection is closed. */
	cloggedBytes: number;
	bufferedBytesMax: number;
	/** How long a request may take. */
	answerMs: number;
	/** Of these the visitors of one network may have so many, and all visitors together so large a share. */
	socketsPerNetwork: number;
	visitorsShare: number;
	/** How often each visitor may ask: at all, for a socket, with a message or a file, with a sign of typing. */
	visitor: Readonly<Record<"requests" | "sockets" | "messages" | "signs", { times: number; withinMs: number }>>;
};

export const ownLimits: Omit<WireLimits, "socketsMax"> = {
	framesPerSecond: 50,
	framesAtOnce: 100,
	framesRefusedMax: 200,
	noiseMax: 10,
	subscriptionsMax: 50,
	socketsPerSession: 20,
	cloggedBytes: 1_048_576,
	bufferedBytesMax: 4_194_304,
	answerMs: 15_000,
	socketsPerNetwork: 500,
	visitorsShare: 0.9,
	visitor: {
		requests: { times: 200, withinMs: 10_000 },
		sockets: { times: 30, withinMs: 60_000 },
		messages: { times: 10, withinMs: 10_000 },
		signs: { times: 30, withinMs: 10_000 },
	},
};

/** A bucket that fills with time: false when it is empty. */
export function rate(clock: Clock, { perSecond, atOnce }: { perSecond: number; atOnce: number }): () => boolean {
	let left = atOnce;
	let lastMs = clock.monotonicMs();
	return () => {
		const nowMs = clock.monotonicMs();
		left = Math.min(atOnce, left + ((nowMs - lastMs) * perSecond) / 1000);
		lastMs = nowMs;
		if (left < 1) {
			return false;
		}
		left -= 1;
		return true;
	};
}
