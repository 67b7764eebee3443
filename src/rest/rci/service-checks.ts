// /messagingServices/{id}/check: asks the SMS Server to try a service without sending anything, and shows the steps as they
// come in.

import { sleep } from "#platform/clock.ts";
import { askCheck, checksOf, findCheck, type ServiceCheck } from "#storage/service-checks.ts";
import { type Static, Type } from "typebox";
import { closed, idSchema, timestamp } from "../schemas.ts";
import { recordChange } from "../record-change.ts";
import { Problem } from "#platform/problems.ts";
import { type Need, type Route, route, type RouteContext } from "../route.ts";
import { serviceParams, textOrNull } from "./service-schemas.ts";
import { readService } from "./service-write.ts";

const waitSecondsMax = 25; // Below the time that any answer may take.
const lookEveryMs = 100;
const keptShown = 20;

const checkReply = Type.Object({
	id: idSchema,
	service: idSchema,
	askedAt: timestamp,
	finishedAt: textOrNull({ description: "RFC 3339, UTC; null: more steps may come." }),
	ok: Type.Boolean({ description: "Finished, and no step failed." }),
	steps: Type.Array(
		Type.Object({
			step: Type.String({
				description:
					"`address`, `dns`, `tls`, `clock`, `region`, `credentials`, `scope`, `sender`, `webhook`, `publicUrl`.",
			}),
			ok: Type.Boolean(),
			code: Type.String({ description: "Names the finding; `ok` where nothing is wrong." }),
			evidence: Type.String({ description: "What was seen, without secrets." }),
			advice: textOrNull({ description: "What to do; null: nothing." }),
		}),
	),
});

const checkQuery = Type.Object(
	{
		wait: Type.Optional(
			Type.Integer({
				minimum: 0,
				maximum: waitSecondsMax,
				description: `Seconds to wait for the end; default ${waitSecondsMax}. With 0 the answer comes at once.`,
			}),
		),
	},
	closed,
);
const checkParams = Type.Object({ id: idSchema, checkId: idSchema }, closed);

const needs = (access: Need["access"]) => ({
	who: "holders" as const,
	rights: [{ objectType: "messagingService" as const, access, on: { param: "id" } }],
});

type Ask = RouteContext<Static<typeof serviceParams>, Static<typeof checkQuery>, undefined>;

const ask = route({
	method: "POST",
	path: "/messagingServices/:id/check",
	summary: "Checks a messaging service step by step, without sending anything.",
	description:
		"Address, DNS, TLS and clock; then region, credentials, scope, sender and webhook as far as the provider tells; last, whether our public URL leads here. The first step that fails for good ends the questions behind it.",
	needs: needs("modify"),
	params: serviceParams,
	query: checkQuery,
	reply: checkReply,
	status: 200,
	async run(ctx: Ask) {
		const { deps } = ctx;
		const service = await readService(deps.storage.db, ctx.params.id);
		const id: string = deps.ids.next();
		await ctx.write(async (tx) => {
			await askCheck(tx, { id, serviceId: service.id, askedAt: deps.clock.now(), askedBy: ctx.caller().login });
			await recordChange(tx, ctx, {
				action: "check",
				objectType: "messagingService",
				objectId: service.id,
				objectName: service.name,
			});
		});
		deps.signals.nudge("checks");
		const waitMs = (ctx.query.wait ?? waitSecondsMax) * 1000;
		return { status: 200, body: toObject(await finished(ctx, id, waitMs)) };
	},
});

/** As far as it got in that time. */
async function finished({ deps }: Pick<Ask, "deps">, id: string, waitMs: number): Promise<ServiceCheck> {
	const untilMs = deps.clock.monotonicMs() + waitMs;
	for (;;) {
		const check = await findCheck(deps.storage.db, id);
		if (check === undefined) {
			throw new Problem("not_found", "The messaging service was deleted while it was checked.");
		}
		if (check.finishedAt !== null || deps.clock.monotonicMs() >= untilMs) {
			return check;
		}
		await sleep(deps.clock, lookEveryMs);
	}
}

const one = route({
	method: "GET",
	path: "/messagingServices/:id/checks/:checkId",
	summary: "Gives one check, as far as it got.",
	needs: needs("view"),
	params: checkParams,
	reply: checkReply,
	status: 200,
	async run(ctx) {
		const check = await findCheck(ctx.deps.storage.db, ctx.params.checkId);
		if (check?.serviceId !== ctx.params.id) {
			throw new Problem("not_found", "There is no such check.");
		}
		return { status: 200, body: toObject(check) };
	},
});

const list = route({
	method: "GET",
	path: "/messagingServices/:id/checks",
	summary: `Lists the last ${keptShown} checks of a messaging service, the newest first.`,
	needs: needs("view"),
	params: serviceParams,
	reply: Type.Array(checkReply),
	status: 200,
	async run(ctx) {
		const service = await readService(ctx.deps.storage.db, ctx.params.id);
		return { status: 200, body: (await checksOf(ctx.deps.storage.db, service.id, keptShown)).map(toObject) };
	},
});

type Step = { step: string; ok: boolean; code: string; evidence: string; advice: string | null };

function toObject(check: ServiceCheck) {
	const steps = check.steps as readonly Step[];
	return {
		id: check.id,
		service: check.serviceId,
		askedAt: check.askedAt.toISOString(),
		finishedAt: check.finishedAt?.toISOString() ?? null,
		ok: check.finishedAt !== null && steps.length > 0 && steps.every(({ ok }) => ok),
		steps: [...steps],
	};
}

export const serviceCheckRoutes: readonly Route[] = [ask, list, one];
