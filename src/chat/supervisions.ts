// How supervisions end without their supervisor's word: whoever logs out, is lost, is deleted or has the right no longer
// follows nobody any more, and another supervisor may.

import {
	allSupervisions,
	deleteSupervision,
	findSupervision,
	type Supervision,
	supervisionsBy,
	supervisionsOf,
} from "#storage/chat-supervisions.ts";
import { chatsOfUser } from "#storage/chats.ts";
import type { Apart } from "./apart.ts";
import type { ChatDeps } from "./deps.ts";
import { leave } from "./moves/talking.ts";
import type { Rights } from "./people.ts";
import { standing } from "./standing.ts";
import { leaf } from "./tells.ts";
import type { Turn, Turns } from "./turns.ts";

type Deps = Pick<ChatDeps, "storage" | "clock"> & { turns: Turns; rights: { now(): Promise<Rights> } };

/** All that do not count any more. */
export async function endFallen({ storage, clock, turns, rights }: Deps, sessions: Apart): Promise<void> {
	const all = await allSupervisions(storage.db);
	if (all.length === 0) {
		return;
	}
	const held = await rights.now();
	const kept = new Set(await standing(storage.db, all, clock.now(), (userId) => held.of(userId)));
	for (const { id } of all.filter((session) => !kept.has(session))) {
		await sessions.attempt(id, () => turns.take((turn) => endIfFallen(turn, id)));
	}
}

async function endIfFallen(turn: Turn, id: string): Promise<void> {
	const session = await findSupervision(turn.tx, id);
	if (session !== undefined && (await standing(turn.tx, [session], new Date(turn.now))).length === 0) {
		await endSupervision(turn, session);
	}
}

/** Of whoever is gone: what they followed, and that they asked for help. */
export async function endSupervisionsOf(turn: Turn, userId: string): Promise<void> {
	const asked = (await supervisionsOf(turn.tx, [userId])).filter(({ supervisorId }) => supervisorId === null);
	for (const session of [...(await supervisionsBy(turn.tx, userId)), ...asked]) {
		await endSupervision(turn, session);
	}
}

/** With the supervisor's places in the agent's chats. */
export async function endSupervision(turn: Turn, session: Supervision): Promise<void> {
	const { id, supervisorId, agentId } = session;
	await deleteSupervision(turn.tx, id);
	const steps = [leaf("DELETE", `/supervisor_sessions/${id}`, null)];
	if (supervisorId !== null) {
		await leaveChats(turn, supervisorId, agentId);
		turn.tell({ to: supervisorId, steps });
	}
	if (isSeen(session)) {
		turn.tell({ to: agentId, steps });
	}
}

/** By the agent: who listens silently is not, unless the agent asked for help. */
export function isSeen({ state, isAsked }: Pick<Supervision, "state" | "isAsked">): boolean {
	return state !== "silent_listening" || isAsked;
}

/** The places that the supervisor has by supervising the agent. */
async function leaveChats(turn: Turn, supervisorId: string, agentId: string): Promise<void> {
	for (const chat of await chatsOfUser(turn.tx, supervisorId)) {
		const isSupervised = chat.legs.some(({ userId, origin }) => userId === supervisorId && origin === "supervision");
		if (isSupervised && chat.agentId === agentId) {
			await turn.move(chat.id, leave(supervisorId), [supervisorId]);
		}
	}
}
