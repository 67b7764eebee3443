// Changes that must not run at the same time as their like: one after the other, each until its commit.

import { PostgresAdapter, sql } from "kysely";
import type { Tx } from "./storage.ts";

/**
 * `audit log`: each row is bound to the one before it · `rights`: somebody must stay who holds every right · `logon …`:
 * failures of one account or network are counted one by one · `idempotency …`: one call per key, also on other nodes ·
 * `subscriptions`: there may be so many · `visitors …`: new visitors of one network are counted one by one · `outbox`, `chats`: the same as `storage.alone`, for a transaction that does more.
 * `contacts`: contacts are merged one at a time, and not while a conversation is begun with one of them (`lockShared`).
 */
export type LockName =
	| "audit log"
	| "chats"
	| "contacts"
	| "outbox"
	| "rights"
	| "subscriptions"
	| `logon ${string}`
	| `idempotency ${string}`
	| `visitors ${string}`;

/** SQLite has one writer anyway. After the wait the next statement sees what the one before committed. */
export async function lockUntilCommit(tx: Tx, name: LockName): Promise<void> {
	if (tx.getExecutor().adapter instanceof PostgresAdapter) {
		await sql`SELECT pg_advisory_xact_lock(hashtext(${`parley ${name}`}))`.execute(tx);
	}
}

/** Any number at once, but none while one holds it alone. */
export async function lockShared(tx: Tx, name: "contacts"): Promise<void> {
	if (tx.getExecutor().adapter instanceof PostgresAdapter) {
		await sql`SELECT pg_advisory_xact_lock_shared(hashtext(${`parley ${name}`}))`.execute(tx);
	}
}
