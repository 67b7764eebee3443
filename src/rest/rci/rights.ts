// The rights a user, user group or role holds itself: a list of grants, read and replaced as a whole.

import { createHash } from "node:crypto";
import { type Grant, type ObjectType, accessesOf } from "#domain/rights.ts";
import { Problem } from "#platform/problems.ts";
import { type Holder, grantsOf, replaceGrants } from "#storage/grants.ts";
import { namesOf } from "#storage/names.ts";
import type { Db } from "#storage/storage.ts";
import { lockUntilCommit } from "#storage/lock.ts";
import { objectExists } from "#storage/object-exists.ts";
import { type Static, Type } from "typebox";
import { recordChange } from "../record-change.ts";
import { type Need, type Route, route } from "../route.ts";
import { accessSchema, closed, idParams, idSchema, objectTypeSchema, orNull } from "../schemas.ts";
import { demandHeld, keepingAnAdministrator } from "./handing-out.ts";

const grantsMax = 2000;

const grant = Type.Object(
	{
		objectType: objectTypeSchema,
		objectId: orNull(idSchema),
		access: Type.Array(accessSchema, { minItems: 1, maxItems: 20, uniqueItems: true }),
	},
	{ ...closed, description: "What may be done: with one object, or with all of the type (objectId null)." },
);
const grantList = Type.Array(grant, { maxItems: grantsMax });

const kinds = [
	{ path: "/users", kind: "user", noun: "user" },
	{ path: "/userGroups", kind: "userGroup", noun: "user group" },
	{ path: "/roles", kind: "role", noun: "role" },
] as const;

export const rightsRoutes: readonly Route[] = kinds.flatMap(({ path, kind, noun }) => {
	const rights: readonly Need[] = [
		{ objectType: kind, access: "view", on: { param: "id" } },
		{ objectType: kind, access: "manageRights", on: { param: "id" } },
	];
	return [
		route({
			method: "GET",
			path: `${path}/:id/rights`,
			summary: `List the rights that a ${noun} holds itself`,
			needs: { who: "holders", rights },
			params: idParams,
			reply: grantList,
			status: 200,
			async run(ctx) {
				const { db } = ctx.deps.storage;
				await demandHolder(db, { kind, id: ctx.params.id });
				const grants = await grantsOf(db, { kind, id: ctx.params.id });
				return { status: 200, body: grants, version: versionOf(grants) };
			},
		}),
		route({
			method: "PUT",
			path: `${path}/:id/rights`,
			summary: `Replace the rights that a ${noun} holds itself`,
			description: "Nobody can add a right they do not hold, unless they may manage the rights of everybody.",
			needs: { who: "holders", rights },
			params: idParams,
			body: grantList,
			status: 204,
			async run(ctx) {
				const holder: Holder = { kind, id: ctx.params.id };
				const version = await ctx.write(async (tx) => {
					await lockUntilCommit(tx, "rights");
					const name = await demandHolder(tx, holder);
					const before = await grantsOf(tx, holder);
					ctx.demandVersion(versionOf(before));
					await demandSound(tx, ctx.body);
					const after = ctx.body.map(normalised);
					demandHeld(ctx, added(before, after));
					await keepingAnAdministrator(tx, () => replaceGrants(tx, holder, after, () => ctx.deps.ids.next()));
					await recordChange(tx, ctx, {
						action: "setRights",
						objectType: kind,
						objectId: holder.id,
						objectName: name,
						before: { rights: before },
						after: { rights: after },
					});
					return versionOf(await grantsOf(tx, holder));
				});
				if (kind === "user") {
					ctx.deps.identity.forget(holder.id);
				}
				return { status: 204, version };
			},
		}),
	];
});

/**
 * Of what the list holds, so that it also changes where a deleted object took rights along, and only then: a new name of
 * the holder is no change of its rights. 48 bits are what fits into the digits of an ETag.
 */
function versionOf(grants: readonly Grant[]): number {
	const content = JSON.stringify(grants.map(({ objectType, objectId, access }) => [objectType, objectId, access]));
	return createHash("sha256").update(content).digest().readUIntBE(0, 6);
}

async function demandHolder(db: Db, { kind, id }: Holder): Promise<string> {
	const name = (await namesOf(db, kind, [id])).get(id);
	if (name === undefined) {
		throw new Problem("not_found", "There is nobody with this id.");
	}
	return name;
}

/** In the order of the vocabulary, so that the same rights are stored and compared as the same text. */
function normalised({ objectType, objectId, access }: Static<typeof grant>): Grant {
	return { objectType, objectId, access: accessesOf[objectType].filter((one) => access.includes(one)) };
}

/** What the new list has that the old one has not. */
function added(before: readonly Grant[], after: readonly Grant[]): Grant[] {
	return after.flatMap((one) => {
		const same = before.find((old) => old.objectType === one.objectType && old.objectId === one.objectId);
		const access = one.access.filter((access) => same?.access.includes(access) !== true);
		return access.length === 0 ? [] : [{ ...one, access }];
	});
}

/** Object types of which there is one only, or whose rights are never given object by object. */
const withoutObjects: ReadonlySet<ObjectType> = new Set(["smsServer", "auditLog", "authenticationPolicy"]);

async function demandSound(db: Db, grants: readonly Grant[]): Promise<void> {
	const errors: { pointer: string; message: string }[] = [];
	const seen = new Set<string>();
	for (const [index, { objectType, objectId, access }] of grants.entries()) {
		const name = `${objectType} ${objectId ?? ""}`;
		if (access.some((one) => !accessesOf[objectType].includes(one))) {
			const message = `On a ${objectType} there are only: ${accessesOf[objectType].join(", ")}.`;
			errors.push({ pointer: `/${index}/access`, message });
		}
		if (seen.has(name)) {
			errors.push({ pointer: `/${index}`, message: "The same object is listed twice; put its accesses together." });
		}
		seen.add(name);
		if (objectId !== null && (withoutObjects.has(objectType) || !(await objectExists(db, objectType, objectId)))) {
			errors.push({ pointer: `/${index}/objectId`, message: `There is no ${objectType} with this id.` });
		}
	}
	if (errors.length > 0) {
		throw new Problem("invalid_body", "The list of rights has mistakes; nothing was changed.", errors);
	}
}
