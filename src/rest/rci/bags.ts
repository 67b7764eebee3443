// User groups and roles as objects: both have a name and a description, groups have parents besides.

import {
	type Bag,
	type BagFields,
	type BagTable,
	bagColumns,
	deleteBag,
	findBag,
	insertBag,
	isOrBelow,
	listBags,
	parentIds,
	parentsByGroup,
	replaceParents,
	updateBag,
} from "#storage/bags.ts";
import { Problem } from "#platform/problems.ts";
import { grantsThrough } from "#storage/grants.ts";
import type { Db, Tx } from "#storage/storage.ts";
import { isUniqueViolation } from "#storage/unique.ts";
import { type Static, Type } from "typebox";
import { listQuery, toListRequest } from "../lists.ts";
import { recordChange } from "../record-change.ts";
import { type Answer, type AnyContext, type Need, type Needs, type Route, route } from "../route.ts";
import { allowedSchema, closed, idParams, idSchema, line, timestamp, toTimestamp } from "../schemas.ts";
import { demandHeld, keepingAnAdministrator } from "./handing-out.ts";

export type BagKind = {
	table: BagTable;
	objectType: "userGroup" | "role";
	path: "/userGroups" | "/roles";
	/** As in "There is no role …". */
	noun: string;
};

export const groupKind: BagKind = {
	table: "user_groups",
	objectType: "userGroup",
	path: "/userGroups",
	noun: "user group",
};
export const roleKind: BagKind = { table: "roles", objectType: "role", path: "/roles", noun: "role" };

const readOnly = Type.Optional(Type.Unknown({ readOnly: true, description: "Read-only: accepted and ignored." }));
const ignored = { id: readOnly, allowed: readOnly, createdAt: readOnly, updatedAt: readOnly };
const description = Type.Optional(Type.String({ maxLength: 2000, pattern: "^[^\\u0000]*$" })); // PostgreSQL has no NUL.
const parents = Type.Optional(
	Type.Array(idSchema, {
		maxItems: 100,
		uniqueItems: true,
		description: "Groups above this one (user groups only): its members have their rights too.",
	}),
);
const bagBody = Type.Object({ name: line(200), description, parents, ...ignored }, closed);
const bagPatch = Type.Object({ name: Type.Optional(line(200)), description, parents, ...ignored }, closed);
const bagReply = Type.Object(
	{
		id: idSchema,
		name: Type.String(),
		description: Type.String(),
		parents: Type.Optional(Type.Array(idSchema)),
		allowed: allowedSchema,
		createdAt: timestamp,
		updatedAt: timestamp,
	},
	closed,
);

type Entered = BagFields & { parents: readonly string[] };
type ChangeContext = Omit<AnyContext, "params" | "query" | "body">;

export function bagRoutes(kind: BagKind): readonly Route[] {
	return [listRoute(kind), createRoute(kind), readRoute(kind), ...changeRoutes(kind), deleteRoute(kind)];
}

function listRoute(kind: BagKind): Route {
	return route({
		method: "GET",
		path: kind.path,
		summary: `List ${kind.noun}s`,
		needs: { who: "holders", rights: [{ objectType: kind.objectType, access: "view", on: "some" }] },
		query: listQuery(bagColumns),
		reply: Type.Array(bagReply),
		status: 200,
		async run(ctx) {
			const { db } = ctx.deps.storage;
			const request = toListRequest(ctx.query, bagColumns, "name", ctx.visible("view", kind.objectType));
			const bags = await listBags(db, kind.table, request);
			const above = kind.objectType === "userGroup" ? await parentsByGroup(db) : new Map<string, string[]>();
			return { status: 200, body: bags.map((bag) => toObject(ctx, kind, bag, above.get(bag.id) ?? [])) };
		},
	});
}

function createRoute(kind: BagKind): Route {
	return route({
		method: "POST",
		path: kind.path,
		summary: `Create a ${kind.noun}`,
		needs: createNeeds(kind),
		body: bagBody,
		reply: bagReply,
		status: 201,
		idempotent: true,
		async run(ctx) {
			const id = ctx.deps.ids.next();
			const entered = merged({ name: "", description: "", parents: [] }, ctx.body);
			return ctx.write(async (tx) => {
				await refusingTakenName(() => insertBag(tx, kind.table, { id, fields: entered, at: ctx.deps.clock.now() }));
				await storeParents(tx, ctx, kind, { id, before: [], after: entered.parents });
				const bag = await demandBag(tx, kind, id);
				const object = toObject(ctx, kind, bag, entered.parents);
				await recordBag(tx, ctx, kind, { action: "create", after: object });
				return { status: 201, location: `${kind.path}/${id}`, version: bag.version, body: object } satisfies Answer;
			});
		},
	});
}

/** A new group may be put below others and be given rights at once, as in the original; so may whoever creates it. */
function createNeeds({ objectType }: BagKind): Needs {
	const accesses =
		objectType === "userGroup" ? (["create", "manageRights", "manageMembers"] as const) : ["create" as const];
	return { who: "holders", rights: accesses.map((access) => ({ objectType, access, on: "every" })) };
}

function readRoute(kind: BagKind): Route {
	return route({
		method: "GET",
		path: `${kind.path}/:id`,
		summary: `Read a ${kind.noun}`,
		needs: { who: "holders", rights: [needOne(kind, "view")] },
		params: idParams,
		reply: bagReply,
		status: 200,
		async run(ctx) {
			const { db } = ctx.deps.storage;
			const bag = await demandBag(db, kind, ctx.params.id);
			const body = toObject(ctx, kind, bag, await parentIds(db, bag.id));
			return { status: 200, version: bag.version, body };
		},
	});
}

function changeRoutes(kind: BagKind): readonly Route[] {
	const needs: Needs = { who: "holders", rights: [needOne(kind, "modify")] };
	const path = `${kind.path}/:id`;
	return [
		route({
			method: "PUT",
			path,
			summary: `Replace a ${kind.noun}`,
			needs,
			params: idParams,
			body: bagBody,
			status: 204,
			async run(ctx) {
				const whole = merged({ name: "", description: "", parents: [] }, ctx.body);
				const { version } = await changeBag(ctx, kind, ctx.params.id, () => whole);
				return { status: 204, version };
			},
		}),
		route({
			method: "PATCH",
			path,
			summary: `Change fields of a ${kind.noun}`,
			needs,
			params: idParams,
			body: bagPatch,
			reply: bagReply,
			status: 200,
			async run(ctx) {
				const { version, object } = await changeBag(ctx, kind, ctx.params.id, (before) => merged(before, ctx.body));
				return { status: 200, version, body: object };
			},
		}),
	];
}

function deleteRoute(kind: BagKind): Route {
	return route({
		method: "DELETE",
		path: `${kind.path}/:id`,
		summary: `Delete a ${kind.noun}`,
		description: "Those who had rights through it lose them.",
		needs: { who: "holders", rights: [needOne(kind, "view"), needOne(kind, "delete")] },
		params: idParams,
		status: 204,
		async run(ctx) {
			const { id } = ctx.params;
			await ctx.write(async (tx) => {
				const bag = await demandBag(tx, kind, id);
				ctx.demandVersion(bag.version);
				const before = toObject(ctx, kind, bag, await parentIds(tx, id));
				await keepingAnAdministrator(tx, () => deleteBag(tx, kind.table, id));
				await recordBag(tx, ctx, kind, { action: "delete", before });
			});
			return { status: 204 };
		},
	});
}

function needOne({ objectType }: BagKind, access: Need["access"]): Need {
	return { objectType, access, on: { param: "id" } };
}

async function changeBag(
	ctx: ChangeContext,
	kind: BagKind,
	id: string,
	change: (before: Entered) => Entered,
): Promise<{ version: number; object: BagObject }> {
	return ctx.write(async (tx) => {
		const before = await demandBag(tx, kind, id);
		ctx.demandVersion(before.version);
		const parentsBefore = await parentIds(tx, id);
		const entered = change({ ...before, parents: parentsBefore });
		const { version } = before;
		const isStored = await refusingTakenName(() =>
			updateBag(tx, kind.table, { id, version, fields: entered, at: ctx.deps.clock.now() }),
		);
		if (!isStored) {
			throw new Problem("precondition_failed", `The ${kind.noun} was changed at the same time; read it again.`);
		}
		await storeParents(tx, ctx, kind, { id, before: parentsBefore, after: entered.parents });
		const after = await demandBag(tx, kind, id);
		const object = toObject(ctx, kind, after, entered.parents);
		await recordBag(tx, ctx, kind, {
			action: "modify",
			before: toObject(ctx, kind, before, parentsBefore),
			after: object,
		});
		return { version: after.version, object };
	});
}

type ParentChange = { id: string; before: readonly string[]; after: readonly string[] };

/** Going below a group is becoming a member of it: it needs the same right, and hands out what the group has. */
async function storeParents(tx: Tx, ctx: ChangeContext, kind: BagKind, change: ParentChange): Promise<void> {
	const { id, before, after } = change;
	if (kind.objectType === "role") {
		refuse(after.length > 0, "Roles have no parents.");
		return;
	}
	for (const parent of after.filter((one) => !before.includes(one))) {
		ctx.demand("manageMembers", "userGroup", parent);
		refuse((await findBag(tx, "user_groups", parent)) === undefined, "There is no user group with one of these ids.");
		refuse(await isOrBelow(tx, parent, id), "A group cannot be above itself, directly or through others.");
		demandHeld(ctx, await grantsThrough(tx, { kind: "userGroup", id: parent }));
	}
	if (before.join() !== [...after].sort().join()) {
		await keepingAnAdministrator(tx, () => replaceParents(tx, id, after));
	}
}

function refuse(isBroken: boolean, message: string): void {
	if (isBroken) {
		throw new Problem("invalid_body", message, [{ pointer: "/parents", message }]);
	}
}

function merged(before: Entered, body: Static<typeof bagPatch>): Entered {
	return {
		name: body.name ?? before.name,
		description: body.description ?? before.description,
		parents: body.parents ?? before.parents,
	};
}

export async function demandBag(db: Db, kind: BagKind, id: string): Promise<Bag> {
	const bag = await findBag(db, kind.table, id);
	if (bag === undefined) {
		throw new Problem("not_found", `There is no ${kind.noun} with this id.`);
	}
	return bag;
}

async function refusingTakenName<T>(write: () => Promise<T>): Promise<T> {
	try {
		return await write();
	} catch (error) {
		if (isUniqueViolation(error)) {
			const message = "Another one has this name.";
			throw new Problem("duplicate_name", message, [{ pointer: "/name", message }]);
		}
		throw error;
	}
}

type BagObject = Static<typeof bagReply>;

function toObject(
	ctx: Pick<AnyContext, "allowed">,
	kind: BagKind,
	bag: Bag,
	parentsOfBag: readonly string[],
): BagObject {
	return {
		id: bag.id,
		name: bag.name,
		description: bag.description,
		...(kind.objectType === "userGroup" ? { parents: [...parentsOfBag] } : {}),
		allowed: ctx.allowed(kind.objectType, bag.id),
		createdAt: toTimestamp(bag.createdAt),
		updatedAt: toTimestamp(bag.updatedAt),
	};
}

type BagChange = { action: string; before?: BagObject; after?: BagObject };

function recordBag(tx: Tx, ctx: ChangeContext, kind: BagKind, change: BagChange): Promise<void> {
	const object = change.after ?? change.before;
	return recordChange(tx, ctx, {
		...change,
		objectType: kind.objectType,
		objectId: object?.id ?? null,
		objectName: object?.name ?? null,
	});
}
