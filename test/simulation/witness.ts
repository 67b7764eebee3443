// Looks at what is stored, at any moment, beside the product: what the product itself believes does not count. Triggers
// note each change of a state, so that none is missed between two looks.

import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { openStorage, type Storage, type Tx } from "#storage/storage.ts";

export type Cell = string | number | null;
export type Part = {
	id: string;
	message_id: string;
	part: number;
	service_id: string;
	lane: string;
	text: string;
	state: number;
	attempts: number;
	epoch: number;
	valid_until: number;
	unknown_since: number | null;
	lease_until: number;
	possible_duplicate: number;
};
export type Attempt = { id: string; part_id: string; number: number; epoch: number; outcome: string | null };
export type Move = {
	seq: number;
	what: string;
	id: string;
	before: string | number | null;
	after: string | number | null;
	valid_until: number | null;
	state_at: number | null;
};

export type Witness = {
	/** Another number after everything that changed something. */
	changes(): number;
	/** What is seen now may yet be rolled back. */
	isInTransaction(): boolean;
	part(serviceId: string, text: string): Part | undefined;
	attempt(id: string): Attempt | undefined;
	attemptsOf(partId: string): Attempt[];
	lane(lane: string): Part[];
	messagesWith(serviceId: string, remoteId: string): number;
	newestMove(): number;
	movesAfter(seq: number): Move[];
	/** When something stored falls due next, after `nowMs`; and whether something is due already. */
	due(nowMs: number, unknownWaitMs: number): { nextMs: number | undefined; isWaiting: boolean };
	rows(query: string, ...values: SQLInputValue[]): Record<string, Cell>[];
};

const triggers = [
	`CREATE TABLE simulated_moves (seq INTEGER PRIMARY KEY, what TEXT NOT NULL, id TEXT NOT NULL, before ANY, after ANY,
		valid_until INTEGER, state_at INTEGER) STRICT`,
	`CREATE TRIGGER simulated_part AFTER UPDATE ON outbox WHEN old.state <> new.state BEGIN
		INSERT INTO simulated_moves (what, id, before, after, valid_until, state_at)
		VALUES ('part', new.id, old.state, new.state, new.valid_until, new.state_at); END`,
	`CREATE TRIGGER simulated_mark AFTER UPDATE ON outbox WHEN old.possible_duplicate > new.possible_duplicate BEGIN
		INSERT INTO simulated_moves (what, id, before, after) VALUES ('mark', new.id, 1, 0); END`,
	`CREATE TRIGGER simulated_message AFTER UPDATE ON messages WHEN old.state IS NOT new.state BEGIN
		INSERT INTO simulated_moves (what, id, before, after) VALUES ('message', new.id, old.state, new.state); END`,
	`CREATE TRIGGER simulated_place AFTER UPDATE ON messages
		WHEN old.sequence IS NOT NULL AND (old.sequence IS NOT new.sequence OR old.conversation_id IS NOT new.conversation_id)
		BEGIN INSERT INTO simulated_moves (what, id, before, after) VALUES ('place', new.id, old.sequence, new.sequence); END`,
	`CREATE TRIGGER simulated_attempt AFTER UPDATE ON attempts
		WHEN old.outcome IS NOT NULL AND old.outcome <> 'unknown' AND old.outcome IS NOT new.outcome
		BEGIN INSERT INTO simulated_moves (what, id, before, after) VALUES ('attempt', new.id, old.outcome, new.outcome); END`,
	`CREATE TRIGGER simulated_settled AFTER UPDATE ON attempts WHEN old.finished_at IS NULL AND new.finished_at IS NOT NULL
		BEGIN INSERT INTO simulated_moves (what, id, before, after)
		VALUES ('settled', new.part_id, new.epoch, (SELECT epoch FROM outbox WHERE id = new.part_id)); END`,
];

/**
 * The product's own storage in memory (a database in a file costs ten system calls for each look at it), and its
 * connection: there is no other way to see a database in memory.
 * @param onTransaction gets what each transaction moved, at its end
 */
export async function openWatchedStorage(
	onTransaction: (moves: readonly Move[]) => void,
): Promise<{ storage: Storage; witness: Witness }> {
	const { exec } = DatabaseSync.prototype;
	const opened: DatabaseSync[] = [];
	DatabaseSync.prototype.exec = function (this: DatabaseSync, text: string) {
		opened.push(this);
		exec.call(this, text);
	};
	try {
		const storage = await openStorage("sqlite::memory:", () => undefined);
		const [database] = opened;
		if (database === undefined) {
			throw new Error("The storage opened no database that can be watched.");
		}
		for (const trigger of triggers) {
			exec.call(database, trigger);
		}
		const witness = witnessOf(database);
		return { storage: watched(storage, witness, onTransaction), witness };
	} finally {
		DatabaseSync.prototype.exec = exec;
	}
}

function watched(real: Storage, witness: Witness, onTransaction: (moves: readonly Move[]) => void): Storage {
	const watch =
		<T>(work: (tx: Tx) => Promise<T>) =>
		async (tx: Tx): Promise<T> => {
			const before = witness.newestMove();
			const done = await work(tx);
			onTransaction(witness.movesAfter(before));
			return done;
		};
	return {
		...real,
		write: (work) => real.write(watch(work)),
		alone: (name, work) => real.alone(name, watch(work)),
	};
}

const dueQuery = `SELECT min(CASE WHEN at > ?1 THEN at END) AS next, max(at <= ?1) AS waiting FROM (
	SELECT min(not_before, valid_until) AS at FROM outbox WHERE state = 3
		AND NOT EXISTS (SELECT 1 FROM outbox AS other WHERE other.lane = outbox.lane AND other.state = 4)
	UNION ALL SELECT valid_until FROM outbox WHERE state = 3
	UNION ALL SELECT CASE WHEN unknown_since IS NULL THEN lease_until ELSE max(lease_until, unknown_since + ?2) END
		FROM outbox WHERE state = 4
	UNION ALL SELECT max(not_before, lease_until) FROM inbox WHERE state IN ('received', 'waiting'))`;

function witnessOf(database: DatabaseSync): Witness {
	const changes = database.prepare("SELECT total_changes() AS n");
	const part = database.prepare("SELECT * FROM outbox WHERE service_id = ? AND text = ?");
	const attempt = database.prepare("SELECT * FROM attempts WHERE id = ?");
	const attemptsOf = database.prepare("SELECT * FROM attempts WHERE part_id = ? ORDER BY number");
	const lane = database.prepare("SELECT * FROM outbox WHERE lane = ? ORDER BY id");
	const messages = database.prepare("SELECT count(*) AS n FROM messages WHERE service_id = ? AND remote_id = ?");
	const moves = database.prepare("SELECT * FROM simulated_moves WHERE seq > ? ORDER BY seq");
	const newest = database.prepare("SELECT coalesce(max(seq), 0) AS seq FROM simulated_moves");
	const due = database.prepare(dueQuery);
	return {
		changes: () => (changes.get() as { n: number }).n,
		isInTransaction: () => database.isTransaction,
		part: (serviceId, text) => part.get(serviceId, text) as Part | undefined,
		attempt: (id) => attempt.get(id) as Attempt | undefined,
		attemptsOf: (partId) => attemptsOf.all(partId) as Attempt[],
		lane: (name) => lane.all(name) as Part[],
		messagesWith: (serviceId, remoteId) => (messages.get(serviceId, remoteId) as { n: number }).n,
		newestMove: () => (newest.get() as { seq: number }).seq,
		movesAfter: (seq) => moves.all(seq) as Move[],
		due(nowMs, unknownWaitMs) {
			const row = due.get(nowMs, unknownWaitMs) as { next: number | null; waiting: number | null };
			return { nextMs: row.next ?? undefined, isWaiting: row.waiting === 1 };
		},
		rows: (query, ...values) => database.prepare(query).all(...values) as Record<string, Cell>[],
	};
}
