// The audit log: appended in the same transaction as the change it tells of, each row bound to the one before it.

import type { Selectable } from "kysely";
import { lockUntilCommit } from "./lock.ts";
import { insertInto, type Statement } from "./many.ts";
import type { Tables } from "./schema.ts";
import type { Db, Tx } from "./storage.ts";

/** `{field: {before, after}}`; of a secret only "set" or "not set". */
export type Changes = Readonly<Record<string, { before?: unknown; after?: unknown }>>;

export type AuditEntry = {
	at: Date;
	userId: string | null;
	/** The logon name, or `system`, `command`. */
	actor: string;
	via: "rci" | "cmi" | "chat" | "logon" | "command" | "system";
	action: string;
	objectType: string;
	objectId: string | null;
	objectName: string | null;
	changes: Changes;
};

/** Covers the pieces with a key that is not in the database. */
export type Mac = (...pieces: readonly (string | Uint8Array)[]) => Uint8Array;

const firstMac = new Uint8Array(32);
const rowsPerPage = 500;

/** Appends one entry. Writers wait for each other, because each row is bound to the one before it. */
export async function appendAudit(tx: Tx, entry: AuditEntry, mac: Mac): Promise<void> {
	await lockUntilCommit(tx, "audit log");
	const [last] = await tx.many.run<{ seq: number; mac: Uint8Array }>(readLast, [{ seq: 0 }]);
	const row = toRow(entry, (last?.seq ?? 0) + 1);
	await tx.many.run(insertEntry, [{ ...row, mac: macOf(row, last?.mac ?? firstMac, mac) }]);
}

const newest = "SELECT seq, mac FROM audit_log ORDER BY seq DESC LIMIT 1";
const readLast: Statement = { columns: ["seq"], rowType: "audit_log", sqlite: `${newest} OFFSET ?1`, postgres: newest };
const insertEntry = insertInto(
	"audit_log",
	"seq, at, user_id, actor, via, action, object_type, object_id, object_name, changes, mac",
);

type UnsealedRow = ReturnType<typeof toRow>;

function toRow(entry: AuditEntry, seq: number) {
	return {
		seq,
		at: entry.at.getTime(),
		user_id: entry.userId,
		actor: entry.actor,
		via: entry.via,
		action: entry.action,
		object_type: entry.objectType,
		object_id: entry.objectId,
		object_name: entry.objectName,
		changes: JSON.stringify(entry.changes),
	};
}

function macOf(row: UnsealedRow, before: Uint8Array, mac: Mac): Uint8Array {
	// JSON of an array: no two different rows have the same text.
	return mac(before, JSON.stringify(Object.values(row)));
}

export type StoredAuditEntry = AuditEntry & { seq: number };

export type AuditFilter = {
	/** Entries older than this number; undefined: from the newest on. */
	before?: number | undefined;
	userId?: string | undefined;
	/** The logon name, or `system`, `command`. */
	actor?: string | undefined;
	action?: string | undefined;
	objectType?: string | undefined;
	objectId?: string | undefined;
	since?: Date | undefined;
	until?: Date | undefined;
	limit: number;
};

/** Newest first. */
export async function listAudit(db: Db, filter: AuditFilter): Promise<StoredAuditEntry[]> {
	const texts = {
		user_id: filter.userId,
		actor: filter.actor,
		action: filter.action,
		object_type: filter.objectType,
		object_id: filter.objectId,
	} as const;
	let query = db.selectFrom("audit_log").selectAll().orderBy("seq", "desc").limit(filter.limit);
	for (const [column, value] of Object.entries(texts)) {
		query = value === undefined ? query : query.where(column as keyof typeof texts, "=", value);
	}
	if (filter.before !== undefined) {
		query = query.where("seq", "<", filter.before);
	}
	if (filter.since !== undefined) {
		query = query.where("at", ">=", filter.since.getTime());
	}
	if (filter.until !== undefined) {
		query = query.where("at", "<", filter.until.getTime());
	}
	return (await query.execute()).map(toEntry);
}

function toEntry(row: Selectable<Tables["audit_log"]>): StoredAuditEntry {
	return {
		seq: row.seq,
		at: new Date(row.at),
		userId: row.user_id,
		actor: row.actor,
		via: row.via as AuditEntry["via"],
		action: row.action,
		objectType: row.object_type,
		objectId: row.object_id,
		objectName: row.object_name,
		changes: JSON.parse(row.changes) as Changes,
	};
}

export type ConfigurationChange = {
	seq: number;
	at: Date;
	action: string;
	objectType: string;
	objectId: string | null;
};

/** The number of the newest entry; 0: there is none. Numbers rise in the order of the commits, without gaps. */
export async function newestAudit(db: Db): Promise<number> {
	const row = await db.selectFrom("audit_log").select("seq").orderBy("seq", "desc").limit(1).executeTakeFirst();
	return row?.seq ?? 0;
}

/**
 * Changes of objects of these types after an entry, oldest first, but for people logging on and off. Looks at so many
 * entries at most and tells how far it came: most entries of a busy log are messages.
 */
export async function changesAfter(
	db: Db,
	seq: number,
	asked: { objectTypes: readonly string[]; entries: number },
): Promise<{ changes: ConfigurationChange[]; seen: number; isAll: boolean }> {
	const newest = await newestAudit(db);
	const seen = Math.min(newest, seq + asked.entries);
	if (seen <= seq) {
		return { changes: [], seen: seq, isAll: true };
	}
	const rows = await db
		.selectFrom("audit_log")
		.select(["seq", "at", "action", "object_type", "object_id"])
		.where("seq", ">", seq)
		.where("seq", "<=", seen)
		.where("object_type", "in", [...asked.objectTypes])
		.where("via", "!=", "logon")
		.orderBy("seq")
		.execute();
	const changes = rows.map((row) => ({
		seq: row.seq,
		at: new Date(row.at),
		action: row.action,
		objectType: row.object_type,
		objectId: row.object_id,
	}));
	return { changes, seen, isAll: seen === newest };
}

export type AuditVerdict = { whole: true; rows: number } | { whole: false; brokenAt: number; rows: number };

/** Reads the whole chain, page by page. `expected`: a checkpoint kept outside, so that a cut tail is noticed too. */
export async function verifyAudit(
	db: Db,
	mac: Mac,
	expected?: { seq: number; mac: Uint8Array },
): Promise<AuditVerdict> {
	let before: Uint8Array = firstMac;
	let seq = 0;
	for (;;) {
		const rows = await db
			.selectFrom("audit_log")
			.selectAll()
			.where("seq", ">", seq)
			.orderBy("seq")
			.limit(rowsPerPage)
			.execute();
		for (const { mac: found, ...row } of rows) {
			seq += 1;
			const isWhole = row.seq === seq && equal(macOf(orderedRow(row), before, mac), found);
			if (!isWhole || (expected?.seq === seq && !equal(expected.mac, found))) {
				return { whole: false, brokenAt: seq, rows: seq };
			}
			before = found;
		}
		if (rows.length < rowsPerPage) {
			return expected !== undefined && expected.seq > seq
				? { whole: false, brokenAt: seq + 1, rows: seq }
				: { whole: true, rows: seq };
		}
	}
}

function equal(one: Uint8Array, other: Uint8Array): boolean {
	return Buffer.from(one).equals(Buffer.from(other));
}

function orderedRow(row: UnsealedRow | (Omit<UnsealedRow, "via"> & { via: string })): UnsealedRow {
	const { seq, at, user_id, actor, via, action, object_type, object_id, object_name, changes } = row;
	return {
		seq,
		at,
		user_id,
		actor,
		via: via as AuditEntry["via"],
		action,
		object_type,
		object_id,
		object_name,
		changes,
	};
}
