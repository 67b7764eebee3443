// The audit log: appended in the same transaction as the change it tells of, each row bound to the one before it.

import type { Tx } from "./storage.ts";

/** `{field: {before, after}}`; of a secret only "set" or "not set". */
export type Changes = Readonly<Record<string, { before?: unknown; after?: unknown }>>;

export type AuditEntry = {
	at: Date;
	userId: string | null;
	/** The logon name, or `system`, `command`. */
	actor: string;
	via: "rci" | "cmi" | "logon" | "command" | "system";
	action: string;
	objectType: string;
	objectId: string | null;
	objectName: string | null;
	changes: Changes;
};

/** Covers the pieces with a key that is not in the database. */
export type Mac = (...pieces: readonly (string | Uint8Array)[]) => Uint8Array;

const firstMac = new Uint8Array(32);

/** Appends one entry. Concurrent writers are serialised by the row before: the loser of a race gets a unique violation. */
export async function appendAudit(tx: Tx, entry: AuditEntry, mac: Mac): Promise<void> {
	const last = await tx
		.selectFrom("audit_log")
		.select(["seq", "mac"])
		.orderBy("seq", "desc")
		.limit(1)
		.executeTakeFirst();
	const row = toRow(entry, (last?.seq ?? 0) + 1);
	await tx
		.insertInto("audit_log")
		.values({ ...row, mac: macOf(row, last?.mac ?? firstMac, mac) })
		.execute();
}

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

export type AuditVerdict = { whole: true; rows: number } | { whole: false; brokenAt: number; rows: number };

/** Reads the whole chain. `expected`: a checkpoint kept outside, so that a cut tail is noticed too. */
export async function verifyAudit(
	tx: Tx,
	mac: Mac,
	expected?: { seq: number; mac: Uint8Array },
): Promise<AuditVerdict> {
	let before: Uint8Array = firstMac;
	let seq = 0;
	for await (const { mac: found, ...row } of tx.selectFrom("audit_log").selectAll().orderBy("seq").stream(500)) {
		seq += 1;
		const rowInOrder = orderedRow(row);
		const isWhole = row.seq === seq && Buffer.from(macOf(rowInOrder, before, mac)).equals(Buffer.from(found));
		const fitsCheckpoint = expected?.seq !== seq || Buffer.from(expected.mac).equals(Buffer.from(found));
		if (!isWhole || !fitsCheckpoint) {
			return { whole: false, brokenAt: seq, rows: seq };
		}
		before = found;
	}
	return expected !== undefined && expected.seq > seq
		? { whole: false, brokenAt: seq + 1, rows: seq }
		: { whole: true, rows: seq };
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
