// Which waiting chat is offered to which agent. Pure: longest-waiting first within priority, the preferred agent before
// others for a while, then whoever has the fewest chats and was free the longest.

import type { Pass } from "#domain/chats.ts";

export type Waiting = {
	chatId: string;
	queueId: string;
	priority: number;
	isFront: boolean;
	waitingSince: number;
	preferredAgentId: string | null;
	preferredUntil: number | null;
	passes: readonly Pass[];
};

export type Candidate = {
	userId: string;
	/** Queues whose chats may be offered to them. */
	serves: ReadonlySet<string>;
	/** Ready for new chats; others count only as preferred agents that may come back. */
	isReady: boolean;
	/** Chats they have, and chats they may have. */
	load: number;
	room: number;
	freedAt: number;
};

export type Allocation = { chatId: string; userId: string };

/** After this time a chat may come again to who did not take it. Ours; the original's is not known. */
export const passRestMs = 30_000;

export function allocate(waiting: readonly Waiting[], candidates: readonly Candidate[], now: number): Allocation[] {
	const loads = new Map(candidates.map(({ userId, load }) => [userId, load]));
	const hasRoom = ({ userId, room, isReady }: Candidate): boolean => isReady && (loads.get(userId) ?? 0) < room;
	return waiting.toSorted(byTurn).flatMap((chat) => {
		const fitting = candidates.filter(({ serves }) => serves.has(chat.queueId));
		const chosen = choose(chat, fitting, { hasRoom, loadOf: ({ userId }) => loads.get(userId) ?? 0, now });
		if (chosen === undefined) {
			return [];
		}
		loads.set(chosen.userId, (loads.get(chosen.userId) ?? 0) + 1);
		return [{ chatId: chat.chatId, userId: chosen.userId }];
	});
}

function byTurn(a: Waiting, b: Waiting): number {
	return (
		a.priority - b.priority ||
		Number(b.isFront) - Number(a.isFront) ||
		a.waitingSince - b.waitingSince ||
		(a.chatId < b.chatId ? -1 : 1)
	);
}

type Moment = { hasRoom(candidate: Candidate): boolean; loadOf(candidate: Candidate): number; now: number };

function choose(chat: Waiting, fitting: readonly Candidate[], moment: Moment): Candidate | undefined {
	const isKept = (chat.preferredUntil ?? 0) > moment.now;
	const preferred = isKept ? fitting.find(({ userId }) => userId === chat.preferredAgentId) : undefined;
	const isPassed = ({ userId }: Candidate): boolean =>
		chat.passes.some((pass) => pass.userId === userId && pass.at + passRestMs > moment.now);
	if (preferred !== undefined && !isPassed(preferred)) {
		return moment.hasRoom(preferred) ? preferred : undefined; // They are here and will be free: it waits for them.
	}
	const free = fitting.filter((one) => moment.hasRoom(one) && !isPassed(one));
	const compare = byEase(moment);
	return free.reduce<Candidate | undefined>(
		(best, one) => (best === undefined || compare(one, best) < 0 ? one : best),
		undefined,
	);
}

function byEase({ loadOf }: Moment): (a: Candidate, b: Candidate) => number {
	return (a, b) => loadOf(a) - loadOf(b) || a.freedAt - b.freedAt || (a.userId < b.userId ? -1 : 1);
}
