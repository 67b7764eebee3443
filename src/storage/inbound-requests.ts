// Provider requests as they came in, for whoever may look at them.

import type { Db } from "./storage.ts";

export type KeptRequest = {
	id: string;
	serviceId: string;
	receivedAt: Date;
	method: string;
	url: string;
	/** Values that are secrets were removed before they were stored. */
	headers: Readonly<Record<string, string>>;
	body: Uint8Array;
	verdict: string;
	remoteAddress: string | null;
};

export async function findRequest(db: Db, id: string): Promise<KeptRequest | undefined> {
	const row = await db.selectFrom("inbound_requests").selectAll().where("id", "=", id).executeTakeFirst();
	return row === undefined
		? undefined
		: {
				id: row.id,
				serviceId: row.service_id,
				receivedAt: new Date(row.received_at),
				method: row.method,
				url: row.url,
				headers: JSON.parse(row.headers) as Record<string, string>,
				body: row.body,
				verdict: row.verdict,
				remoteAddress: row.remote_address,
			};
}
