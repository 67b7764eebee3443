// Who is in which group and holds which role: sub-collections of users, groups and roles. Adding hands out rights, so
// besides the right Manage members whoever adds must hold what is handed out.

import type { Access, ObjectType } from "#domain/rights.ts";
import { Problem } from "#platform/problems.ts";
import {
	type RoleHolder,
	addMember,
	giveRole,
	groupIdsOf,
	memberIds,
	removeMember,
	roleHolders,
	roleIdsOf,
	takeRole,
} from "#storage/bags.ts";
import { type HolderKind, grantsThrough } from "#storage/grants.ts";
import { namesOf } from "#storage/names.ts";
import type { Db, Tx } from "#storage/storage.ts";
import { Type } from "typebox";
import { limitDefault, limitMax } from "../lists.ts";
import { recordChange } from "../record-change.ts";
import { type Answer, type AnyContext, type Need, type Route, route } from "../route.ts";
import { closed, idParams, idSchema } from "../schemas.ts";
import { demandHeld, keepingAnAdministrator } from "./handing-out.ts";

type Kind = HolderKind & ObjectType;

/** One sub-collection: `/users/{id}/userGroups` has owner user and member userGroup. */
type Link = {
	owner: Kind;
	member: Kind;
	summary: string;
	list(db: Db, ownerId: string): Promise<string[]>;
	/** What may be added and removed here; the others are read only. */
	change?: {
		/** The side whose Manage members is needed, and whose rights the other side gets. */
		bag: "owner" | "member";
		add(tx: Tx, ownerId: string, memberId: string): Promise<void>;
		remove(tx: Tx, ownerId: string, memberId: string): Promise<boolean>;
	};
};

const paths: Readonly<Record<Kind, string>> = { user: "/users", userGroup: "/userGroups", role: "/roles" };
const nouns: Readonly<Record<Kind, string>> = { user: "user", userGroup: "user group", role: "role" };
const containers: Readonly<Record<Kind, string>> = { user: "users", userGroup: "userGroups", role: "roles" };

const rolesOf = (kind: RoleHolder["kind"]): Pick<Link, "list" | "change"> => ({
	list: (db, id) => roleIdsOf(db, { kind, id }),
	change: {
		bag: "member",
		add: (tx, id, roleId) => giveRole(tx, roleId, { kind, id }),
		remove: (tx, id, roleId) => takeRole(tx, roleId, { kind, id }),
	},
});

const holdersOf = async (db: Db, roleId: string, kind: RoleHolder["kind"]): Promise<string[]> =>
	(await roleHolders(db, roleId)).filter((holder) => holder.kind === kind).map((holder) => holder.id);

const links: readonly Link[] = [
	{
		owner: "user",
		member: "userGroup",
		summary: "the groups a user is a direct member of",
		list: groupIdsOf,
		change: {
			bag: "member",
			add: (tx, userId, groupId) => addMember(tx, groupId, userId),
			remove: (tx, userId, groupId) => removeMember(tx, groupId, userId),
		},
	},
	{ owner: "user", member: "role", summary: "the roles given to a user directly", ...rolesOf("user") },
	{
		owner: "userGroup",
		member: "user",
		summary: "the direct members of a user group",
		list: memberIds,
		change: { bag: "owner", add: addMember, remove: removeMember },
	},
	{ owner: "userGroup", member: "role", summary: "the roles given to a user group", ...rolesOf("userGroup") },
	{
		owner: "role",
		member: "user",
		summary: "the users that hold a role directly",
		list: (db, id) => holdersOf(db, id, "user"),
	},
	{
		owner: "role",
		member: "userGroup",
		summary: "the user groups that hold a role",
		list: (db, id) => holdersOf(db, id, "userGroup"),
	},
];

const reference = Type.Object({ id: idSchema, name: Type.String() }, closed);
const memberParams = Type.Object({ id: idSchema, memberId: idSchema }, closed);
const page = Type.Object(
	{
		limit: Type.Optional(Type.Integer({ minimum: 1, maximum: limitMax, default: limitDefault })),
		offset: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000, default: 0 })),
	},
	closed,
);

export const membershipRoutes: readonly Route[] = links.flatMap((link) => [
	listRoute(link),
	readRoute(link),
	...(link.change === undefined ? [] : [addRoute(link, link.change), removeRoute(link, link.change)]),
]);

function collection(link: Link): string {
	return `${paths[link.owner]}/:id/${containers[link.member]}`;
}

function need(objectType: Kind, access: Access, on: Need["on"]): Need {
	return { objectType, access, on };
}

function listRoute(link: Link): Route {
	return route({
		method: "GET",
		path: collection(link),
		summary: `List ${link.summary}`,
		needs: {
			who: "holders",
			rights: [need(link.owner, "view", { param: "id" }), need(link.member, "view", "some")],
		},
		params: idParams,
		query: page,
		reply: Type.Array(reference),
		status: 200,
		async run(ctx) {
			const { db } = ctx.deps.storage;
			await demandThere(db, link.owner, ctx.params.id);
			const ids = await link.list(db, ctx.params.id);
			const { offset = 0, limit = limitDefault } = ctx.query;
			const shown = ids.filter((id) => ctx.may("view", link.member, { id })).slice(offset, offset + limit);
			const names = await namesOf(db, link.member, shown);
			return { status: 200, body: shown.map((id) => ({ id, name: names.get(id) ?? "" })) };
		},
	});
}

function readRoute(link: Link): Route {
	return route({
		method: "GET",
		path: `${collection(link)}/:memberId`,
		summary: `Read one of ${link.summary}`,
		needs: {
			who: "holders",
			rights: [need(link.owner, "view", { param: "id" }), need(link.member, "view", { param: "memberId" })],
		},
		params: memberParams,
		reply: reference,
		status: 200,
		async run(ctx) {
			const { db } = ctx.deps.storage;
			const { id, memberId } = ctx.params;
			if (!(await link.list(db, id)).includes(memberId)) {
				throw notLinked(link);
			}
			return { status: 200, body: { id: memberId, name: await demandThere(db, link.member, memberId) } };
		},
	});
}

function addRoute(link: Link, change: NonNullable<Link["change"]>): Route {
	return route({
		method: "POST",
		path: collection(link),
		summary: `Add to ${link.summary}`,
		needs: { who: "holders", rights: changeNeeds(link, change, "row") },
		params: idParams,
		body: Type.Object({ id: idSchema }, closed),
		reply: reference,
		status: 201,
		idempotent: true,
		async run(ctx) {
			const [ownerId, memberId] = [ctx.params.id, ctx.body.id];
			for (const { access } of changeNeeds(link, change, "row").filter(({ on }) => on === "row")) {
				ctx.demand(access, link.member, memberId);
			}
			const answer = await ctx.write(async (tx) => {
				await demandThere(tx, link.owner, ownerId);
				const name = await demandThere(tx, link.member, memberId);
				const bag = { kind: link[change.bag], id: change.bag === "owner" ? ownerId : memberId };
				demandHeld(ctx, await grantsThrough(tx, bag));
				await change.add(tx, ownerId, memberId);
				await record(tx, ctx, link, { action: "add", ownerId, memberId });
				const location = `${paths[link.owner]}/${ownerId}/${containers[link.member]}/${memberId}`;
				return { status: 201, location, body: { id: memberId, name } } satisfies Answer;
			});
			forgetUser(ctx, link, ownerId, memberId);
			return answer;
		},
	});
}

function removeRoute(link: Link, change: NonNullable<Link["change"]>): Route {
	return route({
		method: "DELETE",
		path: `${collection(link)}/:memberId`,
		summary: `Remove from ${link.summary}`,
		needs: { who: "holders", rights: changeNeeds(link, change, { param: "memberId" }) },
		params: memberParams,
		status: 204,
		async run(ctx) {
			const { id, memberId } = ctx.params;
			await ctx.write(async (tx) => {
				if (!(await keepingAnAdministrator(tx, () => change.remove(tx, id, memberId)))) {
					throw notLinked(link);
				}
				await record(tx, ctx, link, { action: "remove", ownerId: id, memberId });
			});
			forgetUser(ctx, link, id, memberId);
			return { status: 204 };
		},
	});
}

/** View of both sides and Manage members of the group or role. The original asks Delete for leaving a group; a slip. */
function changeNeeds(link: Link, { bag }: NonNullable<Link["change"]>, memberOn: Need["on"]): readonly Need[] {
	const ownerOn = { param: "id" } as const;
	return [
		need(link.owner, "view", ownerOn),
		need(link.member, "view", memberOn),
		bag === "owner" ? need(link.owner, "manageMembers", ownerOn) : need(link.member, "manageMembers", memberOn),
	];
}

/** The name of the object. */
async function demandThere(db: Db, kind: Kind, id: string): Promise<string> {
	const name = (await namesOf(db, kind, [id])).get(id);
	if (name === undefined) {
		throw new Problem("not_found", `There is no ${nouns[kind]} with this id.`);
	}
	return name;
}

function notLinked(link: Link): Problem {
	return new Problem("not_found", `This ${nouns[link.member]} is not among ${link.summary}.`);
}

type Change = { action: "add" | "remove"; ownerId: string; memberId: string };

async function record(tx: Tx, ctx: Parameters<typeof recordChange>[1], link: Link, change: Change): Promise<void> {
	const { action, ownerId, memberId } = change;
	const names = await namesOf(tx, link.owner, [ownerId]);
	const member = (await namesOf(tx, link.member, [memberId])).get(memberId);
	const entry = { [containers[link.member]]: { id: memberId, name: member } };
	await recordChange(tx, ctx, {
		action,
		objectType: link.owner,
		objectId: ownerId,
		objectName: names.get(ownerId) ?? null,
		...(action === "add" ? { after: entry } : { before: entry }),
	});
}

/** Users of a changed group are remembered for a second at most (see http-users). */
function forgetUser(ctx: Pick<AnyContext, "deps">, link: Link, ownerId: string, memberId: string): void {
	for (const [kind, id] of [
		[link.owner, ownerId],
		[link.member, memberId],
	] as const) {
		if (kind === "user") {
			ctx.deps.identity.forget(id);
		}
	}
}
