// /messagingServices: what an administrator sets up once per provider connection. A service is stored as a draft even
// without credentials; what breaks a rule of its type is refused with every broken rule named.

import { Problem } from "#platform/problems.ts";
import { type Dependents, dependentsOf } from "#storage/service-dependents.ts";
import { type MessagingService, listServices } from "#storage/services.ts";
import type { Tx } from "#storage/storage.ts";
import { vitalsOf } from "#storage/vitals.ts";
import { type Static, Type } from "typebox";
import { listQuery, toListRequest } from "../lists.ts";
import { type Answer, type Need, type Route, type RouteContext, route } from "../route.ts";
import { authenticationRoutes } from "./authentications.ts";
import { fieldText, idsOf, listFields, viewOf, viewsOf } from "./service-answers.ts";
import { serviceCheckRoutes } from "./service-checks.ts";
import { dependentsRoute } from "./service-dependents.ts";
import { healthRoutes } from "./service-health.ts";
import { webhookRoute } from "./service-webhook.ts";
import { selectRows } from "./service-list.ts";
import { type EnteredService, mergedSettings } from "./service-plan.ts";
import { servicePatch, serviceParams, servicePost, servicePut, serviceReply } from "./service-schemas.ts";
import { changeService, createService, invalid, readService, removeService } from "./service-write.ts";

const objectType = "messagingService";
const onId = (access: Need["access"]): Need => ({ objectType, access, on: { param: "id" } });

const list = route({
	method: "GET",
	path: "/messagingServices",
	summary: "Lists the messaging services the caller may view.",
	needs: { who: "holders", rights: [{ objectType, access: "view", on: "some" }] },
	query: listQuery(listFields),
	reply: Type.Array(serviceReply),
	status: 200,
	async run(ctx) {
		const request = toListRequest(ctx.query, listFields, "name", ctx.visible("view", objectType));
		const services = await listServices(ctx.deps.storage.db, { only: request.only });
		const vitals = await vitalsOf(ctx.deps.storage.db, idsOf(services));
		const rows = selectRows(services, request, (service, field) => fieldText(ctx, vitals, service, field));
		return { status: 200, body: await viewsOf(ctx.deps.storage.db, ctx, rows, vitals) };
	},
});

const create = route({
	method: "POST",
	path: "/messagingServices",
	summary: "Makes a messaging service; without credentials it is a draft.",
	needs: { who: "holders", rights: [{ objectType, access: "create", on: "every" }] },
	body: servicePost,
	reply: serviceReply,
	status: 201,
	idempotent: true,
	run: (ctx) =>
		ctx.write(async (tx): Promise<Answer> => {
			const { service, notes } = await createService(tx, ctx, ctx.body.type, toEntered(ctx.body));
			return {
				status: 201,
				body: await viewOf(tx, ctx, service, notes),
				version: service.version,
				location: `/messagingServices/${service.id}`,
			};
		}),
});

const read = route({
	method: "GET",
	path: "/messagingServices/:id",
	summary: "Gives one messaging service.",
	needs: { who: "holders", rights: [onId("view")] },
	params: serviceParams,
	reply: serviceReply,
	status: 200,
	async run(ctx) {
		const service = await readService(ctx.deps.storage.db, ctx.params.id);
		return { status: 200, body: await viewOf(ctx.deps.storage.db, ctx, service), version: service.version };
	},
});

const replace = route({
	method: "PUT",
	path: "/messagingServices/:id",
	summary: "Replaces a messaging service: what is not given gets its default.",
	description: "Authentications are matched by id or Authentication ID; without a password the stored secret stays.",
	needs: { who: "holders", rights: [onId("modify")] },
	params: serviceParams,
	body: servicePut,
	status: 204,
	run: (ctx) =>
		ctx.write(async (tx): Promise<Answer> => {
			const { service } = await changeService(tx, ctx, ctx.params.id, (before) => {
				demandSameType(before, ctx.body.type);
				return toEntered(ctx.body);
			});
			return { status: 204, version: service.version };
		}),
});

const merge = route({
	method: "PATCH",
	path: "/messagingServices/:id",
	summary: "Changes the given fields of a messaging service (JSON merge patch).",
	description: "A list of authentications is the whole list; a setting given as null goes back to its default.",
	needs: { who: "holders", rights: [onId("modify")] },
	params: serviceParams,
	body: servicePatch,
	reply: serviceReply,
	status: 200,
	run: (ctx) =>
		ctx.write(async (tx): Promise<Answer> => {
			const { service, notes } = await changeService(tx, ctx, ctx.params.id, (before) => {
				demandSameType(before, ctx.body.type);
				return toMerged(before, ctx.body);
			});
			return { status: 200, body: await viewOf(tx, ctx, service, notes), version: service.version };
		}),
});

type Entered = Partial<Omit<Static<typeof servicePut>, "name">> & { name: string };

function toEntered(body: Entered): EnteredService {
	return {
		name: body.name,
		enabled: body.enabled ?? true,
		serviceConnection: body.serviceConnection ?? "",
		authenticationUrl: body.authenticationUrl ?? null,
		authenticationScope: body.authenticationScope ?? null,
		incomingMode: body.incomingMode ?? "enforce",
		settings: body.settings === undefined ? {} : body.settings,
		authentications: body.authentications ?? [],
	};
}

/** Fields of the patch over those of the service; its own authentications, given by id, keep their secrets. */
function toMerged(before: MessagingService, patch: Static<typeof servicePatch>): EnteredService {
	const { settings, ...others } = patch;
	const own = before.authentications.map(({ id, authenticationId }) => ({ id, authenticationId }));
	return toEntered({
		...before,
		authentications: own,
		...others,
		settings: settings === undefined ? before.settings : mergedSettings(before.settings, settings),
	});
}

function demandSameType(before: MessagingService, type: string | undefined): void {
	if (type !== undefined && type !== before.type) {
		throw invalid([
			{ pointer: "/type", message: `cannot be changed; it stays ${before.type}. Make another service instead.` },
		]);
	}
}

const remove = route({
	method: "DELETE",
	path: "/messagingServices/:id",
	summary: "Deletes a messaging service; refused while messages wait to be sent, unless forced.",
	needs: { who: "holders", rights: [onId("view"), onId("delete")] },
	params: serviceParams,
	query: Type.Object(
		{
			force: Type.Optional(
				Type.Boolean({ default: false, description: "Delete it all the same; messages that wait will fail." }),
			),
		},
		{ additionalProperties: false },
	),
	status: 204,
	run: (ctx) => ctx.write((tx) => deleteInTurn(tx, ctx)),
});

type DeleteContext = RouteContext<{ id: string }, { force?: boolean }, undefined>;

async function deleteInTurn(tx: Tx, ctx: DeleteContext): Promise<Answer> {
	const service = await readService(tx, ctx.params.id);
	ctx.demandVersion(service.version);
	const dependents = await dependentsOf(tx, service.id);
	if (dependents.waitingParts > 0 && ctx.query.force !== true) {
		throw new Problem("in_use", whatDepends(dependents));
	}
	await removeService(tx, ctx, service);
	return { status: 204 };
}

function whatDepends({ waitingParts, unfinishedEvents, openConversations, quarantined }: Dependents): string {
	const others = [
		`${unfinishedEvents} received events not matched yet`,
		`${openConversations} open conversations`,
		`${quarantined} requests in quarantine`,
	].filter((text) => !text.startsWith("0 "));
	const besides = others.length === 0 ? "" : ` Besides, it has ${others.join(", ")}.`;
	return `${waitingParts} messages wait in the outbox of this service.${besides} Wait until they are sent, or delete with ?force=true: then they fail.`;
}

export const messagingServiceRoutes: readonly Route[] = [
	list,
	create,
	read,
	replace,
	merge,
	remove,
	...healthRoutes,
	dependentsRoute,
	webhookRoute,
	...serviceCheckRoutes,
	...authenticationRoutes,
];
