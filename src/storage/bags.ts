// User groups and roles: both are named bags, so their rows are read and written by the same functions. Groups nest and
// have members; roles have holders, which are users or groups.

import { type Selectable, type SqlBool, sql } from "kysely";
import { type ListRequest, applyList } from "./list.ts";
import { isOneOf } from "./messages.ts";
import type { Tables } from "./schema.ts";
import type { Db, Tx } from "./storage.ts";

export type BagTable = "user_groups" | "roles";
export type BagFields = { name: string; description: string };
export type Bag = BagFields & { id: string; version: number; createdAt: Date; updatedAt: Date };
export type RoleHolder = { kind: "user" | "userGroup"; id: string };

export const bagColumns = { id: "id", name: "name", description: "description" } as const;

const grantNames = {
	user_groups: { holder: "userGroup", object: "userGroup" },
	roles: { holder: "role", object: "role" },
} as const;

export function nameKey(name: string): string {
	return name.normalize("NFKC").toLowerCase();
}

export async function listBags(db: Db, table: BagTable, request: ListRequest): Promise<Bag[]> {
	const rows = await applyList(db.selectFrom(table).selectAll(), request).execute();
	return rows.map(toBag);
}

export async function findBag(db: Db, table: BagTable, id: string): Promise<Bag | undefined> {
	const row = await db.selectFrom(table).selectAll().where("id", "=", id).executeTakeFirst();
	return row === undefined ? undefined : toBag(row);
}

export async function findBagByName(db: Db, table: BagTable, name: string): Promise<Bag | undefined> {
	const row = await db.selectFrom(table).selectAll().where("name_key", "=", nameKey(name)).executeTakeFirst();
	return row === undefined ? undefined : toBag(row);
}

export async function insertBag(
	tx: Tx,
	table: BagTable,
	bag: { id: string; fields: BagFields; at: Date },
): Promise<void> {
	const at = bag.at.getTime();
	await tx
		.insertInto(table)
		.values({ id: bag.id, ...toColumns(bag.fields), version: 1, created_at: at, updated_at: at })
		.execute();
}

/** False: the row has another version by now, or is gone. */
export async function updateBag(
	tx: Tx,
	table: BagTable,
	change: { id: string; version: number; fields: BagFields; at: Date },
): Promise<boolean> {
	const result = await tx
		.updateTable(table)
		.set({ ...toColumns(change.fields), version: change.version + 1, updated_at: change.at.getTime() })
		.where("id", "=", change.id)
		.where("version", "=", change.version)
		.executeTakeFirst();
	return result.numUpdatedRows === 1n;
}

export async function deleteBag(tx: Tx, table: BagTable, id: string): Promise<void> {
	const { holder, object } = grantNames[table];
	await tx.deleteFrom("grants").where("holder_kind", "=", holder).where("holder_id", "=", id).execute();
	await tx.deleteFrom("grants").where("object_type", "=", object).where("object_id", "=", id).execute();
	if (table === "user_groups") {
		await tx.deleteFrom("role_holders").where("holder_kind", "=", "userGroup").where("holder_id", "=", id).execute();
	}
	await tx.deleteFrom(table).where("id", "=", id).execute();
}

/** Direct members only. */
export async function memberIds(db: Db, groupId: string): Promise<string[]> {
	const rows = await db
		.selectFrom("user_group_members")
		.select("user_id")
		.where("group_id", "=", groupId)
		.orderBy("user_id")
		.execute();
	return rows.map((row) => row.user_id);
}

export async function groupIdsOf(db: Db, userId: string): Promise<string[]> {
	const rows = await db
		.selectFrom("user_group_members")
		.select("group_id")
		.where("user_id", "=", userId)
		.orderBy("group_id")
		.execute();
	return rows.map((row) => row.group_id);
}

/** The groups that each of these users is a direct member of, by name; one query. Keep `userIds` to a page's worth. */
export async function groupsOfUsers(
	db: Db,
	userIds: readonly string[],
): Promise<Map<string, { id: string; name: string }[]>> {
	const groups = new Map<string, { id: string; name: string }[]>();
	if (userIds.length === 0) {
		return groups;
	}
	const rows = await db
		.selectFrom("user_group_members")
		.innerJoin("user_groups", "user_groups.id", "user_group_members.group_id")
		.select(["user_group_members.user_id", "user_groups.id", "user_groups.name"])
		.where(isOneOf("user_group_members.user_id", userIds))
		.orderBy("user_groups.name_key")
		.execute();
	for (const { user_id: userId, id, name } of rows) {
		groups.set(userId, [...(groups.get(userId) ?? []), { id, name }]);
	}
	return groups;
}

export async function addMember(tx: Tx, groupId: string, userId: string): Promise<void> {
	await tx
		.insertInto("user_group_members")
		.values({ group_id: groupId, user_id: userId })
		.onConflict((conflict) => conflict.doNothing())
		.execute();
}

/** False: was no member. */
export async function removeMember(tx: Tx, groupId: string, userId: string): Promise<boolean> {
	const result = await tx
		.deleteFrom("user_group_members")
		.where("group_id", "=", groupId)
		.where("user_id", "=", userId)
		.executeTakeFirst();
	return result.numDeletedRows > 0n;
}

export async function parentIds(db: Db, groupId: string): Promise<string[]> {
	const rows = await db
		.selectFrom("user_group_parents")
		.select("parent_id")
		.where("group_id", "=", groupId)
		.orderBy("parent_id")
		.execute();
	return rows.map((row) => row.parent_id);
}

/** Groups by their parents, for a whole list at once. */
export async function parentsByGroup(db: Db): Promise<Map<string, string[]>> {
	const rows = await db.selectFrom("user_group_parents").selectAll().orderBy("parent_id").execute();
	const parents = new Map<string, string[]>();
	for (const { group_id: groupId, parent_id: parentId } of rows) {
		parents.set(groupId, [...(parents.get(groupId) ?? []), parentId]);
	}
	return parents;
}

/** Replaces the parents. The caller has asked `isOrBelow` whether a cycle would arise. */
export async function replaceParents(tx: Tx, groupId: string, parents: readonly string[]): Promise<void> {
	await tx.deleteFrom("user_group_parents").where("group_id", "=", groupId).execute();
	if (parents.length > 0) {
		await tx
			.insertInto("user_group_parents")
			.values(parents.map((parent) => ({ group_id: groupId, parent_id: parent })))
			.execute();
	}
}

/** Whether `groupId` is the group `aboveId` or one below it: making it a parent of `aboveId` would close a circle. */
export async function isOrBelow(db: Db, groupId: string, aboveId: string): Promise<boolean> {
	const { rows } = await sql<{ found: SqlBool }>`
		WITH RECURSIVE above(id) AS (
			SELECT CAST(${groupId} AS TEXT)
			UNION SELECT p.parent_id FROM user_group_parents p JOIN above ON above.id = p.group_id
		)
		SELECT 1 AS found FROM above WHERE id = ${aboveId}`.execute(db);
	return rows.length > 0;
}

export async function roleHolders(db: Db, roleId: string): Promise<RoleHolder[]> {
	const rows = await db
		.selectFrom("role_holders")
		.select(["holder_kind", "holder_id"])
		.where("role_id", "=", roleId)
		.orderBy("holder_kind")
		.orderBy("holder_id")
		.execute();
	return rows.map((row) => ({ kind: row.holder_kind, id: row.holder_id }));
}

export async function roleIdsOf(db: Db, holder: RoleHolder): Promise<string[]> {
	const rows = await db
		.selectFrom("role_holders")
		.select("role_id")
		.where("holder_kind", "=", holder.kind)
		.where("holder_id", "=", holder.id)
		.orderBy("role_id")
		.execute();
	return rows.map((row) => row.role_id);
}

export async function giveRole(tx: Tx, roleId: string, holder: RoleHolder): Promise<void> {
	await tx
		.insertInto("role_holders")
		.values({ role_id: roleId, holder_kind: holder.kind, holder_id: holder.id })
		.onConflict((conflict) => conflict.doNothing())
		.execute();
}

/** False: did not hold it. */
export async function takeRole(tx: Tx, roleId: string, holder: RoleHolder): Promise<boolean> {
	const result = await tx
		.deleteFrom("role_holders")
		.where("role_id", "=", roleId)
		.where("holder_kind", "=", holder.kind)
		.where("holder_id", "=", holder.id)
		.executeTakeFirst();
	return result.numDeletedRows > 0n;
}

function toColumns(fields: BagFields) {
	return { name: fields.name, name_key: nameKey(fields.name), description: fields.description };
}

function toBag(row: Selectable<Tables[BagTable]>): Bag {
	return {
		id: row.id,
		name: row.name,
		description: row.description,
		version: row.version,
		createdAt: new Date(row.created_at),
		updatedAt: new Date(row.updated_at),
	};
}
