// Gathers what a view of a messaging service needs besides the row, and makes the answer of it.

import type { MessagingService } from "#storage/services.ts";
import { openService } from "#storage/service-secrets.ts";
import { usersHolding } from "#storage/grants.ts";
import { nothingSeen, type Vitals } from "#domain/service-state.ts";
import { smsServerVariables } from "#storage/installation.ts";
import { vitalsOf } from "#storage/vitals.ts";
import type { Db } from "#storage/storage.ts";
import type { RestDeps } from "../deps.ts";
import type { AnyContext } from "../route.ts";
import { type ServiceView, type ViewFacts, stateOf, toServiceView } from "./service-view.ts";

type Ctx = Pick<AnyContext, "deps" | "allowed">;

export function publicBaseOf({ publicBaseUrl, basePath }: RestDeps["settings"]): string {
	return `${publicBaseUrl.replace(/\/+$/, "")}${basePath}`;
}

/** @param vitals of these services, where the caller has them already */
export async function viewsOf(
	db: Db,
	ctx: Ctx,
	services: readonly MessagingService[],
	vitals?: ReadonlyMap<string, Vitals>,
): Promise<ServiceView[]> {
	const { deps } = ctx;
	const now = deps.clock.now();
	const { useLocalHttpAuthentication } = await smsServerVariables(db, deps.settings);
	const hasHttpUser = await httpUserFinder(db);
	const seen = vitals ?? (await vitalsOf(db, idsOf(services)));
	const views: ServiceView[] = [];
	for (const service of services) {
		const facts: ViewFacts = {
			publicBase: publicBaseOf(deps.settings),
			useLocalHttpAuthentication,
			hasHttpUser: await hasHttpUser(service.id),
			allowed: ctx.allowed("messagingService", service.id),
			vitals: seen.get(service.id) ?? nothingSeen,
			now,
			notes: [],
		};
		views.push(toServiceView(service, openService(service, deps.secretBox, now), facts));
	}
	return views;
}

export function idsOf(services: readonly MessagingService[]): string[] {
	return services.map(({ id }) => id);
}

/** Asks for the whole type once; only when nobody holds Use there, for each service. */
async function httpUserFinder(db: Db): Promise<(serviceId: string) => Promise<boolean>> {
	const asked = { objectType: "messagingService", access: "use" } as const;
	const ofType = await usersHolding(db, asked);
	if (ofType.some(({ externalUser }) => externalUser)) {
		return () => Promise.resolve(true);
	}
	return async (objectId) => (await usersHolding(db, { ...asked, objectId })).some(({ externalUser }) => externalUser);
}

/** `notes`: what was mended in this call; told before what stands anyway. */
export async function viewOf(
	db: Db,
	ctx: Ctx,
	service: MessagingService,
	notes: readonly string[] = [],
): Promise<ServiceView> {
	const [view] = await viewsOf(db, ctx, [service]);
	if (view === undefined) {
		throw new RangeError("one service makes one view");
	}
	return { ...view, notes: [...notes, ...view.notes] };
}

/** The fields a list can be filtered and sorted by. */
export const listFields = {
	id: "id",
	type: "type",
	name: "name",
	enabled: "enabled",
	state: "state",
	createdAt: "createdAt",
	updatedAt: "updatedAt",
} as const;

export function fieldText(
	{ deps }: Pick<AnyContext, "deps">,
	vitals: ReadonlyMap<string, Vitals>,
	service: MessagingService,
	field: string,
): string {
	if (field === "state") {
		const now = deps.clock.now();
		const facts = { vitals: vitals.get(service.id) ?? nothingSeen, now };
		return stateOf(service, openService(service, deps.secretBox, now), facts).state;
	}
	const value = (service as unknown as Readonly<Record<string, unknown>>)[field];
	return value instanceof Date ? value.toISOString() : String(value);
}
