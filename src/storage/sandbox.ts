// Which messaging services, and which users of simulated providers, the sandbox made: only those are ever changed or
// deleted with it, whatever somebody else's are called.

import type { ServiceId, UserId } from "#domain/ids.ts";
import type { Db, Tx } from "./storage.ts";

/** `userId`: whom the simulated provider calls as, of types that need one. */
export type Sample = { type: string; serviceId: ServiceId; userId: UserId | null };

const prefix = "sandbox.";

/** Some may be deleted by now. */
export async function samples(db: Db): Promise<Sample[]> {
	const rows = await db
		.selectFrom("installation")
		.select(["name", "value"])
		.where("name", "like", `${prefix}%`)
		.orderBy("name")
		.execute();
	return rows.map(({ name, value }) => ({
		...(JSON.parse(value) as Omit<Sample, "type">),
		type: name.slice(prefix.length),
	}));
}

export async function rememberSample(tx: Tx, { type, serviceId, userId }: Sample): Promise<void> {
	const value = JSON.stringify({ serviceId, userId });
	await tx
		.insertInto("installation")
		.values({ name: prefix + type, value })
		.onConflict((conflict) => conflict.column("name").doUpdateSet({ value }))
		.execute();
}

export async function forgetSample(tx: Tx, type: string): Promise<void> {
	await tx
		.deleteFrom("installation")
		.where("name", "=", prefix + type)
		.execute();
}
