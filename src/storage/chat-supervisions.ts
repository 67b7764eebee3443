// Who looks on at which agent's work. An agent has at most one supervisor, a supervisor any number of agents.

import type { Selectable } from "kysely";
import type { ChatTables } from "./schema-chats.ts";
import type { Db, Tx } from "./storage.ts";

export type Supervision = {
	id: string;
	/** Null: the agent asked for one, and nobody came yet. */
	supervisorId: string | null;
	agentId: string;
	state: ChatTables["chat_supervisions"]["state"];
	at: number;
	/** The agent asked for help. */
	isAsked: boolean;
};

export async function allSupervisions(db: Db): Promise<Supervision[]> {
	const rows = await db.selectFrom("chat_supervisions").selectAll().orderBy("id").execute();
	return rows.map(toSupervision);
}

export async function supervisionsOf(db: Db, agentIds: readonly string[]): Promise<Supervision[]> {
	if (agentIds.length === 0) {
		return [];
	}
	const rows = await db.selectFrom("chat_supervisions").selectAll().where("agent_id", "in", agentIds).execute();
	return rows.map(toSupervision);
}

export async function supervisionsBy(db: Db, supervisorId: string): Promise<Supervision[]> {
	const rows = await db
		.selectFrom("chat_supervisions")
		.selectAll()
		.where("supervisor_id", "=", supervisorId)
		.orderBy("id")
		.execute();
	return rows.map(toSupervision);
}

export async function findSupervision(db: Db, id: string): Promise<Supervision | undefined> {
	const row = await db.selectFrom("chat_supervisions").selectAll().where("id", "=", id).executeTakeFirst();
	return row === undefined ? undefined : toSupervision(row);
}

export async function saveSupervision(
	tx: Tx,
	{ id, supervisorId, agentId, state, at, isAsked }: Supervision,
): Promise<void> {
	const is_asked = isAsked ? (1 as const) : (0 as const);
	const row = { supervisor_id: supervisorId, agent_id: agentId, state, at, is_asked };
	await tx
		.insertInto("chat_supervisions")
		.values({ id, ...row })
		.onConflict((conflict) => conflict.column("id").doUpdateSet(row))
		.execute();
}

export async function deleteSupervision(tx: Tx, id: string): Promise<void> {
	await tx.deleteFrom("chat_supervisions").where("id", "=", id).execute();
}

function toSupervision(row: Selectable<ChatTables["chat_supervisions"]>): Supervision {
	const { id, supervisor_id: supervisorId, agent_id: agentId, state, at } = row;
	return { id, supervisorId, agentId, state, at, isAsked: row.is_asked === 1 };
}
