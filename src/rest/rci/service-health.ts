// GET /messagingServices/{id}/health and /messagingServiceHealth: how services are doing, by what really happened to them.
// The same queries for one and for all: their number does not grow with the services.

import { nothingSeen, serviceStates, type Vitals } from "#domain/service-state.ts";
import { type Backlog, backlogs } from "#storage/service-dependents.ts";
import {
	type HourOfService,
	lastHours,
	latencies,
	type Latency,
	latencyHours,
	latencySamplesMax,
	refusalsSince,
} from "#storage/service-history.ts";
import { openService } from "#storage/service-secrets.ts";
import { listServices, type MessagingService } from "#storage/services.ts";
import { type UpkeepSeen, upkeepSeen } from "#storage/upkeep.ts";
import { type RefusalCount, vitalsOf } from "#storage/vitals.ts";
import { Type } from "typebox";
import { idSchema, timestamp } from "../schemas.ts";
import { type AnyContext, type Need, type Route, route } from "../route.ts";
import { idsOf } from "./service-answers.ts";
import { incomingModes, oneOf, serviceParams, textOrNull } from "./service-schemas.ts";
import { stateOf } from "./service-view.ts";
import { readService } from "./service-write.ts";

const hourMs = 3_600_000;
const rateHours = 2; // Of the error rate: this hour and the one before it.
const historyHours = 24;
const refusalDays = 7;

const timeOrNull = (description: string) => textOrNull({ description: `${description} (RFC 3339, UTC); null: never.` });
const count = (description: string) => Type.Integer({ minimum: 0, description });

const healthFields = {
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
	latency: Type.Union(
		[
			Type.Object({
				medianMs: count("Half of the attempts took no longer."),
				p95Ms: count("Of twenty attempts, nineteen took no longer."),
				samples: count("How many attempts this was told by."),
			}),
			Type.Null(),
		],
		{
			description: `How long the attempts took that the provider accepted in the last ${latencyHours} hours, by those among the newest ${latencySamplesMax} of all services; null: there are none.`,
		},
	),
	history: Type.Array(
		Type.Object({
			at: timestamp,
			received: count("Messages received."),
			sent: count("Parts that the provider took."),
			failed: count("Attempts that failed for a reason of the provider's or the configuration's."),
			refused: count("Calls that the door refused; in the modes observe and warn it refuses none."),
		}),
		{
			description: `Each of the last ${historyHours} hours, by its beginning; oldest first, the last one is not over.`,
		},
	),
};

const view = (on: Need["on"]): Need => ({ objectType: "messagingService", access: "view", on });
const description =
	"From what really happened, within about two seconds; green only with proof of the last day. Whether a node's breaker holds messages back at this moment is known to that node only: the state failing says that nothing gets through.";

const one = route({
	method: "GET",
	path: "/messagingServices/:id/health",
	summary: "Tells how a messaging service is doing.",
	description,
	needs: { who: "holders", rights: [view({ param: "id" })] },
	params: serviceParams,
	reply: Type.Object(healthFields),
	status: 200,
	async run(ctx) {
		const service = await readService(ctx.deps.storage.db, ctx.params.id);
		const [body] = await healthOf(ctx, [service]);
		return { status: 200, body };
	},
});

const all = route({
	method: "GET",
	path: "/messagingServiceHealth",
	summary: "Tells how each messaging service is doing that the caller may view, ordered by name.",
	description,
	needs: { who: "holders", rights: [view("some")] },
	reply: Type.Array(Type.Object({ service: idSchema, ...healthFields })),
	status: 200,
	async run(ctx) {
		const only = ctx.visible("view", "messagingService");
		return { status: 200, body: await healthOf(ctx, await listServices(ctx.deps.storage.db, { only })) };
	},
});

export const healthRoutes: readonly Route[] = [one, all];

async function healthOf({ deps }: Pick<AnyContext, "deps">, services: readonly MessagingService[]) {
	const { db } = deps.storage;
	const now = deps.clock.now();
	const ids = idsOf(services);
	const vitals = await vitalsOf(db, ids);
	const waiting = await backlogs(db, ids);
	const history = await lastHours(db, ids, now, historyHours);
	const refusals = await refusalsSince(db, ids, new Date(now.getTime() - refusalDays * 24 * hourMs));
	const upkeep = await upkeepSeen(db, ids);
	const latency = await latencies(db, now);
	return services.map((service) => {
		const { id } = service;
		const seen = vitals.get(id) ?? nothingSeen;
		return {
			service: id,
			...stateOf(service, openService(service, deps.secretBox, now), { vitals: seen, now }),
			...shownVitals(seen),
			upkeep: shownUpkeep(upkeep.get(id)),
			backlog: waiting.get(id) satisfies Backlog | undefined,
			...shownHours(history.get(id) ?? []),
			refusals: (refusals.get(id) ?? []).map(shownRefusal),
			latency: (latency.get(id) ?? null) satisfies Latency | null,
		};
	});
}

function shownVitals({ lastInAt, lastOutAt, lastFault, faultsInARow }: Vitals) {
	return {
		lastInbound: lastInAt?.toISOString() ?? null,
		lastOutbound: lastOutAt?.toISOString() ?? null,
		lastFault: lastFault === null ? null : { ...lastFault, at: lastFault.at.toISOString() },
		faultsInARow,
	};
}

function shownRefusal(refusal: RefusalCount) {
	return { ...refusal, lastAt: refusal.lastAt.toISOString() };
}

function shownHours(hours: readonly HourOfService[]) {
	const lately = hours.slice(-rateHours);
	const sum = (what: "received" | "sent" | "failed") => lately.reduce((total, hour) => total + hour[what], 0);
	const [received, sent, failed] = [sum("received"), sum("sent"), sum("failed")];
	return {
		received,
		sent,
		errorRate: sent + failed === 0 ? 0 : failed / (sent + failed),
		history: hours.map((hour) => ({ ...hour, at: hour.at.toISOString() })),
	};
}

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
