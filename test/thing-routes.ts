// Routes for tests of the REST framework: things that are made, read and changed, a secret, a failure, an open door.

import { recordChange } from "#rest/record-change.ts";
import { type Answer, type Route, route } from "#rest/route.ts";
import { closed, idParams, idSchema } from "#rest/schemas.ts";
import { Type } from "typebox";
import type { RestScene } from "./rest-scene.ts";

export const thingId = "A".repeat(32);
const signedIn = { who: "signedIn" } as const;

/** Makes a thing: counts the makings in the audit log. */
const make = route({
	method: "POST",
	path: "/things",
	summary: "Make a thing",
	needs: signedIn,
	body: Type.Object(
		{ name: Type.String(), more: Type.Optional(Type.Object({ deep: Type.Boolean() }, closed)) },
		closed,
	),
	reply: Type.Object({ id: idSchema, name: Type.String() }, closed),
	status: 201,
	idempotent: true,
	run: (ctx) =>
		ctx.write(async (tx) => {
			const made = ctx.deps.ids.next<string>();
			await recordChange(tx, ctx, { action: "make", objectType: "thing", objectId: made, objectName: ctx.body.name });
			if (ctx.body.name === "fails") {
				throw new Error("a bug");
			}
			const body = { id: made, name: ctx.body.name, password: "never shown" };
			return { status: 201, location: `/things/${made}`, version: 1, body } satisfies Answer;
		}),
});
export const shown = route({
	method: "GET",
	path: "/things/:id",
	summary: "Read a thing",
	needs: signedIn,
	params: idParams,
	query: Type.Object({ count: Type.Optional(Type.Integer({ minimum: 1 })) }, closed),
	reply: Type.Object({ id: idSchema, count: Type.Optional(Type.Integer()) }, closed),
	status: 200,
	run: (ctx) => Promise.resolve({ status: 200, version: 7, body: { ...ctx.query, id: ctx.params.id, secret: "s" } }),
});
const change = route({
	method: "PUT",
	path: "/things/:id",
	summary: "Change a thing",
	needs: signedIn,
	params: idParams,
	body: Type.Object({ name: Type.String() }, closed),
	status: 204,
	run(ctx) {
		ctx.demandVersion(7);
		return Promise.resolve({ status: 204, version: 8 });
	},
});
const secret = route({
	method: "POST",
	path: "/secrets",
	summary: "Make a secret",
	needs: signedIn,
	reply: Type.Object({ secret: Type.String() }, closed),
	status: 200,
	idempotent: true,
	answersSecret: true,
	run: (ctx) => {
		const made = Buffer.from(ctx.deps.random.bytes(8)).toString("hex");
		return ctx.write(() => Promise.resolve({ status: 200, body: { secret: made } } satisfies Answer));
	},
});
const broken = route({
	method: "GET",
	path: "/broken",
	summary: "Fail",
	needs: signedIn,
	query: Type.Object({ code: Type.Integer() }, closed),
	status: 204,
	run: (ctx) => Promise.reject(Object.assign(new Error("database"), { errcode: ctx.query.code })),
});
const open = route({
	method: "GET",
	path: "/open",
	summary: "Open",
	needs: { who: "anybody", because: "a test" },
	reply: Type.Object({ known: Type.Boolean() }, closed),
	status: 200,
	run: (ctx) => Promise.resolve({ status: 200, body: { known: ctx.principal !== undefined } }),
});
export const thingRoutes: readonly Route[] = [make, shown, change, secret, broken, open];

/** How many things were made. */
export async function made(scene: RestScene): Promise<number> {
	const rows = await scene.storage.db.selectFrom("audit_log").select("seq").where("action", "=", "make").execute();
	return rows.length;
}

export function post(name: string, key?: string, headers: Record<string, string> = {}) {
	const all = { ...(key === undefined ? {} : { "idempotency-key": key }), ...headers };
	return { method: "POST", url: "/RI/rci/things", payload: { name }, headers: all } as const;
}

export async function codeOf(
	answer: Promise<{ statusCode: number; json(): { code: string } }>,
): Promise<[number, string]> {
	const { statusCode, json } = await answer;
	return [statusCode, json().code];
}
