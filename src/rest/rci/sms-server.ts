// /smsServer: the variables of the SMS Server that an administrator may change while it runs.

import { Problem } from "#platform/problems.ts";
import { type SmsServerRead, readSmsServer, writeSmsServer } from "#storage/installation.ts";
import { Type } from "typebox";
import { recordChange } from "../record-change.ts";
import { type Need, type Route, route } from "../route.ts";

const closed = { additionalProperties: false } as const;
const on = (access: Need["access"]): Need => ({ objectType: "smsServer", access, on: "every" });

const reply = Type.Object({
	variables: Type.Object({
		useLocalHttpAuthentication: Type.Boolean({
			title: "Use Local Http Authentication",
			description:
				"Demands HTTP authentication from every provider's call, except of the types that prove themselves otherwise.",
		}),
	}),
	set: Type.Array(Type.String(), { description: "Variables set here; the others follow the settings file." }),
});

const body = Type.Object(
	{
		variables: Type.Object(
			{
				useLocalHttpAuthentication: Type.Optional(
					Type.Unsafe<boolean | null>({
						type: ["boolean", "null"],
						description: "Null: follows the settings file again.",
					}),
				),
			},
			closed,
		),
		set: Type.Optional(Type.Unknown({ readOnly: true, description: "Read-only: accepted and ignored." })),
	},
	closed,
);

const read = route({
	method: "GET",
	path: "/smsServer",
	summary: "Gives the variables of the SMS Server.",
	needs: { who: "holders", rights: [on("view")] },
	reply,
	status: 200,
	async run({ deps }) {
		return toAnswer(await readSmsServer(deps.storage.db, deps.settings));
	},
});

const merge = route({
	method: "PATCH",
	path: "/smsServer",
	summary: "Changes variables of the SMS Server; every node notices within 5 seconds.",
	needs: { who: "holders", rights: [on("modify")] },
	body,
	reply,
	status: 200,
	run: (ctx) =>
		ctx.write(async (tx) => {
			const { settings } = ctx.deps;
			const before = await readSmsServer(tx, settings);
			ctx.demandVersion(before.version);
			if (!(await writeSmsServer(tx, before.version, ctx.body.variables))) {
				throw new Problem("precondition_failed", "Somebody else changed the SMS Server at the same moment.");
			}
			const after = await readSmsServer(tx, settings);
			await recordChange(tx, ctx, {
				action: "modify",
				objectType: "smsServer",
				objectId: null,
				objectName: "SMS Server",
				before: before.variables,
				after: after.variables,
			});
			return toAnswer(after);
		}),
});

function toAnswer({ variables, set, version }: SmsServerRead) {
	return { status: 200 as const, body: { variables, set }, version };
}

export const smsServerRoutes: readonly Route[] = [read, merge];
