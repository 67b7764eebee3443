// Which messaging services a caller may read or send by. What is not visible is not there: 404, never 403, so that ids of
// other services tell nothing.

import { isId } from "#domain/ids.ts";
import type { Access } from "#domain/rights.ts";
import { Problem } from "#platform/problems.ts";
import type { Objects } from "#rights/event-sight.ts";
import { listServices, type MessagingService, serviceNameKey } from "#storage/services.ts";
import type { AnyContext, Need, Needs } from "../route.ts";

export { doorkeepers, readers } from "#rights/event-sight.ts";

type Caller = Pick<AnyContext, "visible" | "may" | "deps">;

export const historians = ["manageContactHistory"] as const;
export const senders = ["messaging"] as const;

/** Readers of messages hear of messages, doorkeepers of the quarantine. */
export const listeners = ["messaging", "manageContactHistory", "modify"] as const;

export function needs(accesses: readonly [Access, ...Access[]], on: "some" | "row"): Needs {
	const [access, ...others] = accesses;
	const [or] = others;
	const need: Need = {
		objectType: "messagingService",
		access,
		on,
		...(or === undefined ? {} : { or: others.length === 1 ? or : others }),
	};
	return { who: "holders", rights: [need] };
}

export type Services = Objects;

/** Services on which the caller holds any of the accesses. */
export function visibleServices(ctx: Pick<Caller, "visible">, accesses: readonly Access[]): Services {
	const lists = accesses.map((access) => ctx.visible(access, "messagingService"));
	return lists.includes("every") ? "every" : [...new Set(lists.flat())];
}

/** Throws `not_found` where the caller holds none of the accesses on the service. */
export function demandOn(ctx: Pick<Caller, "may">, accesses: readonly Access[], serviceId: string): void {
	if (!accesses.some((access) => ctx.may(access, "messagingService", { id: serviceId }))) {
		throw notFound();
	}
}

export function notFound(): Problem {
	return new Problem("not_found", "There is no such object, or it is not visible to you.");
}

/** Narrows what is visible to the service that the query names by id or name. */
export async function selectedServices(
	ctx: Caller,
	accesses: readonly Access[],
	named: string | undefined,
): Promise<Services> {
	const visible = visibleServices(ctx, accesses);
	if (named === undefined) {
		return visible;
	}
	const ids = isId(named) ? [named] : (await servicesNamed(ctx, named)).map(({ id }) => id);
	return visible === "every" ? ids : ids.filter((id) => visible.includes(id));
}

/** The one service of this id or name, on which the caller holds any of the accesses. Throws `unknown_service`. */
export async function serviceOf(ctx: Caller, accesses: readonly Access[], named: string): Promise<MessagingService> {
	const found = await servicesCalled(ctx, named);
	const [service, ...others] = found.filter(({ id }) =>
		accesses.some((access) => ctx.may(access, "messagingService", { id })),
	);
	if (service === undefined) {
		throw new Problem("unknown_service", "No messaging service that you may use has this id or name.");
	}
	if (others.length > 0) {
		throw new Problem("unknown_service", "Several messaging services of different types have this name; give the id.");
	}
	return service;
}

/** Those of this id or name; several where types have one of the same name each. */
export async function servicesCalled(ctx: Pick<Caller, "deps">, named: string): Promise<MessagingService[]> {
	return isId(named) ? (await everyService(ctx)).filter(({ id }) => id === named) : servicesNamed(ctx, named);
}

export function everyService({ deps }: Pick<Caller, "deps">): Promise<MessagingService[]> {
	return deps.storage.remembered("services", (db) => listServices(db));
}

/** Names are unique within a type only. */
async function servicesNamed({ deps }: Pick<Caller, "deps">, name: string): Promise<MessagingService[]> {
	const key = serviceNameKey(name);
	const all = await everyService({ deps });
	return all.filter((service) => serviceNameKey(service.name) === key);
}
