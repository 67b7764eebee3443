// Compares what was promised with what a database holds, and asks `verify` whether it is whole.

import { verify } from "#commands/verify.ts";
import { systemWith } from "#commands/system.ts";
import { readSettings, type Settings } from "#settings";
import { openStorage, type Storage } from "#storage/storage.ts";
import type { Traffic } from "./traffic.ts";

export type Findings = {
	/** Promises that were not kept: ids of webhooks and sends. */
	lost: string[];
	/** Remote ids that are there more than once, or that nobody sent. */
	wrong: string[];
	/** What `verify` or the database itself complains about. */
	broken: string[];
};

export function settingsOf(argv: readonly string[]): Settings {
	const read = readSettings({ argv: [...argv], env: {}, readFile: () => undefined });
	if (!read.ok) {
		throw new Error(read.errors.join(" "));
	}
	return read.settings;
}

/** @param before only what was promised before this moment counts */
export async function findingsIn(argv: readonly string[], traffic: Traffic, before?: bigint): Promise<Findings> {
	const settings = settingsOf(argv);
	let storage: Storage;
	try {
		storage = await openStorage(settings.database, () => undefined);
	} catch (error) {
		return { lost: [], wrong: [], broken: [`The database does not open: ${String(error)}`] };
	}
	try {
		const checks = await verify(storage, systemWith(settings));
		const broken = checks.filter(({ ok }) => !ok).map(({ check, found }) => `${check}: ${found}`);
		return { ...(await compare(storage, traffic, before)), broken };
	} catch (error) {
		return { lost: [], wrong: [], broken: [`The database does not answer: ${String(error)}`] };
	} finally {
		await storage.close();
	}
}

async function compare(storage: Storage, traffic: Traffic, before?: bigint): Promise<Omit<Findings, "broken">> {
	const rows = await storage.db.selectFrom("messages").select(["id", "direction", "remote_id"]).execute();
	const timesOf = new Map<string, number>();
	for (const { remote_id: remoteId } of rows.filter(({ direction }) => direction === "in")) {
		timesOf.set(remoteId ?? "", (timesOf.get(remoteId ?? "") ?? 0) + 1);
	}
	const sends = new Set(rows.map(({ id }) => id));
	const counts = ({ nanoseconds }: { nanoseconds: bigint }) => before === undefined || nanoseconds < before;
	const promised = traffic.acknowledged.filter(counts).filter(({ id }) => !timesOf.has(id));
	const accepted = traffic.accepted.filter(counts).filter(({ id }) => !sends.has(id));
	return {
		lost: [...promised, ...accepted].map(({ id }) => id),
		wrong: [...timesOf].filter(([id, times]) => times > 1 || !traffic.offered.has(id)).map(([id]) => id),
	};
}
