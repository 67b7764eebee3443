// Failed logons, counted in the database so that all nodes count together and a restart forgets nothing.

import type { Db, Tx } from "./storage.ts";

/** `subject` is `account:<login key>`, `address:<network>` or `code:<user id>`. */
export type LogonFailures = {
	subject: string;
	failures: number;
	/** Of the present window. */
	firstAt: Date;
	lastAt: Date;
	blockedUntil: Date;
};

export async function readFailures(db: Db, subjects: readonly string[]): Promise<LogonFailures[]> {
	const rows = await db
		.selectFrom("logon_failures")
		.selectAll()
		.where("subject", "in", [...subjects])
		.execute();
	return rows.map((row) => ({
		subject: row.subject,
		failures: row.failures,
		firstAt: new Date(row.first_at),
		lastAt: new Date(row.last_at),
		blockedUntil: new Date(row.blocked_until),
	}));
}

export async function writeFailures(tx: Tx, entry: LogonFailures): Promise<void> {
	const values = {
		failures: entry.failures,
		first_at: entry.firstAt.getTime(),
		last_at: entry.lastAt.getTime(),
		blocked_until: entry.blockedUntil.getTime(),
	};
	await tx
		.insertInto("logon_failures")
		.values({ subject: entry.subject, ...values })
		.onConflict((conflict) => conflict.column("subject").doUpdateSet(values))
		.execute();
}

export async function clearFailures(tx: Tx, subject: string): Promise<void> {
	await tx.deleteFrom("logon_failures").where("subject", "=", subject).execute();
}

/** Rows that have no effect any more. */
export async function deleteOldFailures(tx: Tx, before: { logons: Date; codes: Date }): Promise<void> {
	const [logons, codes] = [before.logons.getTime(), before.codes.getTime()];
	await tx
		.deleteFrom("logon_failures")
		.where("last_at", "<", logons)
		.where("blocked_until", "<", logons)
		.where((eb) => eb.or([eb("subject", "not like", "code:%"), eb("last_at", "<", codes)]))
		.execute();
}
