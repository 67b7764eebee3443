// The storage of one process: the real one, with faults and the end of the process in front of it. What a dead process
// still tries is refused; what it had not committed is rolled back.

import type { KyselyPlugin } from "kysely";
import type { Storage, Tx } from "#storage/storage.ts";
import type { Buggify } from "./points.ts";

/** A process as its seams see it. */
export type Life = {
	readonly isOver: boolean;
	/** Ends it at once, in the middle of whatever it does. */
	crash(why: string): void;
};

export type StorageFaults = {
	chance: Buggify;
	/** A whole number from 0 to below `max`. */
	pick(max: number): number;
	wait(delayMs: number): Promise<void>;
	note(line: string): void;
};

/** Of a process that is over: nobody is there to see it. */
class ProcessIsOver extends Error {}

export function never<T>(): Promise<T> {
	return new Promise(() => undefined);
}

/** Errors as SQLite gives them, and as a database on the network does whose connection broke. */
const busy = () => Object.assign(new Error("database is locked"), { code: "ERR_SQLITE_ERROR", errcode: 5 });
const full = () => Object.assign(new Error("database or disk is full"), { code: "ERR_SQLITE_ERROR", errcode: 13 });
const connectionLost = () => Object.assign(new Error("Connection terminated unexpectedly"), { code: "08006" });

export function faultyStorage(real: Storage, life: Life, faults: StorageFaults): Storage {
	const { chance } = faults;
	const db = real.db.withPlugin(
		beforeEachQuery(() => {
			if (life.isOver) {
				throw new ProcessIsOver();
			}
			if (chance.fires("storage: a read fails", 0.002)) {
				throw busy();
			}
		}),
	);

	async function inTransaction<T>(begin: typeof real.write<T>, work: (tx: Tx) => Promise<T>): Promise<T> {
		await beforeTransaction(life, faults);
		let result: T;
		try {
			result = await begin(async (tx) => {
				if (life.isOver) {
					throw new ProcessIsOver();
				}
				const done = await work(faultyTransaction(tx, life, faults));
				beforeCommit(life, faults);
				return done;
			});
		} catch (error) {
			if (life.isOver) {
				return never();
			}
			throw error;
		}
		await afterCommit(life, faults);
		return result;
	}

	return {
		...real,
		db,
		write: (work) => (life.isOver ? never() : inTransaction(real.write, work)),
		alone: (name, work) => (life.isOver ? never() : inTransaction((run) => real.alone(name, run), work)),
	};
}

async function beforeTransaction(life: Life, { chance, pick, wait, note }: StorageFaults): Promise<void> {
	if (chance.fires("storage: the transaction begins late", 0.01)) {
		await wait(1 + pick(2000));
	}
	if (chance.fires("storage: busy before the transaction", 0.02)) {
		note("storage busy");
		throw busy();
	}
	if (life.isOver) {
		await never();
	}
}

function faultyTransaction(tx: Tx, life: Life, { chance, note }: StorageFaults): Tx {
	function look(): void {
		if (life.isOver) {
			throw new ProcessIsOver();
		}
		if (chance.fires("crash: at a statement inside a transaction", 0.0006)) {
			life.crash("at a statement");
			throw new ProcessIsOver();
		}
		if (chance.fires("storage: full disk inside the transaction", 0.001)) {
			note("disk full");
			throw full();
		}
	}
	const many: Tx["many"] = {
		run(statement, rows) {
			look();
			return tx.many.run(statement, rows);
		},
	};
	return Object.assign(tx.withPlugin(beforeEachQuery(look)), { many });
}

function beforeCommit(life: Life, { chance, note }: StorageFaults): void {
	if (life.isOver) {
		throw new ProcessIsOver();
	}
	if (chance.fires("crash: before the commit", 0.0015)) {
		life.crash("before a commit");
		throw new ProcessIsOver();
	}
	if (chance.fires("storage: busy at the commit", 0.01)) {
		note("busy at the commit");
		throw busy();
	}
}

async function afterCommit(life: Life, { chance, pick, wait, note }: StorageFaults): Promise<void> {
	if (chance.fires("crash: after the commit, before the answer", 0.0015)) {
		life.crash("after a commit");
	}
	if (life.isOver) {
		await never();
	}
	if (chance.fires("storage: the commit is slow", 0.01)) {
		await wait(1 + pick(6000));
	}
	if (life.isOver) {
		await never();
	}
	if (chance.fires("storage: committed, but the answer is lost", 0.005)) {
		note("the answer to a commit is lost");
		throw connectionLost();
	}
}

function beforeEachQuery(look: () => void): KyselyPlugin {
	return {
		transformQuery({ node }) {
			look();
			return node;
		},
		transformResult: ({ result }) => Promise.resolve(result),
	};
}
