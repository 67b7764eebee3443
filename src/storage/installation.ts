// Facts of the whole installation that an administrator may change: the SMS Server's variables. What nobody set comes
// from the settings file.

import type { Db, Tx } from "./storage.ts";

export type SmsServerVariables = {
	/** Demands HTTP authentication from every provider's call except of the types that prove themselves otherwise. */
	useLocalHttpAuthentication: boolean;
};

const prefix = "smsServer.";
const versionName = `${prefix}version`;

export async function smsServerVariables(db: Db, defaults: SmsServerVariables): Promise<SmsServerVariables> {
	return (await readSmsServer(db, defaults)).variables;
}

export type SmsServerRead = {
	variables: SmsServerVariables;
	/** Those that were set here; the others follow the settings file. */
	set: readonly (keyof SmsServerVariables)[];
	/** Rises with every change; 0 before the first. */
	version: number;
};

export async function readSmsServer(db: Db, defaults: SmsServerVariables): Promise<SmsServerRead> {
	const rows = await db
		.selectFrom("installation")
		.select(["name", "value"])
		.where("name", "like", `${prefix}%`)
		.execute();
	const stored = new Map(rows.map(({ name, value }) => [name.slice(prefix.length), value]));
	const useLocal = stored.get("useLocalHttpAuthentication");
	return {
		variables: {
			useLocalHttpAuthentication: useLocal === undefined ? defaults.useLocalHttpAuthentication : useLocal === "true",
		},
		set: useLocal === undefined ? [] : ["useLocalHttpAuthentication"],
		version: Number(stored.get("version") ?? 0),
	};
}

/** A value null follows the settings file again. False: somebody else changed them since `version`. */
export async function writeSmsServer(
	tx: Tx,
	version: number,
	changes: { [Name in keyof SmsServerVariables]?: SmsServerVariables[Name] | null },
): Promise<boolean> {
	if (!(await raiseVersion(tx, version))) {
		return false;
	}
	for (const [name, value] of Object.entries(changes)) {
		await tx
			.deleteFrom("installation")
			.where("name", "=", prefix + name)
			.execute();
		if (value !== null) {
			await tx
				.insertInto("installation")
				.values({ name: prefix + name, value: String(value) })
				.execute();
		}
	}
	return true;
}

async function raiseVersion(tx: Tx, version: number): Promise<boolean> {
	const value = String(version + 1);
	if (version === 0) {
		const made = await tx
			.insertInto("installation")
			.values({ name: versionName, value })
			.onConflict((conflict) => conflict.column("name").doNothing())
			.returning("name")
			.executeTakeFirst();
		return made !== undefined;
	}
	const { numUpdatedRows } = await tx
		.updateTable("installation")
		.set({ value })
		.where("name", "=", versionName)
		.where("value", "=", String(version))
		.executeTakeFirstOrThrow();
	return numUpdatedRows === 1n;
}
