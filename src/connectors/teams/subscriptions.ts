// Subscriptions to messages, kept alive: Graph's own list is the truth, ours says what each was made for. They last an hour
// and are renewed in its second half. https://learn.microsoft.com/graph/api/subscription-post-subscriptions, checked
// 2026-11-26.
//   POST /subscriptions {"changeType":"created,updated","notificationUrl":"…","resource":"…","clientState":"…", …}

import { createHash } from "node:crypto";
import type { Tools } from "../contract.ts";
import { asArray, asObject, asText } from "../kit/http.ts";
import { messagesPath } from "./addresses.ts";
import type { TeamsConfig, Target } from "./form.ts";
import { askGraph, type Trouble } from "./graph-api.ts";
import type { Subscription, TeamsState } from "./state.ts";

/** Graph gives messages no more than an hour where no address for lifecycle events is named; we name one, and stay below. */
const lifetimeMs = 59 * 60_000;
export const renewBeforeMs = 30 * 60_000;
const changesMax = 10; // In one round: each is a request, and Microsoft calls us back for each new one.

export type Our = { webhookUrl: string };
export type Kept = { state: TeamsState; isChanged: boolean; isWhole: boolean; trouble?: Trouble };
type Step =
	| { kind: "create"; resource: string }
	| { kind: "renew"; subscription: Subscription }
	| { kind: "end"; id: string };

export async function withSubscriptions(state: TeamsState, config: TeamsConfig, our: Our, tools: Tools): Promise<Kept> {
	const listed = await askGraph({ method: "GET", path: "/subscriptions" }, config, tools);
	if (!listed.ok) {
		return { state, isChanged: false, isWhole: false, trouble: listed.trouble };
	}
	const living = livingIn(listed.fields["value"], our);
	const mark = markOf(config, our);
	const steps = stepsFor(state, { living, wanted: resourcesOf(state, config), mark, now: tools.now() });
	const kept = state.subscriptions.filter(({ id }) => living.has(id));
	let current: TeamsState = { ...state, subscriptions: kept };
	let isChanged = kept.length < state.subscriptions.length;
	for (const step of steps.slice(0, changesMax)) {
		const done = await take(step, { config, our, mark, tools });
		if ("trouble" in done) {
			return { state: current, isChanged, isWhole: false, trouble: done.trouble };
		}
		isChanged ||= step.kind === "create";
		const others = current.subscriptions.filter(({ id }) => id !== done.removed);
		current = { ...current, subscriptions: [...others, ...(done.made === undefined ? [] : [done.made])] };
	}
	return { state: current, isChanged, isWhole: steps.length <= changesMax };
}

/** Those that lead to this service, by id, with the time of their end. */
export function livingIn(value: unknown, { webhookUrl }: Our): ReadonlyMap<string, string> {
	const found = asArray(value).flatMap((item): [string, string][] => {
		const fields = asObject(item);
		const id = asText(fields?.["id"]);
		const end = new Date(asText(fields?.["expirationDateTime"]) ?? Number.NaN);
		const isOurs = fields?.["notificationUrl"] === webhookUrl && id !== undefined && !Number.isNaN(end.getTime());
		return isOurs ? [[id, end.toISOString()]] : [];
	});
	return new Map(found);
}

export function resourcesOf({ userId = "" }: TeamsState, { targets }: TeamsConfig): readonly string[] {
	return targets.map((target) => resourceOf(target, userId));
}

function resourceOf(target: Target, userId: string): string {
	return target.kind === "everyChat"
		? `/users/${encodeURIComponent(userId)}/chats/getAllMessages`
		: decodeURIComponent(messagesPath(target));
}

/** Another address, client state or certificate needs another subscription: none of them can be changed in one. */
export function markOf({ clientStates, certificates }: TeamsConfig, { webhookUrl }: Our): string {
	const [certificate] = certificates;
	const made = JSON.stringify([webhookUrl, clientStates[0], certificate?.der]);
	return createHash("sha256").update(made).digest("hex").slice(0, 16);
}

type Situation = { living: ReadonlyMap<string, string>; wanted: readonly string[]; mark: string; now: Date };

/** What is in the way ends first: Graph allows one subscription for an application and a chat. */
function stepsFor({ subscriptions }: TeamsState, { living, wanted, mark, now }: Situation): readonly Step[] {
	const fitting = subscriptions.filter(
		(subscription) =>
			living.has(subscription.id) && subscription.mark === mark && wanted.includes(subscription.resource),
	);
	const soon = new Date(now.getTime() + renewBeforeMs).toISOString();
	const missing = wanted.filter((resource) => !fitting.some((subscription) => subscription.resource === resource));
	return [
		...[...living.keys()]
			.filter((id) => !fitting.some((subscription) => subscription.id === id))
			.map((id): Step => ({ kind: "end", id })),
		...missing.map((resource): Step => ({ kind: "create", resource })),
		...fitting
			.filter(({ id }) => (living.get(id) ?? "") <= soon)
			.map((subscription): Step => ({ kind: "renew", subscription })),
	];
}

type Making = { config: TeamsConfig; our: Our; mark: string; tools: Tools };
type Done = { made?: Subscription; removed?: string } | { trouble: Trouble };

async function take(step: Step, making: Making): Promise<Done> {
	switch (step.kind) {
		case "create":
			return create(step.resource, making);
		case "renew":
			return renew(step.subscription, making);
		case "end":
			return end(step.id, making);
	}
}

async function create(resource: string, { config, our, mark, tools }: Making): Promise<Done> {
	const expiresAt = new Date(tools.now().getTime() + lifetimeMs).toISOString();
	const certificate = config.certificates.find(({ der }) => der !== undefined);
	const body = {
		changeType: "created,updated",
		notificationUrl: our.webhookUrl,
		lifecycleNotificationUrl: our.webhookUrl,
		resource,
		expirationDateTime: expiresAt,
		clientState: config.clientStates[0],
		...(certificate === undefined
			? {}
			: {
					includeResourceData: true,
					encryptionCertificate: certificate.der,
					encryptionCertificateId: certificate.id,
				}),
	};
	const told = await askGraph({ method: "POST", path: "/subscriptions", body }, config, tools);
	if (!told.ok) {
		return { trouble: refusedAt(resource, told.trouble) };
	}
	const id = asText(told.fields["id"]);
	return id === undefined
		? { trouble: { code: "protocol", detail: "Microsoft made a subscription, but named no id.", status: 200 } }
		: { made: { id, resource, expiresAt: endIn(told.fields["expirationDateTime"]) ?? expiresAt, mark } };
}

function refusedAt(resource: string, trouble: Trouble): Trouble {
	const what = resource.replace(/\/users\/[^/]*\//, "/").slice(0, 100);
	return { ...trouble, detail: `The subscription to ${what} cannot be made. ${trouble.detail}` };
}

async function renew(subscription: Subscription, { config, tools }: Making): Promise<Done> {
	const { id } = subscription;
	const expiresAt = new Date(tools.now().getTime() + lifetimeMs).toISOString();
	const path = `/subscriptions/${encodeURIComponent(id)}`;
	const told = await askGraph({ method: "PATCH", path, body: { expirationDateTime: expiresAt } }, config, tools);
	if (told.ok) {
		const end = endIn(told.fields["expirationDateTime"]) ?? expiresAt;
		return { removed: id, made: { ...subscription, expiresAt: end } };
	}
	// Removed meanwhile: the next round, which comes soon, makes another.
	return told.trouble.status === 404 ? { removed: id } : { trouble: told.trouble };
}

function endIn(value: unknown): string | undefined {
	const end = new Date(asText(value) ?? Number.NaN);
	return Number.isNaN(end.getTime()) ? undefined : end.toISOString();
}

async function end(id: string, { config, tools }: Making): Promise<Done> {
	const told = await askGraph({ method: "DELETE", path: `/subscriptions/${encodeURIComponent(id)}` }, config, tools);
	return told.ok || told.trouble.status === 404 ? { removed: id } : { trouble: told.trouble };
}
