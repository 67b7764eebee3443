// Names of people's objects by their ids: for lists of members, holders and the sources of rights.

import type { HolderKind } from "./grants.ts";
import type { Db } from "./storage.ts";

/** Ids that do not exist (any more) are left out. Keep `ids` to a page's worth. */
export async function namesOf(db: Db, kind: HolderKind, ids: readonly string[]): Promise<Map<string, string>> {
	const wanted = [...new Set(ids)];
	if (wanted.length === 0) {
		return new Map();
	}
	if (kind === "user") {
		const rows = await db
			.selectFrom("users")
			.select(["id", "first_name", "surname"])
			.where("id", "in", wanted)
			.execute();
		return new Map(rows.map((row) => [row.id, `${row.first_name} ${row.surname}`]));
	}
	const table = kind === "role" ? "roles" : "user_groups";
	const rows = await db.selectFrom(table).select(["id", "name"]).where("id", "in", wanted).execute();
	return new Map(rows.map((row) => [row.id, row.name]));
}
