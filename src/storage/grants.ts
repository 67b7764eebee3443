// Grants: what a user, group or role may do; and what counts for one user, by all the ways it can come to them.

import type { Access, Grant, ObjectType } from "#domain/rights.ts";
import { sql } from "kysely";
import type { Db, Tx } from "./storage.ts";

export type HolderKind = "user" | "userGroup" | "role";
export type Holder = { kind: HolderKind; id: string };

/** A grant and where it comes from: held by `holder`, which is the user, one of their groups, or a role `through` one. */
export type EffectiveGrant = Grant & { holder: Holder; through: Holder };

type GrantRow = { object_type: string; object_id: string; access: string };

export async function grantsOf(db: Db, holder: Holder): Promise<Grant[]> {
	const rows = await db
		.selectFrom("grants")
		.select(["object_type", "object_id", "access"])
		.where("holder_kind", "=", holder.kind)
		.where("holder_id", "=", holder.id)
		.orderBy("object_type")
		.orderBy("object_id")
		.execute();
	return rows.map(toGrant);
}

/** Replaces all grants of the holder. No object type and object may occur twice. */
export async function replaceGrants(
	tx: Tx,
	holder: Holder,
	grants: readonly Grant[],
	nextId: () => string,
): Promise<void> {
	await tx.deleteFrom("grants").where("holder_kind", "=", holder.kind).where("holder_id", "=", holder.id).execute();
	if (grants.length === 0) {
		return;
	}
	await tx
		.insertInto("grants")
		.values(
			grants.map((grant) => ({
				id: nextId(),
				holder_kind: holder.kind,
				holder_id: holder.id,
				object_type: grant.objectType,
				object_id: grant.objectId ?? "",
				access: JSON.stringify(grant.access),
			})),
		)
		.execute();
}

/** For the day an object is deleted: nobody keeps a grant on an id that no longer exists. */
export async function deleteGrantsOn(tx: Tx, objectType: ObjectType, objectId: string): Promise<void> {
	await tx.deleteFrom("grants").where("object_type", "=", objectType).where("object_id", "=", objectId).execute();
}

/** Own, by groups and the groups above them, and by roles of any of these; one query. */
export async function effectiveGrants(db: Db, userId: string): Promise<EffectiveGrant[]> {
	return grantsThrough(db, { kind: "user", id: userId });
}

/** What membership in the group, or holding the role, brings. */
export async function grantsThrough(db: Db, start: Holder): Promise<EffectiveGrant[]> {
	const groups = start.kind === "userGroup" ? start.id : "";
	const user = start.kind === "user" ? start.id : "";
	const { rows } = await sql<
		GrantRow & { holder_kind: HolderKind; holder_id: string; through_kind: HolderKind; through_id: string }
	>`
		WITH RECURSIVE groups_of(id) AS (
			SELECT group_id FROM user_group_members WHERE user_id = ${user}
			UNION SELECT id FROM user_groups WHERE id = ${groups}
			UNION SELECT p.parent_id FROM user_group_parents p JOIN groups_of ON groups_of.id = p.group_id
		), direct(kind, id) AS (
			SELECT CAST(${start.kind} AS TEXT), CAST(${start.id} AS TEXT)
			UNION SELECT 'userGroup', id FROM groups_of
		), holders(kind, id, through_kind, through_id) AS (
			SELECT kind, id, kind, id FROM direct
			UNION SELECT 'role', r.role_id, direct.kind, direct.id FROM role_holders r
				JOIN direct ON direct.kind = r.holder_kind AND direct.id = r.holder_id
		)
		SELECT g.object_type, g.object_id, g.access, g.holder_kind, g.holder_id, holders.through_kind, holders.through_id
		FROM grants g JOIN holders ON holders.kind = g.holder_kind AND holders.id = g.holder_id
		ORDER BY g.object_type, g.object_id, g.holder_kind, g.holder_id, holders.through_id`.execute(db);
	return rows.map((row) => ({
		...toGrant(row),
		holder: { kind: row.holder_kind, id: row.holder_id },
		through: { kind: row.through_kind, id: row.through_id },
	}));
}

export type HoldingUser = { id: string; login: string; externalUser: boolean; hasPersonPassword: boolean };

/** Enabled users that hold the access on every object of the type or, where given, on that one. */
export async function usersHolding(
	db: Db,
	asked: { objectType: ObjectType; access: Access; objectId?: string },
): Promise<HoldingUser[]> {
	const { rows } = await sql<{ id: string; login: string; external_user: number; with_password: number }>`
		WITH RECURSIVE strong(kind, id) AS (
			SELECT holder_kind, holder_id FROM grants WHERE object_type = ${asked.objectType}
				AND object_id IN ('', ${asked.objectId ?? ""}) AND access LIKE ${`%"${asked.access}"%`}
		), holders(kind, id) AS (
			SELECT kind, id FROM strong
			UNION SELECT r.holder_kind, r.holder_id FROM role_holders r
				JOIN strong ON strong.kind = 'role' AND strong.id = r.role_id
		), groups_below(id) AS (
			SELECT id FROM holders WHERE kind = 'userGroup'
			UNION SELECT p.group_id FROM user_group_parents p JOIN groups_below ON groups_below.id = p.parent_id
		)
		SELECT id, login, external_user, CASE WHEN password_hash IS NULL THEN 0 ELSE 1 END AS with_password FROM users
		WHERE enabled = 1 AND (
			id IN (SELECT id FROM holders WHERE kind = 'user')
			OR id IN (SELECT user_id FROM user_group_members WHERE group_id IN (SELECT id FROM groups_below))
		) ORDER BY id`.execute(db);
	return rows.map((row) => ({
		id: row.id,
		login: row.login,
		externalUser: row.external_user === 1,
		hasPersonPassword: row.with_password === 1,
	}));
}

function toGrant(row: GrantRow): Grant {
	return {
		objectType: row.object_type as ObjectType,
		objectId: row.object_id === "" ? null : row.object_id,
		access: JSON.parse(row.access) as Access[],
	};
}
