// The second factor of a person's account: its owner enrols, renews and removes it; an administrator takes it off somebody
// who has lost the device.

import type { CodeRefusal } from "#identity/second-factors.ts";
import { Problem } from "#platform/problems.ts";
import type { User } from "#storage/people.ts";
import { deleteSecondFactor } from "#storage/second-factors.ts";
import { deleteSessions } from "#storage/sessions.ts";
import type { Tx } from "#storage/storage.ts";
import { Type } from "typebox";
import { recordChange } from "../record-change.ts";
import { type AnyContext, type Route, route } from "../route.ts";
import { closed, idParams } from "../schemas.ts";
import { demandNotAbove } from "./handing-out.ts";
import { demandCurrentPassword, tooMany } from "./me.ts";
import { demandUser } from "./users.ts";

const currentPassword = Type.String({ minLength: 1, maxLength: 512, writeOnly: true });
const code = Type.String({
	minLength: 1,
	maxLength: 64,
	writeOnly: true,
	description: "Six digits from the authenticator app, or a recovery code.",
});
const passwordAndCode = Type.Object({ currentPassword, code }, closed);
const recoveryCodes = Type.Object(
	{ recoveryCodes: Type.Array(Type.String(), { description: "Shown this once; each signs in once." }) },
	closed,
);
const own = { method: "POST", needs: { who: "signedIn" }, servesBeforeDuty: true } as const;

export const secondFactorRoutes: readonly Route[] = [
	route({
		...own,
		path: "/me/secondFactor",
		summary: "Begin to enrol a second factor",
		description: "Shown this once, and pending until it is confirmed; another call replaces it.",
		body: Type.Object({ currentPassword }, closed),
		reply: Type.Object(
			{
				secret: Type.String({ description: "Base32, to be typed into an authenticator app." }),
				otpauthUri: Type.String({ description: "The same as an address, for a QR code." }),
			},
			closed,
		),
		status: 200,
		async run(ctx) {
			await demandCurrentPassword(ctx, ctx.body.currentPassword);
			const body = await ctx.write(async (tx) => {
				const user = await demandUser(tx, ctx.caller().userId);
				demandWithout(user);
				return ctx.deps.identity.secondFactors.begin(tx, user);
			});
			return { status: 200, body };
		},
	}),
	route({
		...own,
		path: "/me/secondFactor/confirmation",
		summary: "Confirm the second factor by its first code",
		description: "It counts from now on. One's other sessions end.",
		body: Type.Object({ code }, closed),
		reply: recoveryCodes,
		status: 200,
		async run(ctx) {
			const verdict = await ctx.write(async (tx) => {
				const user = await demandUser(tx, ctx.caller().userId);
				demandWithout(user);
				const made = await ctx.deps.identity.secondFactors.confirm(tx, user, given(ctx, ctx.body.code));
				if (made.ok) {
					await endOthers(tx, ctx, user);
					await record(tx, ctx, user, { action: "enrolSecondFactor", secret: "set" });
				}
				return made;
			});
			if (!verdict.ok) {
				throw refusalOf(verdict);
			}
			return { status: 200, body: { recoveryCodes: verdict.recoveryCodes } };
		},
	}),
	route({
		...own,
		path: "/me/secondFactor/recoveryCodes",
		summary: "Make new recovery codes",
		description: "Those before them work no more.",
		body: passwordAndCode,
		reply: recoveryCodes,
		status: 200,
		async run(ctx) {
			const codes = await byPasswordAndCode(ctx, async (tx, user) => {
				const fresh = await ctx.deps.identity.secondFactors.renewRecoveryCodes(tx, user);
				await record(tx, ctx, user, { action: "renewRecoveryCodes", secret: "set" });
				return fresh;
			});
			return { status: 200, body: { recoveryCodes: codes } };
		},
	}),
	route({
		...own,
		path: "/me/secondFactor/removal",
		summary: "Remove one's own second factor",
		description: "With its recovery codes. One's other sessions end.",
		body: passwordAndCode,
		status: 204,
		async run(ctx) {
			await byPasswordAndCode(ctx, async (tx, user) => {
				await takeOff(tx, ctx, user);
				await endOthers(tx, ctx, user);
			});
			return { status: 204 };
		},
	}),
	route({
		method: "DELETE",
		path: "/users/:id/secondFactor",
		summary: "Take the second factor off a user",
		description: "For somebody who has lost the device and the recovery codes. The user's sessions end.",
		needs: { who: "holders", rights: [{ objectType: "user", access: "modify", on: { param: "id" } }] },
		params: idParams,
		status: 204,
		async run(ctx) {
			const { id } = ctx.params;
			await ctx.write(async (tx) => {
				const user = await demandUser(tx, id);
				ctx.demandVersion(user.version);
				if (ctx.caller().userId === id) {
					throw new Problem("conflict", "Your own second factor needs a code: POST /me/secondFactor/removal.");
				}
				await demandNotAbove(ctx, tx, id);
				if (user.secondFactorAt === null) {
					throw new Problem("not_found", "This user has no second factor.");
				}
				await takeOff(tx, ctx, user);
				await deleteSessions(tx, id);
			});
			ctx.deps.identity.forget(id);
			return { status: 204 };
		},
	}),
];

type Caller = Omit<AnyContext, "params" | "query" | "body">;

function demandWithout({ passwordKind, externalUser, secondFactorAt }: User): void {
	if (externalUser || passwordKind !== "person") {
		throw new Problem("conflict", "Only people who sign in with a password have a second factor.");
	}
	if (secondFactorAt !== null) {
		throw new Problem("conflict", "You have a second factor already; remove it first.");
	}
}

function given({ remoteAddress }: Caller, entered: string) {
	return { code: entered, address: remoteAddress };
}

/** The code is spent in the transaction of the change, so it works for one. */
async function byPasswordAndCode<T>(
	ctx: Caller & { body: { currentPassword: string; code: string } },
	change: (tx: Tx, user: User) => Promise<T>,
): Promise<T> {
	await demandCurrentPassword(ctx, ctx.body.currentPassword);
	const done = await ctx.write(async (tx) => {
		const user = await demandUser(tx, ctx.caller().userId);
		if (user.secondFactorAt === null) {
			throw new Problem("conflict", "You have no second factor.");
		}
		const verdict = await ctx.deps.identity.secondFactors.spend(tx, user, given(ctx, ctx.body.code));
		return verdict.ok ? { ok: true as const, value: await change(tx, user) } : verdict;
	});
	if (!done.ok) {
		throw refusalOf(done);
	}
	return done.value;
}

/** Not 401, which would tell a page that its session has ended. */
function refusalOf(refusal: CodeRefusal | { why: "nothingPending" | "changed" }): Problem {
	switch (refusal.why) {
		case "throttled":
			return tooMany("Too many wrong codes; try again later.", refusal);
		case "nothingPending":
			return new Problem("conflict", "There is nothing to confirm; begin with POST /me/secondFactor.");
		case "changed":
			return new Problem("conflict", "The account was changed at the same time; try again.");
		case "wrongSecondFactor": {
			const message = "The code is wrong, too old, or was used before; enter the one the app shows now.";
			return new Problem("invalid_body", message, [{ pointer: "/code", message }]);
		}
	}
}

async function takeOff(tx: Tx, ctx: Caller, user: User): Promise<void> {
	if (!(await deleteSecondFactor(tx, user, ctx.deps.clock.now()))) {
		throw new Problem("conflict", "The account was changed at the same time; try again.");
	}
	await record(tx, ctx, user, { action: "removeSecondFactor", secret: "not set" });
}

/** Whoever is signed in elsewhere has not shown the factor, or not this one. */
async function endOthers(tx: Tx, ctx: Caller, { id }: User): Promise<void> {
	await deleteSessions(tx, id, { except: ctx.caller().sessionId });
}

function record(
	tx: Tx,
	ctx: Caller,
	{ id, login }: User,
	{ action, secret }: { action: string; secret: "set" | "not set" },
): Promise<void> {
	const what = { action, objectType: "user", objectId: id, objectName: login };
	const field = action === "renewRecoveryCodes" ? "recoveryCodes" : "secondFactor";
	return recordChange(tx, ctx, { ...what, secretsChanged: { [field]: secret } });
}
