// How much of Parley's work waits, read from its database by a connection of our own, so that asking costs Parley nothing.

import { DatabaseSync } from "node:sqlite";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";

export type Waiting = { inbox: number; outbox: number };
export type Backlog = { read(): Promise<Waiting>; close(): Promise<void> };

// 3 queued, 4 sending. Both counts run over partial indexes that hold only what is still work.
const question = `SELECT (SELECT count(*) FROM inbox WHERE state IN ('received', 'waiting')) AS inbox,
	(SELECT count(*) FROM outbox WHERE state IN (3, 4)) AS outbox`;

export async function openBacklog(database: string): Promise<Backlog> {
	return database.startsWith("sqlite:") ? ofFile(database.slice("sqlite:".length)) : ofServer(database);
}

function ofFile(path: string): Backlog {
	const file = new DatabaseSync(path, { readOnly: true, timeout: 5000 });
	const statement = file.prepare(question);
	return {
		read: () => Promise.resolve(statement.get() as Waiting),
		close: () => Promise.resolve(file.close()),
	};
}

async function ofServer(url: string): Promise<Backlog> {
	const client = new pg.Client({ connectionString: url });
	await client.connect();
	return {
		async read() {
			const { rows } = await client.query<{ inbox: string; outbox: string }>(question);
			return { inbox: Number(rows[0]?.inbox), outbox: Number(rows[0]?.outbox) };
		},
		close: () => client.end(),
	};
}

export async function untilEmpty(backlog: Backlog, of: keyof Waiting, withinSeconds = 300): Promise<void> {
	const end = performance.now() + withinSeconds * 1000;
	for (;;) {
		const waiting = (await backlog.read())[of];
		if (waiting === 0) {
			return;
		}
		if (performance.now() > end) {
			throw new Error(`After ${withinSeconds} s ${waiting} rows still wait in the ${of}.`);
		}
		await pause(20);
	}
}
