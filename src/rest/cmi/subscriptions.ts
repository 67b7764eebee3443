// /subscriptions: event webhooks. What happens in the ledger is sent, signed, to the addresses of those who subscribed.

import { Problem } from "#platform/problems.ts";
import {
	countSubscriptions,
	deleteSubscription,
	type EventSubscription,
	insertSubscription,
	listSubscriptions,
	subscriptionColumns,
	type SubscriptionFields,
	updateSubscription,
} from "#storage/event-subscriptions.ts";
import { lockUntilCommit } from "#storage/lock.ts";
import type { Tx } from "#storage/storage.ts";
import { type SubscriptionProgress, subscriptionsProgress } from "#storage/subscription-progress.ts";
import { sealSigningSecret } from "#storage/subscription-secrets.ts";
import { isUniqueViolation } from "#storage/unique.ts";
import { Type } from "typebox";
import { listQuery, toListRequest } from "../lists.ts";
import { recordChange } from "../record-change.ts";
import { type Answer, type AnyContext, type Route, route } from "../route.ts";
import { demandSubscription, needsOne, newSigningSecret, objectType } from "./subscription-access.ts";
import { subscriptionDeliveryRoutes } from "./subscription-deliveries.ts";
import {
	newSubscriptionReply,
	subscriptionBody,
	subscriptionParams,
	type SubscriptionPatch,
	subscriptionPatch,
	subscriptionReply,
	subscriptionsMax,
} from "./subscription-schemas.ts";
import { newSubscription, planSubscription } from "./subscription-write.ts";
import { toTime, toTimeOrNull } from "./views.ts";

const list = route({
	method: "GET",
	path: "/subscriptions",
	summary: "Lists the event subscriptions the caller may view.",
	needs: { who: "holders", rights: [{ objectType, access: "view", on: "some" }] },
	query: listQuery(subscriptionColumns),
	reply: Type.Array(subscriptionReply),
	status: 200,
	async run(ctx) {
		const { db } = ctx.deps.storage;
		const request = toListRequest(ctx.query, subscriptionColumns, "name", ctx.visible("view", objectType));
		const found = await listSubscriptions(db, request);
		const progress = await subscriptionsProgress(db);
		return { status: 200, body: found.map((one) => toObject(ctx, one, progress.get(one.id))) };
	},
});

const create = route({
	method: "POST",
	path: "/subscriptions",
	summary: "Makes an event subscription, which hears of what happens from now on.",
	description:
		"Each event is sent by POST as {type, timestamp, data}, where data is what GET /events tells of it: ids, states and codes, never texts or addresses. Signed after Standard Webhooks: webhook-id (the same at every try), webhook-timestamp, webhook-signature. Any 2xx takes it. Else it is tried again with growing waits for three days; Retry-After is obeyed; 410 ends the subscription. One event at a time, in the order of events; one that failed steps aside, so compare data.id where the order matters. Whoever gives the address is the owner: only what they may read is sent.",
	needs: { who: "holders", rights: [{ objectType, access: "create", on: "every" }] },
	body: subscriptionBody,
	reply: newSubscriptionReply,
	status: 201,
	idempotent: true,
	answersSecret: true,
	async run(ctx) {
		const { ids, random, secretBox, clock, storage } = ctx.deps;
		const id = ids.next<string>();
		const secret = newSigningSecret(random);
		return ctx.write(async (tx) => {
			await demandRoom(tx);
			const planned = await planSubscription(tx, ctx, {
				id,
				before: undefined,
				base: newSubscription,
				body: ctx.body,
			});
			const made = { id, ...planned, secret: sealSigningSecret(secretBox, id, secret), at: clock.now() };
			await refusingTakenName(() => insertSubscription(tx, storage.dialect, made));
			const stored = await demandSubscription(tx, id);
			await record(tx, ctx, { action: "create", after: stored, secretsChanged: secretsOf(ctx.body, true) });
			const body = { ...toObject(ctx, stored, undefined), secret };
			return { status: 201, location: `/subscriptions/${id}`, version: stored.version, body } satisfies Answer;
		});
	},
});

const read = route({
	method: "GET",
	path: "/subscriptions/:id",
	summary: "Shows an event subscription. Its secret and the values of its headers are never shown.",
	needs: needsOne("view"),
	params: subscriptionParams,
	reply: subscriptionReply,
	status: 200,
	async run(ctx) {
		const { db } = ctx.deps.storage;
		const found = await demandSubscription(db, ctx.params.id);
		const progress = await subscriptionsProgress(db);
		return { status: 200, version: found.version, body: toObject(ctx, found, progress.get(found.id)) };
	},
});

const replace = route({
	method: "PUT",
	path: "/subscriptions/:id",
	summary: "Replaces an event subscription; a header without a value keeps the stored one.",
	description: "Whoever changes the address or gives values of headers becomes the owner.",
	needs: needsOne("modify"),
	params: subscriptionParams,
	body: subscriptionBody,
	status: 204,
	async run(ctx) {
		const { version } = await change(ctx, ctx.params.id, ctx.body, () => newSubscription);
		return { status: 204, version };
	},
});

const merge = route({
	method: "PATCH",
	path: "/subscriptions/:id",
	summary: "Changes the given fields of an event subscription; a list of headers is the whole list.",
	description: "Whoever changes the address or gives values of headers becomes the owner.",
	needs: needsOne("modify"),
	params: subscriptionParams,
	body: subscriptionPatch,
	reply: subscriptionReply,
	status: 200,
	async run(ctx) {
		const after = await change(ctx, ctx.params.id, ctx.body, (before) => before);
		const progress = await subscriptionsProgress(ctx.deps.storage.db);
		return { status: 200, version: after.version, body: toObject(ctx, after, progress.get(after.id)) };
	},
});

const remove = route({
	method: "DELETE",
	path: "/subscriptions/:id",
	summary: "Deletes an event subscription, with what waits for it.",
	needs: needsOne("view", "delete"),
	params: subscriptionParams,
	status: 204,
	async run(ctx) {
		await ctx.write(async (tx) => {
			const before = await demandSubscription(tx, ctx.params.id);
			ctx.demandVersion(before.version);
			await deleteSubscription(tx, before.id);
			await record(tx, ctx, { action: "delete", before });
		});
		return { status: 204 };
	},
});

type ChangeContext = Omit<AnyContext, "params" | "query" | "body">;

function change(
	ctx: ChangeContext,
	id: string,
	body: SubscriptionPatch,
	baseOf: (before: EventSubscription) => SubscriptionFields,
): Promise<EventSubscription> {
	return ctx.write(async (tx) => {
		const before = await demandSubscription(tx, id);
		ctx.demandVersion(before.version);
		const planned = await planSubscription(tx, ctx, { id, before, base: baseOf(before), body });
		const at = ctx.deps.clock.now();
		const { dialect } = ctx.deps.storage;
		if (!(await refusingTakenName(() => updateSubscription(tx, dialect, { before, ...planned, at })))) {
			throw new Problem("precondition_failed", "The subscription was changed at the same time; read it again.");
		}
		const after = await demandSubscription(tx, id);
		await record(tx, ctx, { action: "modify", before, after, secretsChanged: secretsOf(body, false) });
		return after;
	});
}

/** Each reads the ledger for itself. */
async function demandRoom(tx: Tx): Promise<void> {
	await lockUntilCommit(tx, "subscriptions");
	if ((await countSubscriptions(tx)) >= subscriptionsMax) {
		throw new Problem("conflict", `There are ${subscriptionsMax} event subscriptions, and more are not allowed.`);
	}
}

async function refusingTakenName<T>(write: () => Promise<T>): Promise<T> {
	try {
		return await write();
	} catch (error) {
		if (isUniqueViolation(error)) {
			const message = "Another one has this name.";
			throw new Problem("duplicate_name", message, [{ pointer: "/name", message }]);
		}
		throw error;
	}
}

function toObject(
	ctx: Pick<AnyContext, "allowed">,
	subscription: EventSubscription,
	progress: SubscriptionProgress | undefined,
) {
	const { id, version: _version, ...fields } = subscription;
	return {
		id,
		...toShown(fields),
		disabledReason: fields.disabledReason,
		previousSecretUntil: toTimeOrNull(fields.previousSecretUntil),
		failingSince: toTimeOrNull(progress?.failingSince ?? null),
		lastDeliveredAt: toTimeOrNull(progress?.deliveredAt ?? null),
		waiting: progress?.waiting ?? 0,
		allowed: ctx.allowed(objectType, id),
		createdAt: toTime(fields.createdAt),
		updatedAt: toTime(fields.updatedAt),
	};
}

function toShown(fields: Omit<EventSubscription, "id" | "version">) {
	return {
		name: fields.name,
		url: fields.url,
		events: [...fields.events],
		services: [...fields.serviceIds],
		queues: [...fields.queueIds],
		enabled: fields.enabled,
		headers: fields.headerNames.map((name) => ({ name })),
		owner: fields.ownerId,
	};
}

function secretsOf({ headers = [] }: SubscriptionPatch, isNew: boolean): Readonly<Record<string, "set">> {
	return {
		...(isNew ? { secret: "set" as const } : {}),
		...(headers.some(({ value }) => value !== undefined) ? { headerValues: "set" as const } : {}),
	};
}

type Recorded = {
	action: string;
	before?: EventSubscription;
	after?: EventSubscription;
	secretsChanged?: Readonly<Record<string, "set">>;
};

async function record(tx: Tx, ctx: ChangeContext, { before, after, ...what }: Recorded): Promise<void> {
	await recordChange(tx, ctx, {
		...what,
		objectType,
		objectId: (after ?? before)?.id ?? null,
		objectName: (after ?? before)?.name ?? null,
		...(before === undefined ? {} : { before: toShown(before) }),
		...(after === undefined ? {} : { after: toShown(after) }),
	});
}

export const subscriptionRoutes: readonly Route[] = [
	list,
	create,
	read,
	replace,
	merge,
	remove,
	...subscriptionDeliveryRoutes,
];
