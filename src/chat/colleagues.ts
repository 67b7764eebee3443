// Whom one may hand a chat to: agents who are there and may serve a queue, and queues.

import { agentsAmong } from "#storage/chat-agents.ts";
import { presentUsers } from "#storage/chat-sessions.ts";
import { chatsPerUser } from "#storage/chats.ts";
import type { ChatDeps } from "./deps.ts";
import type { Known } from "./known.ts";
import { allowedQueues, type Rights } from "./people.ts";
import { defaultPresence, isAbsent } from "./presences.ts";

export type Colleague = {
	userId: string;
	address: string;
	alias: string;
	/** May serve a queue at all. */
	isAgent: boolean;
	state: "ready" | "not_ready" | "away";
	/** An agent who is there and not away, with room for one more chat. */
	canTake: boolean;
	chats: number;
};

export type Colleagues = {
	/** Undefined: nobody has the address. */
	at(address: string, known: Known): Promise<Colleague | undefined>;
	/** The agents who are there, also those who can take no chat now. */
	present(known: Known): Promise<Colleague[]>;
};

export function openColleagues({ storage, clock }: ChatDeps, rights: { now(): Promise<Rights> }): Colleagues {
	async function those(userIds: readonly string[], present: ReadonlySet<string>, known: Known): Promise<Colleague[]> {
		const states = new Map((await agentsAmong(storage.db, userIds)).map((agent) => [agent.userId, agent]));
		const loads = await chatsPerUser(storage.db);
		const held = await rights.now();
		const queueIds = known.queues.map(({ id }) => id);
		return Promise.all(
			userIds.map(async (userId) => {
				const { address, alias } = known.name(userId);
				const state = states.get(userId);
				const chats = loads.get(userId) ?? 0;
				const isAway = isAbsent(state?.presence ?? defaultPresence);
				const isAgent = allowedQueues(await held.of(userId), "serve", queueIds).size > 0;
				const hasRoom = chats < known.settings.chatsPerAgent;
				return {
					userId,
					address,
					alias: state?.alias ?? alias,
					isAgent,
					state: isAway ? "away" : state?.workStatus === "ready" ? "ready" : "not_ready",
					canTake: isAgent && present.has(userId) && !isAway && hasRoom,
					chats,
				};
			}),
		);
	}
	const present = async () => new Set(await presentUsers(storage.db, "agent", clock.now()));
	return {
		async at(address, known) {
			const userId = known.userAt(address);
			const [found] = userId === undefined ? [] : await those([userId], await present(), known);
			return found;
		},
		async present(known) {
			const there = await present();
			const all = await those([...there], there, known);
			return all.filter(({ isAgent }) => isAgent);
		},
	};
}
