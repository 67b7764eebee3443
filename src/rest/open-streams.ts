// The streams that stay open at one route: with which headers they begin, and how many one user may have.

import { Problem } from "#platform/problems.ts";
import type { Answer, OpenAnswer } from "./route.ts";

export const streamsMax = 20; // Open streams of one user, on this node.

const headers = {
	"content-type": "text/event-stream; charset=utf-8",
	"cache-control": "no-store, no-transform",
	"x-accel-buffering": "no", // nginx would hold events back.
	connection: "close", // Left idle after the stream, it would hold up the end of the server.
};

export type OpenStreams = {
	/** Throws the problem `overloaded` for who has too many open. */
	refuseMany(userId: string): void;
	answer(userId: string, run: (open: OpenAnswer) => Promise<void>): Answer;
};

/** Each set of routes counts its own. */
export function openStreams(): OpenStreams {
	const counts = new Map<string, number>();
	return {
		refuseMany(userId) {
			if ((counts.get(userId) ?? 0) >= streamsMax) {
				throw new Problem("overloaded", `You have ${streamsMax} event streams open; close one.`, undefined, {
					headers: { "retry-after": "15" },
				});
			}
		},
		answer: (userId, run) => ({ status: 200, headers, stream: (open) => counted(counts, userId, () => run(open)) }),
	};
}

async function counted(counts: Map<string, number>, userId: string, run: () => Promise<void>): Promise<void> {
	const before = counts.get(userId) ?? 0;
	if (before >= streamsMax) {
		return; // Several came at the same moment.
	}
	counts.set(userId, before + 1);
	try {
		await run();
	} finally {
		const left = (counts.get(userId) ?? 1) - 1;
		if (left === 0) {
			counts.delete(userId);
		} else {
			counts.set(userId, left);
		}
	}
}
