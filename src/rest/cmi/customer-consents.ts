// Customer consents: what contacts said about our messages, by words of theirs, by their provider, or entered here. A refusal
// stands in the way of every message to the address on that channel.

import { usageOf } from "#domain/consents.ts";
import { Problem } from "#platform/problems.ts";
import { type Consent, deleteConsent, findConsents } from "#storage/consent-lists.ts";
import { consentFacts, enterConsent, isAddressOn } from "#storage/enter-consent.ts";
import type { Db, Tx } from "#storage/storage.ts";
import { Type } from "typebox";
import { recordChange } from "../record-change.ts";
import { type AnyContext, type Answer, type Needs, type Route, route, type RouteContext } from "../route.ts";
import { notFound, servicesCalled } from "./access.ts";
import {
	type ConsentBody,
	consentBody,
	consentParams,
	consentSchema,
	consentsQuery,
	serviceNamedQuery,
} from "./consent-schemas.ts";
import { fromCursor, idPosition, limitDefault, linkHeaders, toCursor, toPage } from "./pages.ts";
import { toConsentObject } from "./views.ts";

function needsOf(access: "view" | "create" | "delete"): Needs {
	return { who: "holders", rights: [{ objectType: "customerConsent", access, on: "every" }] };
}

const list = route({
	method: "GET",
	path: "/customerConsents",
	summary: "Lists consents, the newest known first.",
	description: "`address` finds every spelling of it, and needs `usage`.",
	needs: needsOf("view"),
	query: consentsQuery,
	reply: Type.Array(consentSchema),
	status: 200,
	async run(ctx) {
		const { query } = ctx;
		if (query.address !== undefined && query.usage === undefined) {
			const message = "needs usage, because an address means something on a channel only";
			throw new Problem("invalid_query", "Give the usage beside the address.", [{ pointer: "/address", message }]);
		}
		const limit = query.limit ?? limitDefault;
		const { usage, address, state } = query;
		const serviceId = query.service === undefined ? undefined : await serviceIdOf(ctx, query.service);
		const after = fromCursor("customerConsents", query.cursor, idPosition);
		const filter = { usage, address, state, serviceId };
		const found = await findConsents(ctx.deps.storage.db, filter, { after, limit: limit + 1 });
		const page = toPage(found, limit, (last) => toCursor("customerConsents", last.id));
		const headers = linkHeaders(ctx, "/customerConsents", query, page.next);
		return { status: 200, body: page.items.map(toConsentObject), ...headers };
	},
});

const one = route({
	method: "GET",
	path: "/customerConsents/:key",
	summary: "Shows the consent of an address on a channel.",
	description:
		"The path ends with usage, `_` and the address (percent-encoded). Without `service` it is the consent for every service; where there is none, the only one there is.",
	needs: needsOf("view"),
	params: consentParams,
	query: serviceNamedQuery,
	reply: consentSchema,
	status: 200,
	async run(ctx) {
		const consent = await readConsent(ctx, ctx.deps.storage.db);
		return { status: 200, body: toConsentObject(consent), version: consent.version };
	},
});

const create = route({
	method: "POST",
	path: "/customerConsents",
	summary: "Enters what a contact said about our messages.",
	description:
		"Counts from now on, and replaces what is known of this address, usage and service. A refusal ends what still waits to be sent to the address.",
	needs: needsOf("create"),
	body: consentBody,
	reply: consentSchema,
	status: 201,
	idempotent: true,
	async run(ctx) {
		const serviceId = ctx.body.service === undefined ? null : await serviceIdOf(ctx, ctx.body.service);
		const answer = await ctx.write((tx) => enter(tx, ctx, serviceId));
		ctx.deps.signals.nudge("events");
		return answer;
	},
});

const remove = route({
	method: "DELETE",
	path: "/customerConsents/:key",
	summary: "Forgets a consent: as if the contact had never said anything.",
	description: "Which one it is, is told as when it is shown.",
	needs: needsOf("delete"),
	params: consentParams,
	query: serviceNamedQuery,
	status: 204,
	async run(ctx) {
		await ctx.write(async (tx) => {
			const consent = await readConsent(ctx, tx);
			ctx.demandVersion(consent.version);
			if (!(await deleteConsent(tx, consent))) {
				throw new Problem("conflict", "The consent changed at the same moment; look at it again.");
			}
			await audit(tx, ctx, { action: "delete", before: consent });
		});
		return { status: 204 };
	},
});

type KeyContext = RouteContext<{ key: string }, { service?: string }, undefined>;

async function readConsent(ctx: KeyContext, db: Db | Tx): Promise<Consent> {
	const place = ctx.params.key.indexOf("_");
	const usage = usageOf(ctx.params.key.slice(0, Math.max(0, place)));
	const address = ctx.params.key.slice(place + 1);
	if (place <= 0 || address === "") {
		throw notFound();
	}
	const serviceId = ctx.query.service === undefined ? undefined : await serviceIdOf(ctx, ctx.query.service);
	const found = await findConsents(db, { usage, address, serviceId }, { limit: 1000 });
	const chosen = found.find((one) => one.serviceId === null) ?? found[0];
	if (chosen === undefined) {
		throw notFound();
	}
	if (chosen.serviceId !== null && found.length > 1) {
		throw new Problem("conflict", "There are consents for several services; name one with service.");
	}
	return chosen;
}

/** Consents are of the whole installation, so a right on a service is not asked for. Throws `unknown_service`. */
async function serviceIdOf(ctx: Pick<AnyContext, "deps">, named: string): Promise<string> {
	const [service, ...others] = await servicesCalled(ctx, named);
	if (service === undefined) {
		throw new Problem("unknown_service", "No messaging service has this id or name.");
	}
	if (others.length > 0) {
		throw new Problem("unknown_service", "Several messaging services of different types have this name; give the id.");
	}
	return service.id;
}

type CreateContext = RouteContext<undefined, undefined, ConsentBody>;

async function enter(tx: Tx, ctx: CreateContext, serviceId: string | null): Promise<Answer> {
	const { ids, clock } = ctx.deps;
	const { address, state, note } = ctx.body;
	const usage = usageOf(ctx.body.usage);
	if (!isAddressOn(usage, address)) {
		const message = "must have more than the name of the channel";
		throw new Problem("invalid_body", "The address is empty.", [{ pointer: "/address", message }]);
	}
	const by = ctx.caller().userId;
	const about = { channel: usage, address, serviceId, state, note };
	const entered = await enterConsent(tx, { id: ids.next(), ...about, by, now: clock.now() });
	if (entered === undefined) {
		throw new Problem(
			"conflict",
			"The contact said something at the same moment; look at the consent and repeat the call.",
		);
	}
	const { before, after } = entered;
	await audit(tx, ctx, { action: before === undefined ? "create" : "modify", before, after });
	const location = `/customerConsents/${encodeURIComponent(`${usage}_${address}`)}`;
	return { status: 201, location, body: toConsentObject(after), version: after.version };
}

type Audited = { action: "create" | "modify" | "delete"; before?: Consent | undefined; after?: Consent };

/** By its id. */
async function audit(
	tx: Tx,
	ctx: Pick<AnyContext, "deps" | "principal" | "via">,
	{ action, before, after }: Audited,
): Promise<void> {
	await recordChange(tx, ctx, {
		action,
		objectType: "customerConsent",
		objectId: (after ?? before)?.id ?? null,
		objectName: null,
		before: consentFacts(before),
		after: consentFacts(after),
	});
}

export const customerConsentRoutes: readonly Route[] = [list, create, one, remove];
