// What an operator should know about the doors. The newest are kept, the oldest go with the retention of events.

import type { Tx } from "./storage.ts";

export type SecurityEvent = {
	id: string;
	at: Date;
	kind:
		| "refused"
		| "foreign_account"
		| "replay"
		| "duplicate_differs"
		| "clock_skew"
		| "unknown_service"
		| "logon_blocked";
	serviceId: string | null;
	address: string | null;
	detail: string;
};

export async function appendSecurityEvents(tx: Tx, events: readonly SecurityEvent[]): Promise<void> {
	if (events.length === 0) {
		return;
	}
	await tx
		.insertInto("security_events")
		.values(
			events.map(({ id, at, kind, serviceId, address, detail }) => ({
				id,
				at: at.getTime(),
				kind,
				service_id: serviceId,
				address,
				detail,
			})),
		)
		.execute();
}
