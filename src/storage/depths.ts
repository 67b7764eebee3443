// How much waits: for metrics. The counts run over partial indexes that hold only what is still work.

import { sql } from "kysely";
import type { Db } from "./storage.ts";

type QueueDepths = { inbox: number; outbox: number; deliveries: number };

export async function queueDepths(db: Db): Promise<QueueDepths> {
	const { rows } = await sql<QueueDepths>`SELECT
		(SELECT count(*) FROM inbox WHERE state IN ('received', 'waiting')) AS inbox,
		(SELECT count(*) FROM outbox WHERE state IN (3, 4)) AS outbox,
		(SELECT count(*) FROM event_deliveries WHERE state = 'pending') AS deliveries`.execute(db);
	return {
		inbox: Number(rows[0]?.inbox ?? 0),
		outbox: Number(rows[0]?.outbox ?? 0),
		deliveries: Number(rows[0]?.deliveries ?? 0),
	};
}
