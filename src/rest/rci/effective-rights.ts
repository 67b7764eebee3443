// What somebody may do by all the ways it can come to them: own rights, user groups, the groups above, and roles. Told with
// where each right comes from: to oneself by GET /me, about others by GET /users/{id}/effectiveRights.

import { Problem } from "#platform/problems.ts";
import { type EffectiveGrant, grantsThrough, type Holder } from "#storage/grants.ts";
import { namesOf } from "#storage/names.ts";
import type { Db } from "#storage/storage.ts";
import { Type } from "typebox";
import { type AnyContext, type Route, route } from "../route.ts";
import { accessSchema, closed, idParams, idSchema, objectTypeSchema, orNull } from "../schemas.ts";

const source = Type.Object(
	{
		kind: Type.Unsafe<Holder["kind"]>({ type: "string", enum: ["user", "userGroup", "role"] }),
		id: idSchema,
		name: orNull(Type.String({ description: "Null: you may not view it." })),
	},
	closed,
);

export const effectiveRight = Type.Object(
	{
		objectType: objectTypeSchema,
		objectId: orNull(idSchema),
		access: Type.Array(accessSchema),
		from: source,
		through: orNull(source),
	},
	{ ...closed, description: "`from` holds the grant; `through` is the user or group that has that role." },
);

const kinds = [
	{ path: "/users", kind: "user", noun: "user", adds: "by itself, by user groups and those above them, and by roles" },
	{ path: "/userGroups", kind: "userGroup", noun: "user group", adds: "by itself, by groups above it, and by roles" },
] as const;

export const effectiveRightsRoutes: readonly Route[] = kinds.map(({ path, kind, noun, adds }) =>
	route({
		method: "GET",
		path: `${path}/:id/effectiveRights`,
		summary: `Lists every right of a ${noun}, with where it comes from`,
		description: `What it has ${adds}. For the rights that it holds itself only, see ${path}/{id}/rights.`,
		needs: { who: "holders", rights: [{ objectType: kind, access: "view", on: { param: "id" } }] },
		params: idParams,
		reply: Type.Array(effectiveRight),
		status: 200,
		async run(ctx) {
			const { db } = ctx.deps.storage;
			const holder: Holder = { kind, id: ctx.params.id };
			if (!(await namesOf(db, kind, [holder.id])).has(holder.id)) {
				throw new Problem("not_found", `There is no ${noun} with this id.`);
			}
			const body = await explained(db, await grantsThrough(db, holder), (one) => mayName(ctx, one));
			return { status: 200, body };
		},
	}),
);

function mayName(ctx: Pick<AnyContext, "may">, { kind, id }: Holder): boolean {
	return ctx.may("view", kind, { id });
}

/** @param isNamed whether the name of that holder may be told; its id always is */
export async function explained(
	db: Db,
	grants: readonly EffectiveGrant[],
	isNamed: (holder: Holder) => boolean = () => true,
) {
	const holders = grants.flatMap(({ holder, through }) => [holder, through]).filter(isNamed);
	const names = new Map<string, string>();
	for (const kind of ["user", "userGroup", "role"] as const) {
		const ids = holders.filter((holder) => holder.kind === kind).map(({ id }) => id);
		for (const [id, name] of await namesOf(db, kind, ids)) {
			names.set(id, name);
		}
	}
	const named = (holder: Holder) => ({ ...holder, name: names.get(holder.id) ?? null });
	return grants.map(({ objectType, objectId, access, holder, through }) => ({
		objectType,
		objectId,
		access,
		from: named(holder),
		through: holder.kind === "role" ? named(through) : null,
	}));
}
