// What the owner of a subscription may be told of by now. Rights are asked for at each event, and again when it is sent:
// what somebody lost the right to does not go to them later.

import { type EventSight, eventSightOf } from "#rights/event-sight.ts";
import { effectiveGrants } from "#storage/grants.ts";
import { findUser } from "#storage/people.ts";
import type { Storage } from "#storage/storage.ts";

/** Null: there is no such user any more, or they are disabled. */
export function ownerSight(storage: Storage, ownerId: string): Promise<EventSight | null> {
	return storage.remembered(`event sight ${ownerId}`, async (db) => {
		const owner = await findUser(db, ownerId);
		return owner?.enabled === true ? eventSightOf(await effectiveGrants(db, ownerId)) : null;
	});
}
