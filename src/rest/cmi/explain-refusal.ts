// GET /quarantine/{id}/explanation: which known cause would make a refused request genuine. The request and the secrets are
// opened in memory for the guess; nothing of them is shown, and another service is named only to who may see it.

import { explainMismatch, type Judge, type Suspects } from "#connectors/kit/explain.ts";
import { filledSettings } from "#connectors/kit/settings-schema.ts";
import { connectorOf } from "#connectors/registry.ts";
import { sealedOf } from "#storage/quarantine-lists.ts";
import { openSealedRequest } from "#storage/sealed-requests.ts";
import { openService } from "#storage/service-secrets.ts";
import { findService, listServices, type MessagingService } from "#storage/services.ts";
import { type UpkeepClaim, upkeepStates } from "#storage/upkeep.ts";
import { publicBaseOf } from "../rci/service-answers.ts";
import { webhookUrl } from "../rci/service-view.ts";
import type { AnyContext } from "../route.ts";
import { notFound } from "./access.ts";
import { explainRefusal } from "./refusals.ts";

type Refused = { id: string; serviceId: string; reason: string; receivedAt: Date };
type Context = Pick<AnyContext, "deps" | "may">;

export type RefusalExplained = { cause: string | null; says: string; advice: string | null };

export async function explainRefused(ctx: Context, refused: Refused): Promise<RefusalExplained> {
	const unexplained = { cause: null, says: explainRefusal(refused.reason), advice: null };
	const { storage, secretBox } = ctx.deps;
	const [sealed, service] = [await sealedOf(storage.db, refused.id), await findService(storage.db, refused.serviceId)];
	if (sealed === undefined) {
		throw notFound();
	}
	const suspects = service === undefined ? undefined : await suspectsOf(ctx, service);
	if (suspects === undefined) {
		return unexplained;
	}
	const { headers, ...request } = openSealedRequest(secretBox, refused.id, sealed);
	const raw = { ...request, headers: new Headers(headers.map(([name, value]) => [name, value])) };
	return explainMismatch(raw, suspects, refused.receivedAt) ?? unexplained;
}

/** Undefined where the type has no signature that could fit. */
async function suspectsOf(ctx: Context, service: MessagingService): Promise<Suspects | undefined> {
	const { storage, clock, settings } = ctx.deps;
	const kept = await upkeepStates(storage.db);
	const judge = (one: MessagingService, at: Date, unsigned?: ReturnType<Judge>) =>
		judgeOf(ctx, { service: one, upkeep: kept.get(one.id) }, at, unsigned);
	const now = judge(service, clock.now(), { ok: true });
	const before = judge(service, new Date(0)); // Then the secret before counts, however long ago it ended.
	if (now === undefined || before === undefined) {
		return undefined;
	}
	const sameType = await listServices(storage.db, { type: service.type });
	return {
		now,
		before: [before],
		others: sameType
			.filter(({ id }) => id !== service.id)
			.flatMap((other) => {
				const itsJudge = judge(other, clock.now());
				const name = ctx.may("view", "messagingService", { id: other.id })
					? other.name
					: "of this type that is not yours";
				return itsJudge === undefined ? [] : [{ name, judge: itsJudge }];
			}),
		webhookUrl: webhookUrl(publicBaseOf(settings), service),
	};
}

const fitsNothing: ReturnType<Judge> = { ok: false, why: "mismatch" };

/**
 * @param at which secrets count: those that are valid then
 * @param unsigned what a service without a secret for signatures says
 */
function judgeOf(
	{ deps }: Context,
	{ service, upkeep }: { service: MessagingService; upkeep: UpkeepClaim["state"] | undefined },
	at: Date,
	unsigned: ReturnType<Judge> = fitsNothing,
): Judge | undefined {
	const connector = connectorOf(service.type);
	const auth = connector?.inbound.auth;
	if (connector === undefined || auth === undefined || auth.kind === "none") {
		return undefined;
	}
	const opened = openService(service, deps.secretBox, at);
	const settings = filledSettings(connector.config.form, service.settings);
	const config = connector.config.parse({ ...opened, settings, ...(upkeep === undefined ? {} : { upkeep }) });
	return (request, when) => auth.verify?.(request, config, when) ?? unsigned;
}
