// What waits for a person: received events that could not be dealt with, and messages of ours with parts of which nobody
// knows whether they arrived. To be looked at, tried again, or taken off the list.

import { Problem } from "#platform/problems.ts";
import { findRequest } from "#storage/inbound-requests.ts";
import { findMessage } from "#storage/messages.ts";
import { decideHeld } from "#storage/outbox-recovery.ts";
import { discardParked, findOneParked, findParked, type Parked, retryParked } from "#storage/parked.ts";
import { listServices } from "#storage/services.ts";
import type { Lane } from "#storage/signals.ts";
import type { Db, Tx } from "#storage/storage.ts";
import { Type } from "typebox";
import { recordChange } from "../record-change.ts";
import { type AnyContext, type Route, route } from "../route.ts";
import { demandOn, historians, needs, notFound, selectedServices } from "./access.ts";
import { actOf, givenBecause } from "./given-reason.ts";
import { fromCursor, idPosition, limitDefault, linkHeaders, toCursor, toPage } from "./pages.ts";
import { idParams, parkedDetail, parkedSchema, reasonBody, serviceListQuery } from "./schemas.ts";
import { toMessageObject, toRawObject, toServiceFields, toTime } from "./views.ts";

const list = route({
	method: "GET",
	path: "/parked",
	summary: "Lists what waits for a person, newest first.",
	needs: needs(historians, "some"),
	query: serviceListQuery,
	reply: Type.Array(parkedSchema),
	status: 200,
	async run(ctx) {
		const { query } = ctx;
		const limit = query.limit ?? limitDefault;
		const services = await selectedServices(ctx, historians, query.service);
		const after = fromCursor("parked", query.cursor, idPosition);
		const found = await findParked(ctx.deps.storage.db, { services, after, limit: limit + 1 });
		const page = toPage(found, limit, (last) => toCursor("parked", last.id));
		const body = await toParkedObjects(ctx.deps.storage.db, page.items);
		return { status: 200, body, ...linkHeaders(ctx, "/parked", query, page.next) };
	},
});

const one = route({
	method: "GET",
	path: "/parked/:id",
	summary: "Shows an entry with its message and the request it came with.",
	needs: needs(historians, "row"),
	params: idParams,
	reply: parkedDetail,
	status: 200,
	async run(ctx) {
		const { db } = ctx.deps.storage;
		const parked = await readParked(ctx, ctx.params.id);
		const [shown] = await toParkedObjects(db, [parked]);
		const message = parked.messageId === null ? undefined : await findMessage(db, parked.messageId);
		const request = parked.requestId === null ? undefined : await findRequest(db, parked.requestId);
		const content = message === undefined ? null : toMessageObject(message);
		return { status: 200, body: { ...shown, content, request: request === undefined ? null : toRawObject(request) } };
	},
});

const retry = route({
	method: "POST",
	path: "/parked/:id/retry",
	summary: "Tries it again.",
	description:
		"A received event is dealt with as if it had just come. Held parts are sent again, marked as a possible duplicate, which needs Messaging too: the contact may get them twice.",
	needs: needs(historians, "row"),
	params: idParams,
	body: reasonBody,
	status: 202,
	async run(ctx) {
		const parked = await readParked(ctx, ctx.params.id);
		if (!isRetryable(parked)) {
			throw new Problem(
				"conflict",
				"What cannot be read cannot be tried again; look at its request and delete the entry.",
			);
		}
		if (parked.kind !== "received") {
			ctx.demand("messaging", "messagingService", parked.serviceId); // It sends.
		}
		await ctx.write((tx) => tryAgain(tx, ctx, parked, ctx.body?.reason));
		lanesOf(parked).forEach((lane) => ctx.deps.signals.nudge(lane));
		return { status: 202 };
	},
});

const remove = route({
	method: "DELETE",
	path: "/parked/:id",
	summary: "Takes it off the list.",
	description: "A received event stays undone, and its message parked. Held parts fail for good.",
	needs: needs(historians, "row"),
	params: idParams,
	status: 204,
	async run(ctx) {
		const parked = await readParked(ctx, ctx.params.id);
		await ctx.write((tx) => giveUp(tx, ctx, parked));
		ctx.deps.signals.nudge("events");
		return { status: 204 };
	},
});

type Actor = Pick<AnyContext, "deps" | "principal" | "via">;

async function tryAgain(tx: Tx, ctx: Actor, parked: Parked, because: string | undefined): Promise<void> {
	const now = ctx.deps.clock.now();
	const act = actOf(ctx, because);
	const isDone =
		parked.kind === "received"
			? await retryParked(tx, parked, now, act)
			: (await decideHeld(tx, parked.id, { do: "send", ...act }, now)) > 0;
	await record(tx, ctx, parked, { isDone, action: "retry", because });
}

async function giveUp(tx: Tx, ctx: Actor, parked: Parked): Promise<void> {
	const now = ctx.deps.clock.now();
	const isDone =
		parked.kind === "received"
			? await discardParked(tx, parked.id, now)
			: (await decideHeld(tx, parked.id, { do: "giveUp", ...actOf(ctx, undefined) }, now)) > 0;
	await record(tx, ctx, parked, { isDone, action: "delete" });
}

type Recorded = { isDone: boolean; action: string; because?: string | undefined };

/** Throws where somebody else was faster: then nothing is written. */
async function record(tx: Tx, ctx: Actor, parked: Parked, what: Recorded): Promise<void> {
	if (!what.isDone) {
		throw notFound();
	}
	const { kind, event, serviceId, messageId, reason } = parked;
	await recordChange(tx, ctx, {
		action: what.action,
		objectType: "parked",
		objectId: parked.id,
		objectName: null,
		before: { kind, event, service: serviceId, message: messageId, reason },
		...givenBecause(what.because),
	});
}

function lanesOf(parked: Parked): Lane[] {
	if (parked.kind === "held") {
		return ["sender", "events"];
	}
	return parked.event === "message" ? ["matcher", "events"] : ["receipts"];
}

/** An unreadable request stays unreadable. The only activities that are work, and so can be parked, are consents. */
function isRetryable({ event }: Parked): boolean {
	return event !== "unreadable";
}

async function readParked(ctx: Pick<AnyContext, "deps" | "may">, id: string): Promise<Parked> {
	const parked = await findOneParked(ctx.deps.storage.db, id);
	if (parked === undefined) {
		throw notFound();
	}
	demandOn(ctx, historians, parked.serviceId);
	return parked;
}

async function toParkedObjects(db: Db, entries: readonly Parked[]) {
	const services = await listServices(db, { only: [...new Set(entries.map((entry) => entry.serviceId))] });
	const serviceOf = new Map(services.map((service) => [service.id as string, service]));
	return entries.map((entry) => ({
		id: entry.id,
		kind: entry.kind,
		event: entry.event,
		...toServiceFields({ serviceId: entry.serviceId, service: serviceOf.get(entry.serviceId) ?? null }),
		message: entry.messageId,
		reason: entry.reason,
		since: toTime(entry.since),
		attempts: entry.attempts,
		retryable: isRetryable(entry),
	}));
}

export const parkedRoutes: readonly Route[] = [list, one, retry, remove];
