// What went to an event subscription and what became of it, and what a person can do about it: send again, go back to a
// time, try it out, change the secret.

import { Problem } from "#platform/problems.ts";
import {
	type EventDelivery,
	findDeliveries,
	findDelivery,
	insertTestDelivery,
	resendDelivery,
} from "#storage/event-deliveries.ts";
import { toEventBody } from "#storage/events.ts";
import { type EventSubscription, goBack } from "#storage/event-subscriptions.ts";
import type { Tx } from "#storage/storage.ts";
import { cursorBefore } from "#storage/subscription-progress.ts";
import { readSealed, rotateSigningSecret } from "#storage/subscription-secrets.ts";
import { Type } from "typebox";
import { recordChange } from "../record-change.ts";
import { type Answer, type AnyContext, type Route, route } from "../route.ts";
import { notFound } from "./access.ts";
import { fromCursor, idPosition, limitDefault, linkHeaders, toCursor, toPage } from "./pages.ts";
import { demandSubscription, needsOne, newSigningSecret, objectType } from "./subscription-access.ts";
import {
	deliveriesQuery,
	deliveryParams,
	deliverySchema,
	recoverBody,
	recoverReply,
	rotationBody,
	rotationReply,
	subscriptionParams,
	testType,
} from "./subscription-schemas.ts";
import { toTime, toTimeOrNull } from "./views.ts";

const list = route({
	method: "GET",
	path: "/subscriptions/:id/deliveries",
	summary: "Lists what was sent to an event subscription, or waits to be, newest first.",
	description: "Kept as long as the events are (setting retention.eventDays).",
	needs: needsOne("view"),
	params: subscriptionParams,
	query: deliveriesQuery,
	reply: Type.Array(deliverySchema),
	status: 200,
	async run(ctx) {
		const { params, query } = ctx;
		const { db } = ctx.deps.storage;
		const { id } = await demandSubscription(db, params.id);
		const limit = query.limit ?? limitDefault;
		const after = fromCursor("deliveries", query.cursor, idPosition);
		const filter = { subscriptionId: id, state: query.state, type: query.type };
		const found = await findDeliveries(db, filter, { after, limit: limit + 1 });
		const page = toPage(found, limit, (last) => toCursor("deliveries", last.id));
		const headers = linkHeaders(ctx, `/subscriptions/${id}/deliveries`, query, page.next);
		return { status: 200, body: page.items.map(toObject), ...headers };
	},
});

const one = route({
	method: "GET",
	path: "/subscriptions/:id/deliveries/:deliveryId",
	summary: "Shows one event on its way to a subscription, with its tries.",
	needs: needsOne("view"),
	params: deliveryParams,
	reply: deliverySchema,
	status: 200,
	async run({ deps, params }) {
		const found = await findDelivery(deps.storage.db, params.id, params.deliveryId);
		if (found === undefined) {
			throw notFound();
		}
		return { status: 200, body: toObject(found) };
	},
});

const resend = route({
	method: "POST",
	path: "/subscriptions/:id/deliveries/:deliveryId/resend",
	summary: "Sends an event again that was delivered or given up, under the same webhook-id.",
	needs: needsOne("modify"),
	params: deliveryParams,
	status: 202,
	async run(ctx) {
		const { id, deliveryId } = ctx.params;
		await ctx.write(async (tx) => {
			const subscription = await demandSubscription(tx, id);
			const delivery = await findDelivery(tx, id, deliveryId);
			if (delivery === undefined) {
				throw notFound();
			}
			if (delivery.event !== null) {
				demandEnabled(subscription);
			}
			if (!(await resendDelivery(tx, id, deliveryId, ctx.deps.clock.now()))) {
				throw new Problem("conflict", "It still waits, and is tried by itself.");
			}
			await record(tx, ctx, subscription, { action: "resend", after: { delivery: deliveryId } });
		});
		ctx.deps.signals.nudge("eventDeliveries");
		return { status: 202 };
	},
});

const recover = route({
	method: "POST",
	path: "/subscriptions/:id/recover",
	summary: "Goes back to a time: sends what happened since then and was not delivered.",
	description:
		"Events that were given up, or happened while the subscription was disabled or did not ask for them, as far as the ledger is kept and as the subscription is now. What was delivered is not sent again.",
	needs: needsOne("modify"),
	params: subscriptionParams,
	body: recoverBody,
	reply: recoverReply,
	status: 202,
	async run(ctx) {
		const at = new Date(ctx.body.since);
		if (Number.isNaN(at.getTime())) {
			throw brokenSince("must be a date and time that exists");
		}
		if (at > ctx.deps.clock.now()) {
			throw brokenSince("must not lie ahead");
		}
		const back = await ctx.write(async (tx) => {
			const subscription = await demandSubscription(tx, ctx.params.id);
			demandEnabled(subscription);
			const cursor = await cursorBefore(tx, ctx.deps.storage.dialect, at);
			const wentBack = cursor !== undefined && (await goBack(tx, subscription.id, { cursor, at }));
			await record(tx, ctx, subscription, { action: "recover", after: { since: toTime(at) } });
			return wentBack;
		});
		ctx.deps.signals.nudge("events");
		return { status: 202, body: { since: toTime(at), back } };
	},
});

function brokenSince(message: string): Problem {
	return new Problem("invalid_body", `since ${message}`, [{ pointer: "/since", message }]);
}

const test = route({
	method: "POST",
	path: "/subscriptions/:id/test",
	summary: "Sends an event of the type subscription.test, once; its delivery tells what came of it.",
	description: "Also to a subscription that is disabled. Changes nothing about it.",
	needs: needsOne("modify"),
	params: subscriptionParams,
	reply: deliverySchema,
	status: 202,
	async run(ctx) {
		const { ids, clock } = ctx.deps;
		const delivery = await ctx.write(async (tx) => {
			const subscription = await demandSubscription(tx, ctx.params.id);
			const made = { id: ids.next<string>(), subscriptionId: subscription.id, type: testType, at: clock.now() };
			const body = toEventBody(testType, made.at, { subscription: subscription.id });
			await insertTestDelivery(tx, { ...made, body });
			await record(tx, ctx, subscription, { action: "test", after: { delivery: made.id } });
			return findDelivery(tx, subscription.id, made.id);
		});
		ctx.deps.signals.nudge("eventDeliveries");
		return delivery === undefined ? { status: 202 } : { status: 202, body: toObject(delivery) };
	},
});

const hourMs = 3_600_000;
const previousHoursUsual = 24;

const rotate = route({
	method: "POST",
	path: "/subscriptions/:id/rotateSecret",
	summary: "Makes another secret and shows it once. For a while the one before signs as well.",
	needs: needsOne("modify"),
	params: subscriptionParams,
	body: rotationBody,
	reply: rotationReply,
	status: 200,
	idempotent: true,
	answersSecret: true,
	async run(ctx) {
		const { clock, random, secretBox } = ctx.deps;
		const hours = ctx.body?.previousHours ?? previousHoursUsual;
		return ctx.write(async (tx) => {
			const subscription = await demandSubscription(tx, ctx.params.id);
			ctx.demandVersion(subscription.version);
			const sealed = await readSealed(tx, subscription.id);
			if (sealed === undefined) {
				throw notFound();
			}
			const at = clock.now();
			const secret = newSigningSecret(random);
			const previousUntil = hours === 0 ? null : new Date(at.getTime() + hours * hourMs);
			await rotateSigningSecret(tx, secretBox, sealed, { secret, previousUntil, at });
			await record(tx, ctx, subscription, { action: "rotateSecret", secretsChanged: { secret: "set" } });
			const body = { secret, previousSecretUntil: toTimeOrNull(previousUntil) };
			return { status: 200, version: subscription.version + 1, body } satisfies Answer;
		});
	},
});

function demandEnabled({ enabled }: EventSubscription): void {
	if (!enabled) {
		throw new Problem("conflict", "The subscription is disabled; enable it first.");
	}
}

type Recorded = {
	action: string;
	after?: Readonly<Record<string, unknown>>;
	secretsChanged?: Readonly<Record<string, "set">>;
};

function record(
	tx: Tx,
	ctx: Pick<AnyContext, "deps" | "principal" | "via">,
	{ id, name }: EventSubscription,
	change: Recorded,
): Promise<void> {
	return recordChange(tx, ctx, { ...change, objectType, objectId: id, objectName: name });
}

function toObject(delivery: EventDelivery) {
	const { id, event, type, state, reason } = delivery;
	return {
		id,
		event,
		type,
		eventAt: toTime(delivery.eventAt),
		state,
		nextTryAt: state === "pending" ? toTime(delivery.notBefore) : null,
		reason,
		attempts: delivery.attempts.map((attempt) => ({ ...attempt })),
		createdAt: toTime(delivery.createdAt),
	};
}

export const subscriptionDeliveryRoutes: readonly Route[] = [list, one, resend, recover, test, rotate];
