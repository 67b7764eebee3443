// Refused requests: which, when and why; to be checked again with today's secrets, released in order once they are
// genuine, or deleted. What is in them is opened only for whoever may also modify the service, and that is recorded.

import { openSealedRequest } from "#storage/sealed-requests.ts";
import { removeFromQuarantine, tellChanged, wish } from "#storage/quarantine.ts";
import { findOneQuarantined, findQuarantined, type Quarantined, sealedOf } from "#storage/quarantine-lists.ts";
import type { Tx } from "#storage/storage.ts";
import { type Static, Type } from "typebox";
import { recordChange } from "../record-change.ts";
import { type AnyContext, type Answer, type Route, route, type RouteContext } from "../route.ts";
import { demandOn, doorkeepers, needs, notFound, selectedServices, serviceOf } from "./access.ts";
import { fromCursor, idPosition, limitDefault, linkHeaders, toCursor, toPage } from "./pages.ts";
import { actOf, givenBecause } from "./given-reason.ts";
import { explainRefused } from "./explain-refusal.ts";
import { explainRefusal } from "./refusals.ts";
import {
	explanationSchema,
	idParams,
	quarantinedSchema,
	reasonBody,
	releaseBody,
	releasedSchema,
	sealedRequestSchema,
	serviceListQuery,
} from "./schemas.ts";
import { toRequestObject, toServiceFields, toTime } from "./views.ts";

const list = route({
	method: "GET",
	path: "/quarantine",
	summary: "Lists refused requests, oldest first: the order in which they are released.",
	needs: needs(doorkeepers, "some"),
	query: serviceListQuery,
	reply: Type.Array(quarantinedSchema),
	status: 200,
	async run(ctx) {
		const { query } = ctx;
		const limit = query.limit ?? limitDefault;
		const services = await selectedServices(ctx, doorkeepers, query.service);
		const after = fromCursor("quarantine", query.cursor, idPosition);
		const found = await findQuarantined(ctx.deps.storage.db, { services, after, limit: limit + 1 });
		const page = toPage(found, limit, (last) => toCursor("quarantine", last.id));
		const headers = linkHeaders(ctx, "/quarantine", query, page.next);
		return { status: 200, body: page.items.map(toObject), ...headers };
	},
});

const one = route({
	method: "GET",
	path: "/quarantine/:id",
	summary: "Shows when and why a request was refused, without its content.",
	needs: needs(doorkeepers, "row"),
	params: idParams,
	reply: quarantinedSchema,
	status: 200,
	async run(ctx) {
		return { status: 200, body: toObject(await readQuarantined(ctx, ctx.params.id)) };
	},
});

const explanation = route({
	method: "GET",
	path: "/quarantine/:id/explanation",
	summary: "Finds out why a signature does not fit.",
	description:
		"Tries what usually goes wrong — another scheme, host, port or path, a changed query or body, the secret before, another service's secret — and tells which of it would make the request genuine. Without such a cause `cause` is null: then the secret is another one, or the caller is.",
	needs: needs(doorkeepers, "row"),
	params: idParams,
	reply: explanationSchema,
	status: 200,
	async run(ctx) {
		return { status: 200, body: await explainRefused(ctx, await readQuarantined(ctx, ctx.params.id)) };
	},
});

const content = route({
	method: "GET",
	path: "/quarantine/:id/request",
	summary: "Opens a refused request.",
	description: "Nothing in it is proven to come from the provider. Credentials are removed. The opening is recorded.",
	needs: {
		who: "holders",
		rights: [
			{ objectType: "messagingService", access: "manageContactHistory", on: "row" },
			{ objectType: "messagingService", access: "modify", on: "row" },
		],
	},
	params: idParams,
	reply: sealedRequestSchema,
	status: 200,
	async run(ctx) {
		const { deps } = ctx;
		const entry = await readQuarantined(ctx, ctx.params.id);
		ctx.demand("modify", "messagingService", entry.serviceId);
		const sealed = await sealedOf(deps.storage.db, entry.id);
		if (sealed === undefined) {
			throw notFound();
		}
		const request = openSealedRequest(deps.secretBox, entry.id, sealed);
		await ctx.write((tx) => record(tx, ctx, entry, { action: "open" }));
		return { status: 200, body: toRequestObject({ ...request, receivedAt: entry.receivedAt }) };
	},
});

const retry = wishRoute(
	"retry",
	"recheck",
	"Has a refused request checked again with today's secrets; it stays where it is.",
);
const release = wishRoute(
	"release",
	"release",
	"Has a refused request checked again and, where it is genuine, let in.",
);

function wishRoute(verb: string, what: "recheck" | "release", summary: string): Route {
	return route({
		method: "POST",
		path: `/quarantine/:id/${verb}`,
		summary,
		description: "The SMS Server does it at once; the entry then has a new reason, or is gone.",
		needs: needs(doorkeepers, "row"),
		params: idParams,
		body: reasonBody,
		reply: quarantinedSchema,
		status: 202,
		async run(ctx) {
			const because = ctx.body?.reason;
			const entry = await readQuarantined(ctx, ctx.params.id);
			const after = await ctx.write(async (tx) => {
				if ((await wish(tx, { id: entry.id }, what, actOf(ctx, because))) === 0) {
					throw notFound();
				}
				await tellChanged(tx, entry.serviceId, { to: "asked", at: ctx.deps.clock.now() });
				await record(tx, ctx, entry, { action: verb, because });
				return { ...entry, wish: what };
			});
			ctx.deps.signals.nudge("quarantine");
			return { status: 202, body: toObject(after) };
		},
	});
}

const releaseAll = route({
	method: "POST",
	path: "/quarantine/release",
	summary: "Releases all refused requests of a service that are genuine by today's secrets, in the order they came.",
	needs: needs(doorkeepers, "row"),
	body: releaseBody,
	reply: releasedSchema,
	status: 202,
	run: releaseService,
});

type ReleaseBody = Static<typeof releaseBody>;

async function releaseService(ctx: RouteContext<undefined, undefined, ReleaseBody>): Promise<Answer> {
	const { reason: because } = ctx.body;
	const service = await serviceOf(ctx, doorkeepers, ctx.body.service);
	const requests = await ctx.write(async (tx) => {
		const count = await wish(tx, { serviceId: service.id }, "release", actOf(ctx, because));
		await tellChanged(tx, service.id, { to: "asked", at: ctx.deps.clock.now() });
		await recordChange(tx, ctx, {
			action: "releaseQuarantine",
			objectType: "messagingService",
			objectId: service.id,
			objectName: service.name,
			after: { requests: count, ...givenBecause(because).after },
		});
		return count;
	});
	ctx.deps.signals.nudge("quarantine");
	return { status: 202, body: { requests } };
}

const remove = route({
	method: "DELETE",
	path: "/quarantine/:id",
	summary: "Deletes a refused request for good.",
	needs: needs(doorkeepers, "row"),
	params: idParams,
	status: 204,
	async run(ctx) {
		const entry = await readQuarantined(ctx, ctx.params.id);
		await ctx.write(async (tx) => {
			await removeFromQuarantine(tx, entry, { to: "deleted", at: ctx.deps.clock.now() });
			await record(tx, ctx, entry, { action: "delete" });
		});
		return { status: 204 };
	},
});

type Actor = Pick<AnyContext, "deps" | "principal" | "via">;

type Recorded = { action: string; because?: string | undefined };

async function record(tx: Tx, ctx: Actor, entry: Quarantined, { action, because }: Recorded): Promise<void> {
	const { serviceId, reason, bodyHash } = entry;
	await recordChange(tx, ctx, {
		action,
		objectType: "quarantined",
		objectId: entry.id,
		objectName: null,
		before: { service: serviceId, reason, bodyHash },
		...givenBecause(because),
	});
}

async function readQuarantined(ctx: Pick<AnyContext, "deps" | "may">, id: string): Promise<Quarantined> {
	const entry = await findOneQuarantined(ctx.deps.storage.db, id);
	if (entry === undefined) {
		throw notFound();
	}
	demandOn(ctx, doorkeepers, entry.serviceId);
	return entry;
}

function toObject(entry: Quarantined) {
	return {
		id: entry.id,
		...toServiceFields(entry),
		receivedAt: toTime(entry.receivedAt),
		reason: entry.reason,
		explanation: explainRefusal(entry.reason),
		bytes: entry.bytes,
		bodyHash: entry.bodyHash,
		remoteAddress: entry.remoteAddress,
		wish: entry.wish,
		checkedAt: toTime(entry.checkedAt),
	};
}

export const quarantineRoutes: readonly Route[] = [list, one, explanation, content, retry, release, releaseAll, remove];
