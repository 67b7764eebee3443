// GET /messagingServices/{id}/health: how a service is doing, by what really happened to it.

import { serviceStates } from "#domain/service-state.ts";
import { dependentsOf } from "#storage/service-dependents.ts";
import { type UpkeepSeen, upkeepSeen } from "#storage/upkeep.ts";
import { refusalsSince, trafficSince } from "#storage/vitals.ts";
import { Type } from "typebox";
import { timestamp } from "../schemas.ts";
import { type Route, route } from "../route.ts";
import { judgedState } from "./service-answers.ts";
import { incomingModes, oneOf, serviceParams, textOrNull } from "./service-schemas.ts";
import { readService } from "./service-write.ts";

const hourMs = 3_600_000;
const rateHours = 1; // Of the error rate: this hour and the one before it.
const refusalDays = 7;

const timeOrNull = (description: string) => textOrNull({ description: `${description} (RFC 3339, UTC); null: never.` });
const count = (description: string) => Type.Integer({ minimum: 0, description });

const healthReply = Type.Object({
	state: oneOf(serviceStates),
	because: Type.String({ description: "Why, in a sentence." }),
	action: textOrNull({ description: "What to do; null: nothing." }),
	lastInbound: timeOrNull("When the provider's last genuine call came"),
	lastOutbound: timeOrNull("When the provider took a message last"),
	lastFault: Type.Union([Type.Object({ at: timestamp, code: Type.String(), detail: Type.String() }), Type.Null()]),
	faultsInARow: count("Attempts in a row that failed for a reason of the provider's or the configuration's."),
	upkeep: Type.Union([
		Type.Object({
			lastRound: timeOrNull("When the provider was asked last"),
			nextRound: timestamp,
			trouble: Type.Union([Type.Object({ code: Type.String(), detail: Type.String() }), Type.Null()], {
				description: "What was in the way of the last round; null: nothing.",
			}),
		}),
		Type.Null(),
	]),
	backlog: Type.Object({
		outgoing: count("Parts that wait to be sent, are being sent or are held."),
		incoming: count("Received events that are not matched yet."),
		quarantined: count("Refused requests that could still be released."),
	}),
	received: count("Messages received in this hour and the one before."),
	sent: count("Parts that the provider took in this hour and the one before."),
	errorRate: Type.Number({ minimum: 0, maximum: 1, description: "Share of attempts that failed, of the same hours." }),
	refusals: Type.Array(
		Type.Object({
			reason: Type.String({ description: "As in the quarantine." }),
			mode: oneOf(incomingModes),
			count: count("In seven days; in the modes observe and warn: what enforce would have refused."),
			lastAt: timestamp,
		}),
	),
});

export const healthRoute: Route = route({
	method: "GET",
	path: "/messagingServices/:id/health",
	summary: "Tells how a messaging service is doing.",
	description: "From what really happened, within about two seconds; green only with proof of the last day.",
	needs: { who: "holders", rights: [{ objectType: "messagingService", access: "view", on: { param: "id" } }] },
	params: serviceParams,
	reply: healthReply,
	status: 200,
	async run(ctx) {
		const { db } = ctx.deps.storage;
		const now = ctx.deps.clock.now();
		const service = await readService(db, ctx.params.id);
		const { judged, vitals } = await judgedState(db, ctx, service);
		const waiting = await dependentsOf(db, service.id);
		const traffic = await trafficSince(db, service.id, new Date(now.getTime() - rateHours * hourMs));
		const refusals = await refusalsSince(db, service.id, new Date(now.getTime() - refusalDays * 24 * hourMs));
		const attempts = traffic.sent + traffic.failed;
		return {
			status: 200,
			body: {
				...judged,
				lastInbound: vitals.lastInAt?.toISOString() ?? null,
				lastOutbound: vitals.lastOutAt?.toISOString() ?? null,
				lastFault: vitals.lastFault === null ? null : { ...vitals.lastFault, at: vitals.lastFault.at.toISOString() },
				faultsInARow: vitals.faultsInARow,
				upkeep: shownUpkeep(await upkeepSeen(db, service.id)),
				backlog: {
					outgoing: waiting.waitingParts,
					incoming: waiting.unfinishedEvents,
					quarantined: waiting.quarantined,
				},
				received: traffic.received,
				sent: traffic.sent,
				errorRate: attempts === 0 ? 0 : traffic.failed / attempts,
				refusals: refusals.map((refusal) => ({ ...refusal, lastAt: refusal.lastAt.toISOString() })),
			},
		};
	},
});

/** Null for a type that needs none, and until the first round. */
function shownUpkeep(seen: UpkeepSeen | undefined) {
	return seen === undefined
		? null
		: {
				lastRound: seen.finishedAt?.toISOString() ?? null,
				nextRound: seen.dueAt.toISOString(),
				trouble: seen.trouble,
			};
}
