// Prompts that have to go to a provider's contact: written with the chat, sent by this loop. A prompt that cannot go is
// marked as failed; nobody waits for it. Where one fails by a bug, the other prompts of its chat wait with it.

import { Problem } from "#platform/problems.ts";
import { type RunningWorker, startWorker } from "#platform/worker-loop.ts";
import { linesToSend, markSent, type StoredLine } from "#storage/chat-lines.ts";
import { findChat } from "#storage/chats.ts";
import { type Apart, openApart } from "./apart.ts";
import type { ChatDeps } from "./deps.ts";
import type { Messenger } from "./messenger.ts";
import type { Turns } from "./turns.ts";

const linesAtOnce = 20;
const pollMs = 1000;

type PromptDeps = Pick<ChatDeps, "storage"> & { turns: Turns; messenger: Pick<Messenger, "prepare"> };

export function startPromptsOut(deps: ChatDeps, turns: Turns, messenger: Messenger): RunningWorker {
	const { storage, signals } = deps;
	const chats = openApart(deps, "A prompt could not be sent.", (objectId) => ({ objectType: "chat", objectId }));
	const round = () => sendPrompts({ storage, turns, messenger }, chats);
	return startWorker({ name: "Chat prompts", pollMs, round, listen: (wake) => signals.listen("chats", wake) }, deps);
}

/** Those of one chat go out in their order. */
export async function sendPrompts(deps: PromptDeps, chats: Apart): Promise<boolean> {
	const lines = await linesToSend(deps.storage.db, { limit: linesAtOnce, except: chats.resting() });
	for (const line of lines) {
		await chats.attempt(line.chatId, () => send(deps, line).catch((error: unknown) => giveUp(deps, line, error)));
	}
	return lines.length === linesAtOnce;
}

async function send({ storage, turns, messenger }: PromptDeps, line: StoredLine): Promise<void> {
	const chat = await findChat(storage.db, line.chatId);
	const prepared = chat === undefined ? undefined : await messenger.prepare(chat, { text: line.message }, null);
	await turns.take(async (turn) => {
		if (prepared?.ok !== true) {
			await markSent(turn.tx, line.id, { messageId: null, delivery: "failed" });
			return;
		}
		const isAfterEnd = (await findChat(turn.tx, line.chatId))?.state === "ended";
		const { messageId } = await prepared.letter.enqueue(turn.tx, { isAfterEnd });
		if (!(await markSent(turn.tx, line.id, { messageId, delivery: "queued" }))) {
			throw new SentElsewhere();
		}
	});
}

/** The contact wants nothing, or takes nothing now: the prompt stays unsent. */
async function giveUp({ turns }: PromptDeps, line: StoredLine, error: unknown): Promise<void> {
	if (error instanceof Problem) {
		await turns.take((turn) => markSent(turn.tx, line.id, { messageId: null, delivery: "failed" }));
	} else if (!(error instanceof SentElsewhere)) {
		throw error;
	}
}

/** Another node sent it meanwhile: this transaction must not commit. */
class SentElsewhere extends Error {}
