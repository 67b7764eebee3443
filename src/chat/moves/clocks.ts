// What time does to a chat: offers and wrap-ups run out, silence is warned of and ended, a visitor does not come back.

import type { Chat } from "#domain/chats.ts";
import type { Queue } from "#domain/queues.ts";
import type { ChatSettings } from "#domain/queues.ts";
import { end, finish } from "./talking.ts";
import { agentName, type Move, moved, promptLines } from "./move.ts";
import { decline } from "./waiting.ts";

/** How long a visitor sees an ended chat. The number is ours; the original's is not known. */
export const shownAfterEndMs = 30_000;

/** `upSince`: when this node began to run. While nobody could be heard, no time passed for anybody. */
export type Rules = { queue: Queue | undefined; settings: ChatSettings; upSince: number };

/** What had nearly run out when the node went down; people's programs need so long to come back. */
export const returnMs = 10_000;

type Alarm = { at: number; move: Move };

/** When the next of the chat's clocks runs out; undefined: none runs. */
export function dueAt(chat: Chat, rules: Rules): number | undefined {
	const times = alarms(chat, rules).map(({ at }) => at);
	return times.length === 0 ? undefined : Math.min(...times);
}

/** The earliest that is due; undefined: nothing is. */
export function dueMove(chat: Chat, rules: Rules, now: number): Move | undefined {
	const due = alarms(chat, rules)
		.filter(({ at }) => at <= now)
		.toSorted((a, b) => a.at - b.at);
	return due[0]?.move;
}

function alarms(chat: Chat, rules: Rules): Alarm[] {
	return [...legAlarms(chat, rules), ...(chat.state === "ended" ? shownAlarms(chat) : liveAlarms(chat, rules))];
}

function legAlarms(chat: Chat, { upSince }: Rules): Alarm[] {
	return chat.legs.flatMap(({ userId, state, until }) => {
		if (until === null) {
			return [];
		}
		const move = state === "offered" ? decline(userId, "missed") : finish(userId, null);
		return [{ at: Math.max(until, upSince + returnMs), move }];
	});
}

function shownAlarms(chat: Chat): Alarm[] {
	return chat.visitorId !== null && chat.isShown && chat.endedAt !== null
		? [{ at: chat.endedAt + shownAfterEndMs, move: (one) => moved({ ...one, isShown: false }) }]
		: [];
}

function liveAlarms(chat: Chat, { queue, settings, upSince }: Rules): Alarm[] {
	const { goneSince } = chat;
	const goneMs = settings.visitorGoneSeconds * 1000;
	const gone = goneSince === null ? [] : [{ at: Math.max(goneSince, upSince) + goneMs, move: end("contact") }];
	const lastHeardAt = Math.max(chat.lastLineAt, upSince);
	return [...gone, ...(queue === undefined || chat.state !== "served" ? [] : idleAlarms(chat, queue, lastHeardAt))];
}

function idleAlarms(chat: Chat, { inactivityMinutes, idleWarningMinutes }: Queue, lastHeardAt: number): Alarm[] {
	if (inactivityMinutes === 0) {
		return [];
	}
	const endsAt = lastHeardAt + inactivityMinutes * 60_000;
	const warnAt = endsAt - idleWarningMinutes * 60_000;
	const isWarning = idleWarningMinutes > 0 && idleWarningMinutes < inactivityMinutes && !chat.isWarned;
	return [{ at: endsAt, move: end("idle") }, ...(isWarning ? [{ at: warnAt, move: warn }] : [])];
}

/** Where it comes late, since another time was set, silence has lasted no longer than until now. */
const warn: Move = (chat, world) => {
	const { inactivityMinutes = 0, idleWarningMinutes = 0 } = world.queue(chat.queueId) ?? {};
	const values = { minutes: String(idleWarningMinutes), agent: agentName(world, chat) };
	const lines = promptLines(world, chat, "idleWarning", values);
	const lastLineAt = Math.max(chat.lastLineAt, world.now - (inactivityMinutes - idleWarningMinutes) * 60_000);
	return moved({ ...chat, isWarned: true, lastLineAt }, { lines });
};
