// The feed of what commits changed in users' trees. Every writer runs alone (`storage.alone("chats")`), so numbers rise in
// the order of commits, and a reader that has seen a number has seen all below it.

import type { Db, Tx } from "./storage.ts";

/** `step`s of one commit for one user; what they are is the Chat Server's business. */
export type StoredTell = {
	to: string;
	/** Of another's tree, shown to `to` under this path. */
	of?: string;
	under?: string;
	steps: readonly unknown[];
};

export type StoredChange = { position: number; tells: readonly StoredTell[] };

export async function appendChange(tx: Tx, tells: readonly StoredTell[], at: Date): Promise<void> {
	await tx
		.insertInto("chat_changes")
		.values({ at: at.getTime(), tells: JSON.stringify(tells) })
		.execute();
}

export async function changesAfter(db: Db, position: number, limit: number): Promise<StoredChange[]> {
	const rows = await db
		.selectFrom("chat_changes")
		.select(["seq", "tells"])
		.where("seq", ">", position)
		.orderBy("seq")
		.limit(limit)
		.execute();
	return rows.map(({ seq, tells }) => ({ position: Number(seq), tells: JSON.parse(tells) as StoredTell[] }));
}

export async function newestChange(db: Db): Promise<number> {
	const row = await db.selectFrom("chat_changes").select("seq").orderBy("seq", "desc").limit(1).executeTakeFirst();
	return Number(row?.seq ?? 0);
}

/** The newest one stays: a reader that starts begins there. */
export async function deleteChanges(tx: Tx, before: Date): Promise<void> {
	const newest = await newestChange(tx);
	await tx.deleteFrom("chat_changes").where("at", "<", before.getTime()).where("seq", "<", newest).execute();
}
