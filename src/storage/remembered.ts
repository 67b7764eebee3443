// What is configured — services, users, rights, tokens — changes rarely and is asked for with every call. Each change
// raises the revision in its own transaction (by triggers, so no writer can forget it); what was read under one revision
// counts until there is another, on every node. Asking for the revision costs one short read, reading anew costs several.

import { CompiledQuery } from "kysely";
import type { Db } from "./storage.ts";

/** `read`, or what it gave under the same revision. `undefined` is not remembered: strangers' tries take no memory. */
export type Remembered = <T>(key: string, read: (db: Db) => Promise<T>) => Promise<T>;

const ownValuesMax = 10_000; // Callers and services of one installation: far fewer.

/** @param valuesMax how many are kept; all are forgotten when it is reached */
export function openRemembered(db: Db, valuesMax = ownValuesMax): Remembered {
	let known = { revision: -1, values: new Map<string, unknown>() };
	return async <T>(key: string, read: (db: Db) => Promise<T>): Promise<T> => {
		const revision = await configurationRevision(db);
		if (revision !== known.revision || known.values.size >= valuesMax) {
			known = { revision, values: new Map() };
		}
		const { values } = known;
		const value = (values.get(key) as T | undefined) ?? (await read(db));
		if (value !== undefined) {
			values.set(key, value); // At least as new as the revision: a change meanwhile raised it, and the next call reads anew.
		}
		return value;
	};
}

const readRevision = CompiledQuery.raw("SELECT number FROM configuration_revision", []);

/** Rises with every committed change of what is configured. */
export async function configurationRevision(db: Db): Promise<number> {
	const { rows } = await db.executeQuery<{ number: number }>(readRevision);
	const [row] = rows;
	if (row === undefined) {
		throw new Error("The configuration's revision is missing from the database.");
	}
	return row.number;
}
