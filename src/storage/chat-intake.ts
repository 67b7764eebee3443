// Up to where the ledger of messages was taken into chats. Moved in the transaction of what was taken.

import type { EventCursor } from "./events.ts";
import type { Db, Tx } from "./storage.ts";

export async function readIntake(db: Db): Promise<EventCursor> {
	const row = await db.selectFrom("chat_intake").select(["tx", "seq"]).executeTakeFirst();
	return row === undefined ? { tx: 0, seq: 0 } : { tx: Number(row.tx), seq: Number(row.seq) };
}

export async function saveIntake(tx: Tx, { tx: at, seq }: EventCursor): Promise<void> {
	await tx
		.insertInto("chat_intake")
		.values({ id: 1, tx: at, seq })
		.onConflict((conflict) => conflict.column("id").doUpdateSet({ tx: at, seq }))
		.execute();
}
