// What users may do with which queue and with which colleague. Remembered until anything that is configured changes.

import type { Access, Grant, ObjectType } from "#domain/rights.ts";
import type { Queue } from "#domain/queues.ts";
import { decide, visibleObjects } from "#rights/decide.ts";
import type { AgentState } from "#storage/chat-agents.ts";
import { effectiveGrants } from "#storage/grants.ts";
import type { Reader } from "#storage/chat-readers.ts";
import type { Storage } from "#storage/storage.ts";

/** One revision's knowledge is asked for once and then used for many users. */
export type Rights = { of(userId: string): Promise<readonly Grant[]> };

export function openRights({ db, remembered }: Storage): { now(): Promise<Rights> } {
	return {
		async now() {
			const known = await remembered("chat rights", () => Promise.resolve(new Map<string, readonly Grant[]>()));
			return {
				async of(userId) {
					// What failed is not remembered: it would fail until something else is configured.
					const found = known.get(userId) ?? (await effectiveGrants(db, userId));
					known.set(userId, found);
					return found;
				},
			};
		},
	};
}

export function may(grants: readonly Grant[], access: Access, objectType: ObjectType, id: string): boolean {
	return decide(grants, access, { objectType, on: { id } }).allowed;
}

/** Whether the agent lets chats of the queue come; where the queue says so, they have no choice. */
export function serves({ serving }: Pick<AgentState, "serving">, queue: Pick<Queue, "id" | "forcedToServe">): boolean {
	return queue.forcedToServe || serving[queue.id] !== false;
}

/** Of these queues, those on which the grants give the access. */
export function allowedQueues(grants: readonly Grant[], access: Access, queueIds: readonly string[]): Set<string> {
	const visible = visibleObjects(grants, access, "queue");
	return new Set(visible === "every" ? queueIds : queueIds.filter((id) => visible.includes(id)));
}

/** Who had the chat or has it, who serves the queue, or who may read the queue's history. */
export function readerOf(userId: string, grants: readonly Grant[]): Reader {
	const queues = (["serve", "manageContactHistory"] as const).map((right) => visibleObjects(grants, right, "queue"));
	return { userId, queues: queues.includes("every") ? "every" : [...new Set(queues.flat())] };
}
