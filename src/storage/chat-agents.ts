// What agents set for themselves while they work: ready or not, which queues they serve, their settings and scratch space.

import { PostgresAdapter, type Selectable } from "kysely";
import type { ChatTables } from "./schema-chats.ts";
import type { Db, Tx } from "./storage.ts";

export type WorkStatus = "ready" | "not_ready";

export type AgentState = {
	userId: string;
	workStatus: WorkStatus;
	workSince: number;
	/** The active presence profile's id. */
	presence: string;
	/** Null: the name that is configured. */
	alias: string | null;
	/** Queue id → whether it is served; what is not in it is served. */
	serving: Readonly<Record<string, boolean>>;
	capabilities: Readonly<Record<string, boolean>>;
	supervising: Readonly<Record<string, boolean>>;
	settings: Readonly<Record<string, string>>;
	ui: Readonly<Record<string, string>>;
	freedAt: number;
};

export function freshAgent(userId: string, presence: string): AgentState {
	return {
		userId,
		workStatus: "not_ready",
		workSince: 0,
		presence,
		alias: null,
		serving: {},
		capabilities: {},
		supervising: {},
		settings: {},
		ui: {},
		freedAt: 0,
	};
}

export async function findAgent(db: Db, userId: string): Promise<AgentState | undefined> {
	const row = await db.selectFrom("chat_agents").selectAll().where("user_id", "=", userId).executeTakeFirst();
	return row === undefined ? undefined : toAgent(row);
}

export async function agentsAmong(db: Db, userIds: readonly string[]): Promise<AgentState[]> {
	if (userIds.length === 0) {
		return [];
	}
	const rows = await db.selectFrom("chat_agents").selectAll().where("user_id", "in", userIds).execute();
	return rows.map(toAgent);
}

/** Whether the user is there, and stays until the commit: chats may outlive their agent's account. */
export async function isUser(tx: Tx, userId: string): Promise<boolean> {
	const found = tx.selectFrom("users").select("id").where("id", "=", userId);
	// SQLite has one writer anyway.
	const locking = tx.getExecutor().adapter instanceof PostgresAdapter ? found.forKeyShare() : found;
	return (await locking.executeTakeFirst()) !== undefined;
}

export async function enabledUsers(db: Db, userIds: readonly string[]): Promise<Set<string>> {
	if (userIds.length === 0) {
		return new Set();
	}
	const rows = await db.selectFrom("users").select("id").where("id", "in", userIds).where("enabled", "=", 1).execute();
	return new Set(rows.map(({ id }) => id));
}

export async function saveAgent(tx: Tx, agent: AgentState): Promise<void> {
	const row = {
		work_status: agent.workStatus,
		work_since: agent.workSince,
		presence: agent.presence,
		alias: agent.alias,
		serving: JSON.stringify(agent.serving),
		capabilities: JSON.stringify(agent.capabilities),
		supervising: JSON.stringify(agent.supervising),
		ui_settings: JSON.stringify(agent.settings),
		ui: JSON.stringify(agent.ui),
		freed_at: agent.freedAt,
	};
	await tx
		.insertInto("chat_agents")
		.values({ user_id: agent.userId, ...row })
		.onConflict((conflict) => conflict.column("user_id").doUpdateSet(row))
		.execute();
}

function toAgent(row: Selectable<ChatTables["chat_agents"]>): AgentState {
	return {
		userId: row.user_id,
		workStatus: row.work_status,
		workSince: row.work_since,
		presence: row.presence,
		alias: row.alias,
		serving: JSON.parse(row.serving) as Record<string, boolean>,
		capabilities: JSON.parse(row.capabilities) as Record<string, boolean>,
		supervising: JSON.parse(row.supervising) as Record<string, boolean>,
		settings: JSON.parse(row.ui_settings) as Record<string, string>,
		ui: JSON.parse(row.ui) as Record<string, string>,
		freedAt: row.freed_at,
	};
}

/** Whoever said that chats may come. */
export async function readyUsers(db: Db): Promise<string[]> {
	const rows = await db.selectFrom("chat_agents").select("user_id").where("work_status", "=", "ready").execute();
	return rows.map(({ user_id }) => user_id);
}
