// Subscriptions to messages, kept alive: Graph's own list is the truth, ours says what each was made for. They last an hour;
// a round comes by the half of it, and renews every one that was not made or renewed just before. So a round that a lifecycle
// event asks for renews them too, which is what reauthorizationRequired demands.
// https://learn.microsoft.com/graph/api/subscription-post-subscriptions and
// https://learn.microsoft.com/graph/change-notifications-lifecycle-events, checked 2026-11-26.
//   POST /subscriptions {"changeType":"created,updated","notificationUrl":"…","resource":"…","clientState":"…", …}

import { createHmac } from "node:crypto";
import type { Tools } from "../contract.ts";
import { asArray, asObject, asText } from "../kit/http.ts";
import { messagesPath } from "./addresses.ts";
import type { Certificate } from "./certificate.ts";
import type { TeamsConfig, Target } from "./form.ts";
import { askGraph, nextPage, stopsAll, type Trouble } from "./graph-api.ts";
import type { Subscription, TeamsState } from "./state.ts";

/** Graph gives messages no more than an hour where no address for lifecycle events is named; we name one, and stay below. */
const lifetimeMs = 59 * 60_000;
export const renewBeforeMs = 30 * 60_000;
const youngMs = 20_000;
const changesMax = 10; // In one round: each is a request, and Microsoft calls us back for each new one.
const pagesMax = 5; // Of Graph's list, which has those of every service with this application and user.

export type Our = { webhookUrl: string };
/** `trouble`: the first, unless another one ended it all. */
export type Kept = { state: TeamsState; isChanged: boolean; isWhole: boolean; trouble?: Trouble };
type Step =
	| { kind: "create"; resource: string }
	| { kind: "renew"; subscription: Subscription }
	| { kind: "end"; id: string };

export async function withSubscriptions(state: TeamsState, config: TeamsConfig, our: Our, tools: Tools): Promise<Kept> {
	const listed = await listSubscriptions(config, tools);
	if (!listed.ok) {
		return { state, isChanged: false, isWhole: false, trouble: listed.trouble };
	}
	const living = livingIn(listed.items, our);
	const mark = markOf(config, our);
	const wanted = resourcesOf(state, config);
	const { needed, early } = stepsFor(state, { living, wanted, mark, now: tools.now() });
	const kept = state.subscriptions.flatMap((one) => {
		const expiresAt = living.get(one.id);
		return expiresAt === undefined ? [] : [{ ...one, expiresAt }];
	});
	const change = new Change({ ...state, subscriptions: kept }, { config, our, mark, tools });
	for (const step of [...needed, ...early].slice(0, changesMax)) {
		await change.take(step);
	}
	const { state: current, isChanged, trouble } = change;
	return {
		state: { ...current, refused: current.refused.filter((resource) => wanted.includes(resource)) },
		isChanged: isChanged || kept.length < state.subscriptions.length,
		isWhole: needed.length <= changesMax,
		...(trouble === undefined ? {} : { trouble }),
	};
}

type Listed = { ok: true; items: readonly unknown[] } | { ok: false; trouble: Trouble };

async function listSubscriptions(config: TeamsConfig, tools: Tools): Promise<Listed> {
	const items: unknown[] = [];
	let page: string | undefined;
	for (let pages = 0; pages < pagesMax; pages++) {
		const asked = { method: "GET", path: "/subscriptions", ...(page === undefined ? {} : { page }) } as const;
		const told = await askGraph(asked, config, tools);
		if (!told.ok) {
			return told;
		}
		items.push(...asArray(told.fields["value"]));
		page = nextPage(told.fields, config);
		if (page === undefined) {
			break;
		}
	}
	return { ok: true, items };
}

/** Those that lead to this service, by id, with the time of their end. */
export function livingIn(items: readonly unknown[], { webhookUrl }: Our): ReadonlyMap<string, string> {
	const found = items.flatMap((item): [string, string][] => {
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

/**
 * Another address, client state or certificate needs another subscription: none of them can be changed in one. It is kept
 * beside the state, so it says nothing about the client state to whoever does not have the other secrets as well.
 */
export function markOf(config: TeamsConfig, { webhookUrl }: Our): string {
	const { clientStates, certificates, application, user } = config;
	const [certificate] = certificates;
	const key = JSON.stringify([application?.secrets[0], user?.secrets[0], keyText(certificate)]);
	const made = JSON.stringify([webhookUrl, clientStates[0], certificate?.der]);
	return createHmac("sha256", key).update(made).digest("hex").slice(0, 16);
}

function keyText(certificate: Certificate | undefined): string | undefined {
	return certificate?.privateKey.export({ format: "der", type: "pkcs8" }).toString("base64");
}

type Situation = { living: ReadonlyMap<string, string>; wanted: readonly string[]; mark: string; now: Date };

type Steps = { needed: readonly Step[]; early: readonly Step[] };

/**
 * What lives on is renewed first, whatever becomes of the others; then what is in the way ends, because Graph allows one
 * subscription for an application and a chat. What was refused is asked for after what was not.
 */
function stepsFor({ subscriptions, refused }: TeamsState, { living, wanted, mark, now }: Situation): Steps {
	const endOf = ({ id }: Subscription): string => living.get(id) ?? "";
	const fitting = subscriptions
		.filter(({ id, mark: own, resource }) => living.has(id) && own === mark && wanted.includes(resource))
		.toSorted((one, other) => endOf(one).localeCompare(endOf(other)));
	const later = (ms: number): string => new Date(now.getTime() + ms).toISOString();
	const renewal = (subscription: Subscription): Step => ({ kind: "renew", subscription });
	const isDue = (subscription: Subscription): boolean => endOf(subscription) <= later(renewBeforeMs);
	const missing = wanted.filter((resource) => !fitting.some((subscription) => subscription.resource === resource));
	const turn = (resource: string): number => refused.indexOf(resource);
	return {
		needed: [
			...fitting.filter(isDue).map(renewal),
			...[...living.keys()]
				.filter((id) => !fitting.some((subscription) => subscription.id === id))
				.map((id): Step => ({ kind: "end", id })),
			...missing
				.toSorted((one, other) => turn(one) - turn(other))
				.map((resource): Step => ({ kind: "create", resource })),
		],
		early: fitting.filter((one) => !isDue(one) && endOf(one) <= later(lifetimeMs - youngMs)).map(renewal),
	};
}

type Making = { config: TeamsConfig; our: Our; mark: string; tools: Tools };
type Done = { made?: Subscription; removed?: string } | { trouble: Trouble };

/** Step by step. What is refused is refused for itself: the next step is taken all the same, unless nothing would go. */
class Change {
	state: TeamsState;
	isChanged = false;
	trouble: Trouble | undefined;
	readonly #making: Making;
	#isStopped = false;

	constructor(state: TeamsState, making: Making) {
		this.state = state;
		this.#making = making;
	}

	async take(step: Step): Promise<void> {
		if (this.#isStopped) {
			return;
		}
		const done = await takeStep(step, this.#making);
		const refused = this.state.refused.filter((one) => step.kind !== "create" || one !== step.resource);
		if ("trouble" in done) {
			this.#isStopped = stopsAll(done.trouble);
			this.trouble = this.#isStopped ? done.trouble : (this.trouble ?? done.trouble);
			this.state = { ...this.state, refused: step.kind === "create" ? [...refused, step.resource] : refused };
			return;
		}
		const { made, removed } = done;
		// What was renewed in vain is gone, and is made anew by the round that comes soon.
		this.isChanged ||= step.kind === "create" || (step.kind === "renew" && made === undefined);
		const others = this.state.subscriptions.filter(({ id }) => id !== removed);
		this.state = { ...this.state, refused, subscriptions: [...others, ...(made === undefined ? [] : [made])] };
	}
}

async function takeStep(step: Step, making: Making): Promise<Done> {
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
	// Removed meanwhile.
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
