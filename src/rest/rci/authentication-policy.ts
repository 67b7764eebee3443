// /authenticationPolicy: what is asked of everybody who signs in. One object; every node keeps a change with its next call.

import { passwordLengthMin } from "#platform/passwords.ts";
import { Problem } from "#platform/problems.ts";
import { type AuthenticationPolicy, type PolicyRead, readPolicy, writePolicy } from "#storage/authentication-policy.ts";
import { Type } from "typebox";
import { recordChange } from "../record-change.ts";
import { type AnyContext, type Need, type Route, route } from "../route.ts";
import { closed } from "../schemas.ts";

const on = (access: Need["access"]): Need => ({ objectType: "authenticationPolicy", access, on: "every" });

type Field = keyof AuthenticationPolicy;
type Rule = { type: "integer" | "boolean" | "string"; description: string; [keyword: string]: unknown };

/** The longest times are those of the settings `session.idleMinutes` and `session.absoluteHours`. */
const fields: Readonly<Record<Field, Rule>> = {
	minimumPasswordLength: {
		type: "integer",
		minimum: 8,
		maximum: 128,
		description: `Characters of a new password. Default ${passwordLengthMin}.`,
	},
	passwordExpiryDays: {
		type: "integer",
		minimum: 0,
		maximum: 3650,
		description: "After so many days the password must be changed before anything else. 0, the default: never.",
	},
	initialPasswordMustBeChanged: {
		type: "boolean",
		description: "A person must change a password that an administrator has set. Default true.",
	},
	secondFactorRequired: {
		type: "string",
		enum: ["nobody", "administrators", "everybody"],
		description:
			"Who must enrol a second factor before anything else. Administrators are all who may change services, users, groups, roles, the SMS Server or this policy. Default nobody.",
	},
	sessionIdleMinutes: {
		type: "integer",
		minimum: 1,
		maximum: 1440,
		description: "Minutes without use after which a browser session ends. Default: the settings file.",
	},
	sessionAbsoluteHours: {
		type: "integer",
		minimum: 1,
		maximum: 168,
		description: "Hours after which a browser session ends in any case. Default: the settings file.",
	},
};

const reply = Type.Object(
	{
		...mapFields((rule) => Type.Unsafe<unknown>(rule)),
		set: Type.Array(Type.String(), { description: "Fields set here; the others have their default." }),
	},
	closed,
);

type Given = { [Name in Field]?: AuthenticationPolicy[Name] | null };

const body = Type.Unsafe<Given>(
	Type.Object(
		{
			...mapFields(({ type, ...rule }) =>
				Type.Optional(
					Type.Unsafe<unknown>({
						...rule,
						type: [type, "null"],
						...(Array.isArray(rule["enum"]) ? { enum: [...(rule["enum"] as unknown[]), null] } : {}),
					}),
				),
			),
			set: Type.Optional(Type.Unknown({ readOnly: true, description: "Read-only: accepted and ignored." })),
		},
		{ ...closed, description: "Null: the default." },
	),
);

function mapFields<T>(make: (rule: Rule) => T): Record<Field, T> {
	return Object.fromEntries(Object.entries(fields).map(([name, rule]) => [name, make(rule)])) as Record<Field, T>;
}

export const authenticationPolicyRoutes: readonly Route[] = [
	route({
		method: "GET",
		path: "/authenticationPolicy",
		summary: "Read the authentication policy",
		needs: { who: "holders", rights: [on("view")] },
		reply,
		status: 200,
		async run({ deps }) {
			return { status: 200, ...shown(await readPolicy(deps.storage.db, deps.settings.session)) };
		},
	}),
	route({
		method: "PUT",
		path: "/authenticationPolicy",
		summary: "Replace the authentication policy",
		description: "Fields that are not sent get their default.",
		needs: { who: "holders", rights: [on("modify")] },
		body,
		status: 204,
		async run(ctx) {
			const { version } = await change(ctx, () => withoutDefaults({}, ctx.body));
			return { status: 204, version };
		},
	}),
	route({
		method: "PATCH",
		path: "/authenticationPolicy",
		summary: "Change fields of the authentication policy",
		needs: { who: "holders", rights: [on("modify")] },
		body,
		reply,
		status: 200,
		async run(ctx) {
			return { status: 200, ...shown(await change(ctx, (set) => withoutDefaults(set, ctx.body))) };
		},
	}),
];

function shown({ policy, set, version }: PolicyRead) {
	return { body: { ...policy, set: Object.keys(set) }, version };
}

function withoutDefaults(before: Partial<AuthenticationPolicy>, given: Given): Partial<AuthenticationPolicy> {
	const { set: _set, ...entered } = given as Given & { set?: unknown };
	return Object.fromEntries(Object.entries({ ...before, ...entered }).filter(([, value]) => value !== null));
}

function change(
	ctx: Omit<AnyContext, "params" | "query" | "body">,
	to: (set: Partial<AuthenticationPolicy>) => Partial<AuthenticationPolicy>,
): Promise<PolicyRead> {
	const { session } = ctx.deps.settings;
	return ctx.write(async (tx) => {
		const before = await readPolicy(tx, session);
		ctx.demandVersion(before.version);
		if (!(await writePolicy(tx, before.version, to(before.set)))) {
			throw new Problem("precondition_failed", "Somebody else changed the policy at the same moment.");
		}
		const after = await readPolicy(tx, session);
		demandSound(after.policy);
		const what = { objectType: "authenticationPolicy", objectId: null, objectName: "Authentication Policy" };
		await recordChange(tx, ctx, { action: "modify", ...what, before: before.policy, after: after.policy });
		return after;
	});
}

function demandSound({ sessionIdleMinutes, sessionAbsoluteHours }: AuthenticationPolicy): void {
	if (sessionIdleMinutes > sessionAbsoluteHours * 60) {
		const message = "A session cannot be idle for longer than it may last.";
		throw new Problem("invalid_body", message, [{ pointer: "/sessionIdleMinutes", message }]);
	}
}
