// Which sessions have a socket open on this node. Their time to live is renewed every ten seconds in one statement and
// set to now with their last socket, so that other nodes see who is gone, even when this one dies without a word.

import type { Clock } from "#platform/clock.ts";
import { describeError, type Log } from "#platform/log.ts";
import { type RunningWorker, startWorker, workersTogether } from "#platform/worker-loop.ts";
import { setAliveUntil, touchBrowserSessions, usableChatSessions } from "#storage/chat-sessions.ts";
import type { Storage } from "#storage/storage.ts";

export type Presence = {
	/** One more socket of the session; resolves when the other nodes can see it. Rejected: it is none. */
	enter(sessionId: string): Promise<void>;
	leave(sessionId: string): void;
	/** Renews, and tells which sessions ended elsewhere, until it is stopped; then nobody is here any more. */
	start(onEnded: (sessionIds: readonly string[]) => void): RunningWorker;
};

export const renewEveryMs = 10_000;
/** Two renewals may fail. */
export const aliveMs = 30_000;
const lookEveryMs = 500; // A session that ended has no socket a second later.

export type PresenceDeps = { storage: Storage; clock: Clock; log: Log };

export function openPresence(deps: PresenceDeps): Presence {
	const { storage, clock } = deps;
	const sockets = new Map<string, number>();
	const write = inTurn((ids) => tell(deps, ids, (id) => sockets.has(id)));
	const writeOrLog = (ids: readonly string[]) =>
		write(ids).catch((error: unknown) =>
			deps.log.error("Who is at a socket could not be written down.", {
				server: "Chat Server",
				error: describeError(error),
			}),
		);
	const leavers = new Set<string>();
	const tellLeft = (): Promise<void> => {
		const ids = [...leavers];
		leavers.clear();
		return writeOrLog(ids);
	};
	function leave(sessionId: string): void {
		const left = (sockets.get(sessionId) ?? 1) - 1;
		if (left > 0) {
			sockets.set(sessionId, left);
			return;
		}
		sockets.delete(sessionId);
		leavers.add(sessionId);
		// Thousands may leave in one turn of the event loop: one write for all of them.
		if (leavers.size === 1) {
			setImmediate(() => void tellLeft());
		}
	}

	return {
		async enter(sessionId) {
			sockets.set(sessionId, (sockets.get(sessionId) ?? 0) + 1);
			try {
				await write([sessionId]);
			} catch (error) {
				leave(sessionId); // The socket is refused.
				throw error;
			}
		},
		leave,
		start(onEnded) {
			const renewing = startWorker(
				worker("Presence", renewEveryMs, () => write([...sockets.keys()])),
				deps,
			);
			const looking = startWorker(
				worker("Ended chat sessions", lookEveryMs, async () => {
					const held = [...sockets.keys()];
					const usable = await usableChatSessions(storage.db, held, clock.now());
					onEnded(held.filter((id) => !usable.has(id)));
				}),
				deps,
			);
			return {
				async stop() {
					await workersTogether([renewing, looking]).stop();
					[...sockets.keys()].forEach((id) => leavers.add(id));
					sockets.clear();
					await tellLeft();
				},
			};
		},
	};
}

const worker = (name: string, pollMs: number, round: () => Promise<void>) => ({
	name,
	pollMs,
	round: async () => {
		await round();
		return false;
	},
	listen: () => () => undefined,
});

async function tell(
	{ storage, clock }: PresenceDeps,
	ids: readonly string[],
	isHere: (id: string) => boolean,
): Promise<void> {
	if (ids.length === 0) {
		return;
	}
	const now = clock.now();
	const here = ids.filter(isHere);
	const gone = ids.filter((id) => !isHere(id));
	await storage.write(async (tx) => {
		await setAliveUntil(tx, here, new Date(now.getTime() + aliveMs));
		await setAliveUntil(tx, gone, now);
		await touchBrowserSessions(tx, here, now);
	});
}

/** One write at a time, in which all that came meanwhile go together: many may come and go at once, and in any order. */
function inTurn(write: (ids: readonly string[]) => Promise<void>): (ids: readonly string[]) => Promise<void> {
	let due = new Set<string>();
	let next: Promise<void> | undefined;
	let running: Promise<void> = Promise.resolve();
	return (ids) => {
		ids.forEach((id) => due.add(id));
		if (next === undefined) {
			const begin = (): Promise<void> => {
				const taken = [...due];
				due = new Set();
				next = undefined;
				return write(taken);
			};
			next = running.then(begin, begin);
			running = next;
		}
		return next;
	};
}
