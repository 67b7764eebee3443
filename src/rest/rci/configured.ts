// The routes of objects that have nothing but fields (queues, prompts, calendars, schedules, reply templates): list, create,
// read, replace, merge, delete. What differs between the kinds is data: schema, storage and rules.

import { Problem } from "#platform/problems.ts";
import type { ObjectType } from "#domain/rights.ts";
import type { Configured, ConfiguredStore } from "#storage/configured.ts";
import type { Dependent } from "#storage/queue-dependents.ts";
import type { Db, Tx } from "#storage/storage.ts";
import { isUniqueViolation } from "#storage/unique.ts";
import { type TObject, type TSchema, Type } from "typebox";
import { type ListFields, listQuery, toListRequest } from "../lists.ts";
import { recordChange } from "../record-change.ts";
import { type Answer, type AnyContext, type Need, type Needs, type Route, route } from "../route.ts";
import { allowedSchema, closed, idParams, idSchema, timestamp, toTimestamp } from "../schemas.ts";

export type ConfiguredKind<Fields extends object> = {
	objectType: ObjectType;
	path: `/${string}`;
	/** As in "There is no queue …". */
	noun: string;
	/** Every field as it may be given. */
	schema: Readonly<Record<keyof Fields & string, TSchema>>;
	/** Which of them must be given when one is made; the others have defaults. */
	required: readonly (keyof Fields & string)[];
	defaults: Fields;
	columns: ListFields;
	sort: string;
	store: ConfiguredStore<Fields>;
	/** In the audit log. */
	nameOf(fields: Fields): string;
	/** Throws a problem where a rule is broken. */
	check?(tx: Tx, object: { id: string; fields: Fields }): Promise<void>;
	/** What a broken unique rule means. */
	taken(fields: Fields): Problem;
	/** Throws a problem where something still needs it. */
	mayGo?(tx: Tx, ctx: ChangeContext, object: Configured<Fields>): Promise<void>;
	/** Deletes what is part of it. */
	takeAlong?(tx: Tx, ctx: ChangeContext, object: Configured<Fields>): Promise<void>;
	/** Objects that are there without a row: nobody reads or changes them here. What to say instead, by id. */
	builtIn?: Readonly<Record<string, string>>;
};

export type ChangeContext = Omit<AnyContext, "params" | "query" | "body">;

export function configuredRoutes<Fields extends object>(kind: ConfiguredKind<Fields>): readonly Route[] {
	const schemas = schemasOf(kind);
	return [
		listRoute(kind, schemas),
		createRoute(kind, schemas),
		readRoute(kind, schemas),
		...changeRoutes(kind, schemas),
		deleteRoute(kind),
	];
}

type Schemas = { body: TObject; patch: TObject; reply: TObject };

function schemasOf<Fields extends object>({ schema, required }: ConfiguredKind<Fields>): Schemas {
	const readOnly = Type.Optional(Type.Unknown({ readOnly: true, description: "Read-only: accepted and ignored." }));
	const ignored = { id: readOnly, allowed: readOnly, createdAt: readOnly, updatedAt: readOnly };
	const entries = Object.entries(schema) as [keyof Fields & string, TSchema][];
	const optional = Object.fromEntries(entries.map(([name, field]) => [name, Type.Optional(field)]));
	const given = Object.fromEntries(
		entries.map(([name, field]) => [name, required.includes(name) ? field : Type.Optional(field)]),
	);
	const shown = { allowed: allowedSchema, createdAt: timestamp, updatedAt: timestamp };
	return {
		body: Type.Object({ ...given, ...ignored }, closed),
		patch: Type.Object({ ...optional, ...ignored }, closed),
		reply: Type.Object({ id: idSchema, ...Object.fromEntries(entries), ...shown }, closed),
	};
}

function listRoute<Fields extends object>(kind: ConfiguredKind<Fields>, { reply }: Schemas): Route {
	return route({
		method: "GET",
		path: kind.path,
		summary: `List ${kind.noun}s`,
		needs: { who: "holders", rights: [{ objectType: kind.objectType, access: "view", on: "some" }] },
		query: listQuery(kind.columns),
		reply: Type.Array(reply),
		status: 200,
		async run(ctx) {
			const request = toListRequest(ctx.query, kind.columns, kind.sort, ctx.visible("view", kind.objectType));
			const found = await kind.store.list(ctx.deps.storage.db, request);
			return { status: 200, body: found.map((object) => toObject(ctx, kind, object)) };
		},
	});
}

function createRoute<Fields extends object>(kind: ConfiguredKind<Fields>, { body, reply }: Schemas): Route {
	return route({
		method: "POST",
		path: kind.path,
		summary: `Create a ${kind.noun}`,
		needs: { who: "holders", rights: [{ objectType: kind.objectType, access: "create", on: "every" }] },
		body,
		reply,
		status: 201,
		idempotent: true,
		async run(ctx) {
			const id = ctx.deps.ids.next<string>();
			const fields = merged(kind, kind.defaults, ctx.body);
			return ctx.write(async (tx) => {
				await kind.check?.(tx, { id, fields });
				await refusingTaken(kind, fields, () => kind.store.insert(tx, { id, fields, at: ctx.deps.clock.now() }));
				const object = await demandObject(tx, kind, id);
				await record(tx, ctx, kind, { action: "create", after: object });
				return {
					status: 201,
					location: `${kind.path}/${id}`,
					version: object.version,
					body: toObject(ctx, kind, object),
				} satisfies Answer;
			});
		},
	});
}

function readRoute<Fields extends object>(kind: ConfiguredKind<Fields>, { reply }: Schemas): Route {
	return route({
		method: "GET",
		path: `${kind.path}/:id`,
		summary: `Read a ${kind.noun}`,
		needs: { who: "holders", rights: [needOne(kind, "view")] },
		params: idParams,
		reply,
		status: 200,
		async run(ctx) {
			const object = await demandObject(ctx.deps.storage.db, kind, ctx.params.id);
			return { status: 200, version: object.version, body: toObject(ctx, kind, object) };
		},
	});
}

function changeRoutes<Fields extends object>(kind: ConfiguredKind<Fields>, schemas: Schemas): readonly Route[] {
	const needs: Needs = { who: "holders", rights: [needOne(kind, "modify")] };
	const path = `${kind.path}/:id`;
	return [
		route({
			method: "PUT",
			path,
			summary: `Replace a ${kind.noun}`,
			needs,
			params: idParams,
			body: schemas.body,
			status: 204,
			async run(ctx) {
				const { version } = await change(ctx, kind, ctx.params.id, () => merged(kind, kind.defaults, ctx.body));
				return { status: 204, version };
			},
		}),
		route({
			method: "PATCH",
			path,
			summary: `Change fields of a ${kind.noun}`,
			needs,
			params: idParams,
			body: schemas.patch,
			reply: schemas.reply,
			status: 200,
			async run(ctx) {
				const object = await change(ctx, kind, ctx.params.id, (before) => merged(kind, before, ctx.body));
				return { status: 200, version: object.version, body: toObject(ctx, kind, object) };
			},
		}),
	];
}

function deleteRoute<Fields extends object>(kind: ConfiguredKind<Fields>): Route {
	return route({
		method: "DELETE",
		path: `${kind.path}/:id`,
		summary: `Delete a ${kind.noun}`,
		needs: { who: "holders", rights: [needOne(kind, "view"), needOne(kind, "delete")] },
		params: idParams,
		status: 204,
		async run(ctx) {
			await ctx.write(async (tx) => {
				const object = await demandObject(tx, kind, ctx.params.id);
				ctx.demandVersion(object.version);
				await kind.mayGo?.(tx, ctx, object);
				await kind.takeAlong?.(tx, ctx, object);
				await removeConfigured(tx, ctx, kind, object);
			});
			return { status: 204 };
		},
	});
}

export async function removeConfigured<Fields extends object>(
	tx: Tx,
	ctx: ChangeContext,
	kind: ConfiguredKind<Fields>,
	object: Configured<Fields>,
): Promise<void> {
	await kind.store.delete(tx, object.id);
	await record(tx, ctx, kind, { action: "delete", before: object });
}

function needOne({ objectType }: { objectType: ObjectType }, access: Need["access"]): Need {
	return { objectType, access, on: { param: "id" } };
}

async function change<Fields extends object>(
	ctx: ChangeContext,
	kind: ConfiguredKind<Fields>,
	id: string,
	compute: (before: Fields) => Fields,
): Promise<Configured<Fields>> {
	return ctx.write(async (tx) => {
		const before = await demandObject(tx, kind, id);
		ctx.demandVersion(before.version);
		const fields = compute(before.fields);
		await kind.check?.(tx, { id, fields });
		const { version } = before;
		const at = ctx.deps.clock.now();
		if (!(await refusingTaken(kind, fields, () => kind.store.update(tx, { id, version, fields, at })))) {
			throw new Problem("precondition_failed", `The ${kind.noun} was changed at the same time; read it again.`);
		}
		const after = await demandObject(tx, kind, id);
		await record(tx, ctx, kind, { action: "modify", before, after });
		return after;
	});
}

/** Only the kind's own fields: what is read-only in the body is left alone. */
function merged<Fields extends object>({ schema }: ConfiguredKind<Fields>, before: Fields, body: object): Fields {
	const given = Object.entries(body).filter(([name, value]) => Object.hasOwn(schema, name) && value !== undefined);
	return { ...before, ...Object.fromEntries(given) };
}

async function demandObject<Fields extends object>(
	db: Db,
	{ store, noun, builtIn = {} }: ConfiguredKind<Fields>,
	id: string,
): Promise<Configured<Fields>> {
	const object = await store.find(db, id);
	if (object === undefined) {
		throw new Problem("not_found", builtIn[id] ?? `There is no ${noun} with this id.`);
	}
	return object;
}

async function refusingTaken<Fields extends object, T>(
	kind: ConfiguredKind<Fields>,
	fields: Fields,
	write: () => Promise<T>,
): Promise<T> {
	try {
		return await write();
	} catch (error) {
		if (isUniqueViolation(error)) {
			throw kind.taken(fields);
		}
		throw error;
	}
}

/** For kinds with unique names. */
export function takenName(): Problem {
	const message = "Another one has this name.";
	return new Problem("duplicate_name", message, [{ pointer: "/name", message }]);
}

const namedMax = 5;

/** Names only what the caller may view; the rest is counted. */
export function demandUnused(ctx: Pick<AnyContext, "visible">, noun: string, dependents: readonly Dependent[]): void {
	if (dependents.length === 0) {
		return;
	}
	const seen = dependents.filter(({ objectType, id }) => {
		const visible = ctx.visible("view", objectType);
		return visible === "every" || visible.includes(id);
	});
	const [more, unseen] = [seen.length - namedMax, dependents.length - seen.length];
	const named = [
		...seen.slice(0, namedMax).map(({ name }) => name),
		...(more > 0 ? [`${more} more`] : []),
		...(unseen > 0 ? [`${unseen} that you may not view`] : []),
	];
	throw new Problem("in_use", `This ${noun} is used by ${named.join(", ")}. Change or delete what uses it first.`);
}

export function brokenRule(pointer: string, message: string): Problem {
	return new Problem("invalid_body", message, [{ pointer, message }]);
}

function toObject<Fields extends object>(
	ctx: Pick<AnyContext, "allowed">,
	{ objectType }: ConfiguredKind<Fields>,
	{ id, fields, createdAt, updatedAt }: Configured<Fields>,
) {
	return {
		id,
		...fields,
		allowed: ctx.allowed(objectType, id),
		createdAt: toTimestamp(createdAt),
		updatedAt: toTimestamp(updatedAt),
	};
}

type Recorded<Fields> = { action: string; before?: Configured<Fields>; after?: Configured<Fields> };

function record<Fields extends object>(
	tx: Tx,
	ctx: ChangeContext,
	kind: ConfiguredKind<Fields>,
	{ action, before, after }: Recorded<Fields>,
): Promise<void> {
	const object = after ?? before;
	return recordChange(tx, ctx, {
		action,
		objectType: kind.objectType,
		objectId: object?.id ?? null,
		objectName: object === undefined ? null : kind.nameOf(object.fields),
		...(before === undefined ? {} : { before: before.fields as Record<string, unknown> }),
		...(after === undefined ? {} : { after: after.fields as Record<string, unknown> }),
	});
}
