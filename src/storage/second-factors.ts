// Second factors: the sealed seed of time-based codes, which step counted last, and the recovery codes that are left.
// Whether a user has one stands in the user's own row, so that it is known with every call.

import type { Db, Tx } from "./storage.ts";

export type StoredFactor = { secret: Uint8Array | null; pending: Uint8Array | null; lastStep: number };

export async function findSecondFactor(db: Db, userId: string): Promise<StoredFactor | undefined> {
	const row = await db.selectFrom("second_factors").selectAll().where("user_id", "=", userId).executeTakeFirst();
	return row === undefined ? undefined : { secret: row.secret, pending: row.pending, lastStep: row.last_step };
}

/** Replaces a seed that was not confirmed; one that is in use stays as it is. */
export async function writePendingFactor(tx: Tx, userId: string, pending: Uint8Array): Promise<void> {
	await tx
		.insertInto("second_factors")
		.values({ user_id: userId, secret: null, pending, last_step: 0 })
		.onConflict((conflict) => conflict.column("user_id").doUpdateSet({ pending }))
		.execute();
}

/** The seed counts from now on. False: the user was changed since `version`, or has a second factor already. */
export async function activateFactor(
	tx: Tx,
	factor: { userId: string; version: number; secret: Uint8Array; step: number; at: Date },
): Promise<boolean> {
	const { userId, version, secret, step, at } = factor;
	const { numUpdatedRows } = await tx
		.updateTable("users")
		.set({ second_factor_at: at.getTime(), version: version + 1, updated_at: at.getTime() })
		.where("id", "=", userId)
		.where("version", "=", version)
		.where("second_factor_at", "is", null)
		.executeTakeFirstOrThrow();
	if (numUpdatedRows !== 1n) {
		return false;
	}
	await tx
		.updateTable("second_factors")
		.set({ secret, pending: null, last_step: step })
		.where("user_id", "=", userId)
		.execute();
	return true;
}

/** False: this step, or one after it, counted before. */
export async function takeStep(tx: Tx, userId: string, step: number): Promise<boolean> {
	const { numUpdatedRows } = await tx
		.updateTable("second_factors")
		.set({ last_step: step })
		.where("user_id", "=", userId)
		.where("last_step", "<", step)
		.executeTakeFirstOrThrow();
	return numUpdatedRows === 1n;
}

/** Of the factor, its seeds and its recovery codes nothing is left. False: the user was changed since `version`. */
export async function deleteSecondFactor(tx: Tx, user: { id: string; version: number }, at: Date): Promise<boolean> {
	const { numUpdatedRows } = await tx
		.updateTable("users")
		.set({ second_factor_at: null, version: user.version + 1, updated_at: at.getTime() })
		.where("id", "=", user.id)
		.where("version", "=", user.version)
		.executeTakeFirstOrThrow();
	if (numUpdatedRows !== 1n) {
		return false;
	}
	await tx.deleteFrom("recovery_codes").where("user_id", "=", user.id).execute();
	await tx.deleteFrom("second_factors").where("user_id", "=", user.id).execute();
	return true;
}

export async function replaceRecoveryCodes(tx: Tx, userId: string, macs: readonly Uint8Array[]): Promise<void> {
	await tx.deleteFrom("recovery_codes").where("user_id", "=", userId).execute();
	await tx
		.insertInto("recovery_codes")
		.values(macs.map((mac) => ({ user_id: userId, code_mac: mac })))
		.execute();
}

/** False: there is no such code, or it was used. */
export async function takeRecoveryCode(tx: Tx, userId: string, mac: Uint8Array): Promise<boolean> {
	const { numDeletedRows } = await tx
		.deleteFrom("recovery_codes")
		.where("user_id", "=", userId)
		.where("code_mac", "=", mac)
		.executeTakeFirstOrThrow();
	return numDeletedRows === 1n;
}

export async function countRecoveryCodes(db: Db, userId: string): Promise<number> {
	const { count } = await db
		.selectFrom("recovery_codes")
		.select(({ fn }) => fn.countAll<number>().as("count"))
		.where("user_id", "=", userId)
		.executeTakeFirstOrThrow();
	return Number(count);
}
