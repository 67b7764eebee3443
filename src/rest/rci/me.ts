// The caller about themselves: who am I, what may I do and why, and a new password.

import type { Duty } from "#identity/duties.ts";
import { Problem } from "#platform/problems.ts";
import { effectiveGrants } from "#storage/grants.ts";
import { updateUser } from "#storage/people.ts";
import { countRecoveryCodes } from "#storage/second-factors.ts";
import { deleteSessions } from "#storage/sessions.ts";
import { Type } from "typebox";
import { recordChange } from "../record-change.ts";
import { type AnyContext, type Route, route } from "../route.ts";
import { closed, idSchema, orNull, timestamp, toTimestamp } from "../schemas.ts";
import { effectiveRight, explained } from "./effective-rights.ts";
import { demandUser, enteredPassword } from "./users.ts";

export const meRoutes: readonly Route[] = [
	route({
		method: "GET",
		path: "/me",
		summary: "Who the caller is, and every right with where it comes from",
		needs: { who: "signedIn" },
		servesBeforeDuty: true,
		reply: Type.Object(
			{
				id: idSchema,
				login: Type.String(),
				firstName: Type.String(),
				surname: Type.String(),
				externalUser: Type.Boolean(),
				uiLanguage: orNull(Type.String()),
				timeZone: orNull(Type.String()),
				secondFactor: Type.Object(
					{ enabled: Type.Boolean(), enrolledAt: orNull(timestamp), recoveryCodesLeft: Type.Integer() },
					closed,
				),
				mustDo: orNull(
					Type.Unsafe<Duty>({
						type: "string",
						enum: ["changePassword", "enrolSecondFactor"],
						description: "Until it is done, only `/me`, `/me/password`, `/me/secondFactor` and `/sessions` are open.",
					}),
				),
				via: Type.Unsafe<"basic" | "session" | "token">({ type: "string", enum: ["basic", "session", "token"] }),
				rights: Type.Array(effectiveRight),
			},
			closed,
		),
		status: 200,
		async run(ctx) {
			const { db } = ctx.deps.storage;
			const { userId, via, mustDo } = ctx.caller();
			const user = await demandUser(db, userId);
			const rights = await explained(db, await effectiveGrants(db, userId));
			const { login, firstName, surname, externalUser, uiLanguage, timeZone } = user;
			const who = { id: userId, login, firstName, surname, externalUser, uiLanguage, timeZone };
			const secondFactor = {
				enabled: user.secondFactorAt !== null,
				enrolledAt: toTimestamp(user.secondFactorAt),
				recoveryCodesLeft: await countRecoveryCodes(db, userId),
			};
			return {
				status: 200,
				version: user.version,
				body: { ...who, secondFactor, mustDo, via, rights },
			};
		},
	}),
	route({
		method: "PUT",
		path: "/me/password",
		summary: "Change one's own password",
		description: "All of one's sessions end, this one too.",
		needs: { who: "signedIn" },
		servesBeforeDuty: true,
		body: Type.Object(
			{
				currentPassword: Type.String({ minLength: 1, maxLength: 512, writeOnly: true }),
				newPassword: Type.String({ minLength: 1, maxLength: 512, writeOnly: true }),
			},
			closed,
		),
		status: 204,
		async run(ctx) {
			const { deps, body } = ctx;
			const { userId, login } = ctx.caller();
			await demandCurrentPassword(ctx, body.currentPassword);
			demandAnother(body);
			const password = await enteredPassword(ctx, body.newPassword, { login, pointer: "/newPassword" });
			await ctx.write(async (tx) => {
				const user = await demandUser(tx, userId);
				if (user.passwordKind !== "person" || password === undefined) {
					throw new Problem("conflict", "The password of this account is generated; an administrator makes a new one.");
				}
				const { version } = user;
				if (!(await updateUser(tx, { id: userId, version, fields: user, password, at: deps.clock.now() }))) {
					throw new Problem("conflict", "The account was changed at the same time; try again.");
				}
				await deleteSessions(tx, userId);
				const what = { objectType: "user", objectId: userId, objectName: login };
				await recordChange(tx, ctx, { action: "changePassword", ...what, secretsChanged: { password: "set" } });
			});
			deps.identity.forget(userId);
			return { status: 204 };
		},
	}),
];

/** Else a password that must be changed would not be. */
function demandAnother({ currentPassword, newPassword }: { currentPassword: string; newPassword: string }): void {
	if (newPassword === currentPassword) {
		const message = "This is the present password; choose another one.";
		throw new Problem("invalid_body", message, [{ pointer: "/newPassword", message }]);
	}
}

/** Who finds an open browser must not be able to take the account over. */
export async function demandCurrentPassword(
	ctx: Pick<AnyContext, "deps" | "caller" | "remoteAddress">,
	password: string,
): Promise<void> {
	const { deps, remoteAddress } = ctx;
	const verdict = await deps.identity.logOn({ login: ctx.caller().login, password, address: remoteAddress });
	if (verdict.ok) {
		return;
	}
	if (verdict.why === "throttled") {
		throw tooMany("Too many wrong passwords; try again later.", verdict);
	}
	const message = "This is not the current password.";
	throw new Problem("invalid_body", message, [{ pointer: "/currentPassword", message }]);
}

export function tooMany(detail: string, { retryAfterSeconds }: { retryAfterSeconds: number }): Problem {
	const headers = { "retry-after": String(retryAfterSeconds) };
	return new Problem("too_many_logons", detail, undefined, { headers });
}
