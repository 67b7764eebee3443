// What follows from a visitor's coming and going: what they are called, and the lines that tell agents of their pages.

import { countedWithin } from "#platform/counted-within.ts";
import { describeError } from "#platform/log.ts";
import { findVisitor, freshVisitor, saveVisitor } from "#storage/chat-visitors.ts";
import { liveChatsOfVisitor } from "#storage/chats.ts";
import type { ChatDeps } from "./deps.ts";
import type { Chat } from "#domain/chats.ts";
import { isTaken } from "./known.ts";
import { contactFace, moved, type StateWord, stateLine } from "./moves/move.ts";
import type { Turns } from "./turns.ts";
import type { NewVisitor } from "./wire/logins.ts";
import type { SocketEvent } from "./wire/sockets.ts";

/**
 * Name and address are taken when a proven id is met first: nobody signed them, so whoever gets hold of an identity could
 * else call its owner something new with every log-in. The address may not be anybody's here.
 */
export async function meetVisitor(turns: Turns, { userId, isProven, name, email }: NewVisitor): Promise<void> {
	await turns.take(async (turn) => {
		const visitor = (await findVisitor(turn.tx, userId)) ?? freshVisitor(userId);
		const isFirst = visitor.provenId === null;
		const keepsAddress = !isFirst || email === undefined || email === "" || isTaken(email, turn.known);
		await saveVisitor(turn.tx, {
			...visitor,
			provenId: isProven ? userId : visitor.provenId,
			alias: isFirst ? (name ?? visitor.alias) : visitor.alias,
			chatAddress: keepsAddress ? visitor.chatAddress : email,
			seenAt: turn.now,
		});
	});
}

const wordsMax = { times: 10, withinMs: 60_000 }; // Of one visitor; whose line fails all the time fills no transcript.

/** Agents see in the transcript how many pages of the chat are open. The first page of a chat is no news. */
export function openNotes({ log, storage, clock }: ChatDeps, turns: Turns): (event: SocketEvent) => void {
	const mayTell = countedWithin(clock, wordsMax.times, wordsMax.withinMs);

	async function note({ event, caller, open }: SocketEvent): Promise<void> {
		const isTold = mayTell(caller.userId);
		const lines = (chat: Chat) =>
			isTold ? [stateLine(wordFor(event, open), contactFace(chat), { audience: "agents" })] : [];
		for (const { id } of await liveChatsOfVisitor(storage.db, caller.userId)) {
			await turns.take((turn) =>
				turn.move(id, (chat) => {
					const isBack = event === "opened" && chat.goneSince !== null;
					return moved(isBack ? { ...chat, goneSince: null } : chat, { lines: lines(chat) });
				}),
			);
		}
	}

	return (event) => {
		if (event.caller.kind === "visitor") {
			note(event).catch((error: unknown) =>
				log.error("A visitor's page could not be noted.", { server: "Chat Server", error: describeError(error) }),
			);
		}
	};
}

/** `open`: how many are open afterwards. */
function wordFor(event: "opened" | "closed", open: number): StateWord {
	if (event === "opened") {
		return "CHAT_PAGE_OPENED";
	}
	return open === 0 ? "ALL_CHAT_PAGES_CLOSED" : "CHAT_PAGE_CLOSED";
}
