// How much waits: for metrics. Both counts run over partial indexes that hold only what is still work.

import { sql } from "kysely";
import type { Db } from "./storage.ts";

export async function queueDepths(db: Db): Promise<{ inbox: number; outbox: number }> {
	const { rows } = await sql<{ inbox: number; outbox: number }>`SELECT
		(SELECT count(*) FROM inbox WHERE state IN ('received', 'waiting')) AS inbox,
		(SELECT count(*) FROM outbox WHERE state IN (3, 4)) AS outbox`.execute(db);
	return { inbox: Number(rows[0]?.inbox ?? 0), outbox: Number(rows[0]?.outbox ?? 0) };
}
