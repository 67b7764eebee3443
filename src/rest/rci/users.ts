// Users: people with a logon here, and the external users that providers call in as.

import type { UserId } from "#domain/ids.ts";
import { machineSecretMac } from "#identity/tokens.ts";
import { passwordProblem } from "#platform/passwords.ts";
import { Problem } from "#platform/problems.ts";
import { newSecret } from "#platform/random.ts";
import { groupsOfUsers } from "#storage/bags.ts";
import {
	type NewPassword,
	type User,
	type UserFields,
	deleteUser,
	findUser,
	insertUser,
	listUsers,
	updateUser,
	userColumns,
} from "#storage/people.ts";
import { presentPolicy } from "#storage/authentication-policy.ts";
import { deleteSessions } from "#storage/sessions.ts";
import type { Db, Tx } from "#storage/storage.ts";
import { isUniqueViolation } from "#storage/unique.ts";
import { Type } from "typebox";
import { listQuery, toListRequest } from "../lists.ts";
import { recordChange } from "../record-change.ts";
import { type Answer, type AnyContext, type Need, type Route, route } from "../route.ts";
import { closed, idParams } from "../schemas.ts";
import { demandNotAbove, keepingAnAdministrator } from "./handing-out.ts";
import { listedUser, mergedUser, toUserObject, userBody, userPatch, userReply, wholeUser } from "./user-objects.ts";

const filters = {
	...userColumns,
	externalUser: "external_user",
	enabled: "enabled",
} as const;

const modifyOne: Need = { objectType: "user", access: "modify", on: { param: "id" } };
const viewOne: Need = { objectType: "user", access: "view", on: { param: "id" } };

export const userRoutes: readonly Route[] = [
	route({
		method: "GET",
		path: "/users",
		summary: "List users",
		needs: { who: "holders", rights: [{ objectType: "user", access: "view", on: "some" }] },
		query: listQuery(filters),
		reply: Type.Array(listedUser),
		status: 200,
		async run(ctx) {
			const request = toListRequest(
				{ ...ctx.query, ...bits(ctx.query) },
				filters,
				"firstName,surname,externalId,email,phone",
				ctx.visible("view", "user"),
			);
			return { status: 200, body: await listed(ctx, await listUsers(ctx.deps.storage.db, request)) };
		},
	}),
	route({
		method: "POST",
		path: "/users",
		summary: "Create a user",
		needs: { who: "holders", rights: [{ objectType: "user", access: "create", on: "every" }] },
		body: userBody,
		reply: userReply,
		status: 201,
		idempotent: true,
		async run(ctx) {
			const id = ctx.deps.ids.next<UserId>();
			const fields = wholeUser(ctx.body);
			const password = (await enteredPassword(ctx, ctx.body.password, passwordField(fields, false))) ?? {
				kind: "none",
			};
			return ctx.write(async (tx) => {
				await refusingTakenLogin(() => insertUser(tx, { id, fields, password, at: ctx.deps.clock.now() }));
				const user = await demandUser(tx, id);
				await recordUser(tx, ctx, { action: "create", after: user, password });
				return { status: 201, location: `/users/${id}`, ...shown(ctx, user) } satisfies Answer;
			});
		},
	}),
	route({
		method: "GET",
		path: "/users/:id",
		summary: "Read a user",
		needs: { who: "holders", rights: [viewOne] },
		params: idParams,
		reply: userReply,
		status: 200,
		async run(ctx) {
			return { status: 200, ...shown(ctx, await demandUser(ctx.deps.storage.db, ctx.params.id)) };
		},
	}),
	route({
		method: "PUT",
		path: "/users/:id",
		summary: "Replace a user",
		description: "Fields that are not sent get their default; the password stays unless one is sent.",
		needs: { who: "holders", rights: [modifyOne] },
		params: idParams,
		body: userBody,
		status: 204,
		async run(ctx) {
			const user = await changeUser(ctx, ctx.params.id, ctx.body.password, () => wholeUser(ctx.body));
			return { status: 204, version: user.version };
		},
	}),
	route({
		method: "PATCH",
		path: "/users/:id",
		summary: "Change fields of a user",
		needs: { who: "holders", rights: [modifyOne] },
		params: idParams,
		body: userPatch,
		reply: userReply,
		status: 200,
		async run(ctx) {
			const { id } = ctx.params;
			const user = await changeUser(ctx, id, ctx.body.password, (before) => mergedUser(before, ctx.body));
			return { status: 200, ...shown(ctx, user) };
		},
	}),
	route({
		method: "DELETE",
		path: "/users/:id",
		summary: "Delete a user",
		description: "With the user's sessions, API tokens, rights and memberships.",
		needs: { who: "holders", rights: [viewOne, { objectType: "user", access: "delete", on: { param: "id" } }] },
		params: idParams,
		status: 204,
		async run(ctx) {
			const { id } = ctx.params;
			await ctx.write(async (tx) => {
				const user = await demandUser(tx, id);
				ctx.demandVersion(user.version);
				await keepingAnAdministrator(tx, () => deleteUser(tx, id));
				await recordUser(tx, ctx, { action: "delete", before: user });
			});
			ctx.deps.identity.forget(id);
			return { status: 204 };
		},
	}),
	route({
		method: "POST",
		path: "/users/:id/machinePassword",
		summary: "Generate a password for an external user",
		description: "256 random bits, shown this once. The password before it stops working at once.",
		needs: { who: "holders", rights: [modifyOne] },
		params: idParams,
		reply: Type.Object({ login: Type.String(), password: Type.String() }, closed),
		status: 200,
		idempotent: true,
		answersSecret: true,
		async run(ctx) {
			const { id } = ctx.params;
			const secret = newSecret(ctx.deps.random);
			const answer = await ctx.write(async (tx) => {
				const user = await demandUser(tx, id);
				ctx.demandVersion(user.version);
				if (!user.externalUser) {
					throw new Problem("conflict", "Generated passwords are for external users; people choose their own.");
				}
				await demandNotAbove(ctx, tx, id);
				const mac = machineSecretMac(ctx.deps.mac, id, secret);
				const after = await storeUser(tx, ctx, { before: user, fields: user, password: { kind: "machine", mac } });
				return { status: 200, version: after.version, body: { login: user.login, password: secret } } satisfies Answer;
			});
			ctx.deps.identity.forget(id);
			return answer;
		},
	}),
];

async function listed(ctx: Pick<AnyContext, "deps" | "allowed" | "may">, users: readonly User[]) {
	const mayViewAny = ctx.may("view", "userGroup", "some");
	const asked = mayViewAny ? users.map(({ id }) => id) : [];
	const groups = await groupsOfUsers(ctx.deps.storage.db, asked);
	return users.map((user) => ({
		...toUserObject(ctx, user),
		userGroups: (groups.get(user.id) ?? []).filter(({ id }) => ctx.may("view", "userGroup", { id })),
	}));
}

export async function demandUser(db: Db, id: string): Promise<User> {
	const user = await findUser(db, id);
	if (user === undefined) {
		throw new Problem("not_found", "There is no user with this id.");
	}
	return user;
}

function shown(ctx: Pick<AnyContext, "allowed">, user: User) {
	return { body: toUserObject(ctx, user), version: user.version };
}

/** Filters of true/false as the table has them; other words find nothing, as everywhere. */
function bits(query: { externalUser?: string; enabled?: string }): Record<string, string> {
	const toBit = (word: string): string => (word === "true" ? "1" : word === "false" ? "0" : word);
	return Object.fromEntries(
		Object.entries({ externalUser: query.externalUser, enabled: query.enabled }).flatMap(([field, word]) =>
			word === undefined ? [] : [[field, toBit(word)]],
		),
	);
}

/** Whom it is for has not chosen it; an external user's is chosen by nobody else. */
function passwordField({ login, externalUser }: UserFields, isOwn: boolean) {
	return { login, pointer: "/password", isInitial: !isOwn && !externalUser };
}

type ChangeContext = Omit<AnyContext, "params" | "query" | "body">;

async function changeUser(
	ctx: ChangeContext,
	id: string,
	givenPassword: string | null | undefined,
	change: (before: User) => UserFields,
): Promise<User> {
	const found = await demandUser(ctx.deps.storage.db, id);
	const password = await enteredPassword(ctx, givenPassword, passwordField(change(found), ctx.caller().userId === id));
	const after = await ctx.write(async (tx) => {
		const before = await demandUser(tx, id);
		ctx.demandVersion(before.version);
		const fields = change(before);
		if (password !== undefined || fields.login !== before.login) {
			await demandNotAbove(ctx, tx, id);
		}
		return keepingAnAdministrator(tx, () => storeUser(tx, ctx, { before, fields, password }));
	});
	ctx.deps.identity.forget(id);
	return after;
}

/** Whoever is signed in as the user has to sign in anew when password, logon name or standing changed. */
export async function storeUser(
	tx: Tx,
	ctx: ChangeContext,
	change: { before: User; fields: UserFields; password: NewPassword | undefined },
): Promise<User> {
	const { before, fields, password } = change;
	const { id, version } = before;
	const at = ctx.deps.clock.now();
	const isStored = await refusingTakenLogin(() =>
		updateUser(tx, { id, version, fields, at, ...(password === undefined ? {} : { password }) }),
	);
	if (!isStored) {
		throw new Problem("precondition_failed", "The user was changed at the same time; read it again.");
	}
	if (password !== undefined || !fields.enabled || fields.externalUser || fields.login !== before.login) {
		await deleteSessions(tx, id);
	}
	const after = await demandUser(tx, id);
	await recordUser(tx, ctx, { action: "modify", before, after, ...(password === undefined ? {} : { password }) });
	return after;
}

/** Hashed before the transaction, because hashing takes time. Undefined: none was entered, the stored one stays. */
export async function enteredPassword(
	ctx: Pick<AnyContext, "deps">,
	given: string | null | undefined,
	{ login, pointer, isInitial = false }: { login: string; pointer: string; isInitial?: boolean },
): Promise<NewPassword | undefined> {
	if (given === undefined || given === null) {
		return given === null ? { kind: "none" } : undefined;
	}
	const { minimumPasswordLength } = await presentPolicy(ctx.deps.storage, ctx.deps.settings.session);
	const message = passwordProblem(given, login, minimumPasswordLength);
	if (message !== undefined) {
		throw new Problem("invalid_body", "The password cannot be used.", [{ pointer, message }]);
	}
	return { kind: "person", hash: await ctx.deps.passwords.hash(given), isInitial };
}

export async function refusingTakenLogin<T>(write: () => Promise<T>): Promise<T> {
	try {
		return await write();
	} catch (error) {
		if (isUniqueViolation(error)) {
			const message = "Another user has this logon name.";
			throw new Problem("duplicate_name", message, [{ pointer: "/login", message }]);
		}
		throw error;
	}
}

type UserChange = { action: string; before?: User; after?: User; password?: NewPassword };

export function recordUser(tx: Tx, ctx: ChangeContext, change: UserChange): Promise<void> {
	const { before, after, password } = change;
	const object = after ?? before;
	return recordChange(tx, ctx, {
		action: change.action,
		objectType: "user",
		objectId: object?.id ?? null,
		objectName: object?.login ?? null,
		...(before === undefined ? {} : { before: auditable(before) }),
		...(after === undefined ? {} : { after: auditable(after) }),
		...(password === undefined ? {} : { secretsChanged: { password: password.kind === "none" ? "not set" : "set" } }),
	});
}

function auditable(user: User): Readonly<Record<string, unknown>> {
	const { passwordChangedAt: _changedAt, passwordIsInitial: _isInitial, secondFactorAt, ...fields } = user;
	return { ...fields, secondFactor: secondFactorAt !== null };
}
