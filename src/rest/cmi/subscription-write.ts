// What is entered for an event subscription becomes fields, an owner and sealed headers, or a problem that names the rule.

import { addressProblem } from "#connectors/kit/rules.ts";
import { parseAllowList, targetOf } from "#platform/outbound-rules.ts";
import { Problem } from "#platform/problems.ts";
import { SealBroken } from "#platform/secret-box.ts";
import type { EventSubscription, SubscriptionFields } from "#storage/event-subscriptions.ts";
import { objectExists } from "#storage/object-exists.ts";
import { listServices } from "#storage/services.ts";
import type { Tx } from "#storage/storage.ts";
import { type HeaderValues, openHeaders, readSealed, sealHeaders } from "#storage/subscription-secrets.ts";
import type { AnyContext } from "../route.ts";
import { listeners, readers } from "./access.ts";
import type { GivenHeader, SubscriptionPatch } from "./subscription-schemas.ts";

type Ctx = Pick<AnyContext, "deps" | "caller" | "may">;

export const newSubscription: SubscriptionFields = {
	name: "",
	url: "",
	events: [],
	serviceIds: [],
	queueIds: [],
	enabled: true,
	headerNames: [],
};

export type Planned = { fields: SubscriptionFields; ownerId: string; headers: Uint8Array | null };

/** @param before undefined: it is made; @param base what counts where nothing is given */
export async function planSubscription(
	tx: Tx,
	ctx: Ctx,
	change: { id: string; before: EventSubscription | undefined; base: SubscriptionFields; body: SubscriptionPatch },
): Promise<Planned> {
	const { id, before, base, body } = change;
	const given = merged(base, body);
	demandAddress(ctx, given.url);
	await demandServices(tx, ctx, given.serviceIds, before?.serviceIds ?? []);
	await demandQueues(tx, ctx, given.queueIds, before?.queueIds ?? []);
	const entered: readonly GivenHeader[] = body.headers ?? base.headerNames.map((name) => ({ name }));
	const values = headerValues(entered, await storedValues(tx, ctx, before, given.url));
	const isElsewhere = given.url !== before?.url || entered.some(({ value }) => value !== undefined);
	return {
		fields: { ...given, headerNames: Object.keys(values) },
		// Who says where it goes answers for it: it gets what they may read, and not what somebody else may.
		ownerId: before === undefined || isElsewhere ? ctx.caller().userId : before.ownerId,
		headers: sealHeaders(ctx.deps.secretBox, { id, url: given.url }, values),
	};
}

function merged(base: SubscriptionFields, body: SubscriptionPatch): Omit<SubscriptionFields, "headerNames"> {
	return {
		name: body.name ?? base.name,
		url: body.url ?? base.url,
		events: body.events ?? base.events,
		serviceIds: body.services ?? base.serviceIds,
		queueIds: body.queues ?? base.queueIds,
		enabled: body.enabled ?? base.enabled,
	};
}

function broken(pointer: string, message: string): Problem {
	return new Problem("invalid_body", `${pointer.slice(1)} ${message}`, [{ pointer, message }]);
}

function demandAddress({ deps }: Ctx, url: string): void {
	const message = addressProblem(url, "https://hooks.example.com/parley");
	if (message !== undefined) {
		throw broken("/url", message);
	}
	if (targetOf(url, parseAllowList(deps.settings.outboundAllow)) === undefined) {
		throw broken(
			"/url",
			"must be https to a public host on the usual port; other targets have to be listed in the setting outboundAllow",
		);
	}
}

/** Those that stood there before may stay, also where they are gone meanwhile. */
async function demandServices(tx: Tx, ctx: Ctx, wanted: readonly string[], before: readonly string[]): Promise<void> {
	const fresh = wanted.filter((id) => !before.includes(id));
	const known = fresh.length === 0 ? [] : await listServices(tx, { only: fresh });
	for (const id of fresh) {
		const isSeen = listeners.some((access) => ctx.may(access, "messagingService", { id }));
		if (!isSeen || !known.some((service) => service.id === id)) {
			throw broken(`/services/${wanted.indexOf(id)}`, "is no messaging service whose events you may read");
		}
	}
}

async function demandQueues(tx: Tx, ctx: Ctx, wanted: readonly string[], before: readonly string[]): Promise<void> {
	for (const id of wanted.filter((one) => !before.includes(one))) {
		const isSeen = [...readers, "view" as const].some((access) => ctx.may(access, "queue", { id }));
		if (!isSeen || !(await objectExists(tx, "queue", id))) {
			throw broken(`/queues/${wanted.indexOf(id)}`, "is no queue that you may view");
		}
	}
}

/** None where the address has another host: who gives that has to know the values. */
async function storedValues(
	tx: Tx,
	{ deps }: Ctx,
	before: EventSubscription | undefined,
	url: string,
): Promise<HeaderValues> {
	const sealed = before === undefined ? undefined : await readSealed(tx, before.id);
	if (sealed === undefined || new URL(sealed.url).origin !== new URL(url).origin) {
		return {};
	}
	try {
		return openHeaders(deps.secretBox, sealed, sealed);
	} catch (error) {
		if (error instanceof SealBroken) {
			return {}; // Whoever mends it gives the values again.
		}
		throw error;
	}
}

// Ours, and what belongs to the connection.
const ownNames =
	/^(?:webhook-.*|content-(?:type|length|encoding)|host|connection|transfer-encoding|accept-encoding|expect|upgrade|keep-alive|te|trailer|proxy-.*|user-agent)$/;

function headerValues(entered: readonly GivenHeader[], stored: HeaderValues): HeaderValues {
	const known = new Map(Object.entries(stored).map(([name, value]) => [name.toLowerCase(), value]));
	const values = new Map<string, string>();
	const seen = new Set<string>();
	for (const [index, { name, value = known.get(name.toLowerCase()) }] of entered.entries()) {
		const key = name.toLowerCase();
		if (ownNames.test(key)) {
			throw broken(`/headers/${index}/name`, "is a header that Parley sets itself");
		}
		if (seen.has(key)) {
			throw broken(`/headers/${index}/name`, "is given twice");
		}
		if (value === undefined) {
			throw broken(`/headers/${index}/value`, "must be given: there is no stored one for this host");
		}
		seen.add(key);
		values.set(name, value);
	}
	return Object.fromEntries(values);
}
