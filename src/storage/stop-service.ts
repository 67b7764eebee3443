// A provider said that a service's endpoint is gone for good.

import type { Tx } from "./storage.ts";

/** Takes effect until an administrator changes the service. */
export async function stopService(tx: Tx, serviceId: string, reason: string, now: Date): Promise<void> {
	await tx
		.updateTable("messaging_services")
		.set((eb) => ({ stopped_reason: reason, updated_at: now.getTime(), version: eb("version", "+", 1) }))
		.where("id", "=", serviceId)
		.execute();
}
