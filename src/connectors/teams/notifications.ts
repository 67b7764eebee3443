// Change notifications of Graph. A POST may bring items of several subscriptions, tenants and applications; each is judged
// by itself. https://learn.microsoft.com/graph/change-notifications-delivery-webhooks and
// …/change-notifications-with-resource-data, as documented, checked 2026-11-26.
//   {"value":[{"subscriptionId":"…","clientState":"…","tenantId":"…","changeType":"created","encryptedContent":{…}}],
//    "validationTokens":["eyJ…"]}

import type { ChannelEvent } from "#domain/messages.ts";
import type { RawRequest, Reply, Verdict } from "../contract.ts";
import { factsOf } from "../kit/facts.ts";
import { fingerprint, fingerprintOfBytes, keyOf } from "../kit/fingerprint.ts";
import { asArray, asObject, asText, readJson } from "../kit/http.ts";
import { type Claims, verifyJwt } from "../kit/jwt.ts";
import { matchesAny } from "../kit/signature.ts";
import { type ChangeType, eventOf } from "./chat-messages.ts";
import { decrypt } from "./decrypt.ts";
import type { TeamsConfig } from "./form.ts";
import type { Fields } from "./graph-api.ts";

/** Microsoft's own program that sends notifications; documented. */
const publisher = "0bf30f3b-4a52-48df-9a82-234910c4a086";
const validationCharactersMax = 1024; // Microsoft's have about 150.

/** Asked while we ask for a subscription, before anybody knows its id; nothing is proven by it, and nothing is taken. */
export function greeting({ method, url }: RawRequest): Reply | undefined {
	const given = new URLSearchParams(/\?([^#]*)/.exec(url)?.[1] ?? "").getAll("validationToken");
	const [token = "", ...more] = given;
	const isPlain = more.length === 0 && token.length <= validationCharactersMax && /^[\x20-\x7e]+$/.test(token);
	return method === "POST" && isPlain ? { status: 200, body: token, contentType: "text/plain" } : undefined;
}

type Notification = { items: readonly unknown[]; tokens: readonly string[]; isWhole: boolean };

const itemsMax = 1000;
const tokensMax = 20; // One for each application and tenant of the batch.

function readNotification({ body }: Pick<RawRequest, "body">): Notification | undefined {
	const fields = asObject(readJson(body));
	if (!Array.isArray(fields?.["value"])) {
		return undefined;
	}
	const given = fields["validationTokens"];
	const tokens = asArray(given).filter((token) => typeof token === "string");
	const isWhole = given === undefined || (Array.isArray(given) && tokens.length === given.length);
	return { items: asArray(fields["value"]), tokens, isWhole: isWhole && tokens.length <= tokensMax };
}

export function verifyNotification(req: RawRequest, config: TeamsConfig, now: Date): Verdict {
	const notification = readNotification(req);
	const stated = notification?.items.filter((item) => asText(asObject(item)?.["clientState"]) !== undefined) ?? [];
	if (notification === undefined || stated.length === 0) {
		return { ok: false, why: "missing" };
	}
	const known = stated.filter((item) => isOfOurs(item, config));
	if (known.length === 0 || !notification.isWhole) {
		return { ok: false, why: "mismatch" };
	}
	for (const token of new Set(notification.tokens)) {
		const verdict = verifyJwt(token, { keys: config.state.keys, now, isOurs: (claims) => isForUs(claims, config) });
		if (!verdict.ok) {
			return verdict;
		}
	}
	const tenants = tenantsOf(notification.tokens);
	const proven = known.some((item) => !isEncrypted(item) || isProven(item, tenants));
	return proven ? { ok: true } : { ok: false, why: notification.tokens.length === 0 ? "missing" : "mismatch" };
}

/** Compared in constant time, whatever was compared before. */
function isOfOurs(item: unknown, { clientStates }: TeamsConfig): boolean {
	return matchesAny(asText(asObject(item)?.["clientState"]) ?? "", clientStates, (secret) => secret);
}

/** Tokens of the first version name the caller `appid`, those of the second `azp`. */
function isForUs(claims: Claims, { application, tenantId }: TeamsConfig): boolean {
	const { aud, iss, tid, appid, azp } = claims;
	const issuers = [`https://sts.windows.net/${String(tid)}/`, `https://login.microsoftonline.com/${String(tid)}/v2.0`];
	return (
		application !== undefined &&
		aud === application.id &&
		typeof tid === "string" &&
		typeof iss === "string" &&
		issuers.includes(iss) &&
		(tenantId === undefined || tid.toLowerCase() === tenantId) &&
		(appid ?? azp) === publisher
	);
}

/** Of tokens that were verified. */
function tenantsOf(tokens: readonly string[]): ReadonlySet<string> {
	const claims = tokens.map((token) => asObject(readJson(Buffer.from(token.split(".")[1] ?? "", "base64url"))));
	return new Set(claims.map((claim) => asText(claim?.["tid"])?.toLowerCase()).filter((tid) => tid !== undefined));
}

function isEncrypted(item: unknown): boolean {
	return asObject(item)?.["encryptedContent"] !== undefined;
}

function isProven(item: unknown, tenants: ReadonlySet<string>): boolean {
	return tenants.has(asText(asObject(item)?.["tenantId"])?.toLowerCase() ?? "");
}

export function subscriptionsNamed(req: RawRequest): readonly string[] {
	const named = (readNotification(req)?.items ?? []).map((item) => asText(asObject(item)?.["subscriptionId"]));
	return [...new Set(named.filter((id) => id !== undefined))].slice(0, itemsMax);
}

export function parseNotification(req: RawRequest, config: TeamsConfig): readonly ChannelEvent[] {
	const notification = readNotification(req);
	if (notification === undefined) {
		const reason = "The body is no change notification: there is no list of items.";
		return [{ kind: "unreadable", dedupKey: `body:${fingerprintOfBytes(req.body)}`, reason }];
	}
	const tenants = tenantsOf(notification.tokens);
	return notification.items.slice(0, itemsMax).map((item) => eventOfItem(item, tenants, config));
}

function eventOfItem(value: unknown, tenants: ReadonlySet<string>, config: TeamsConfig): ChannelEvent {
	const item = asObject(value);
	const subscriptionId = asText(item?.["subscriptionId"]);
	if (item === undefined || subscriptionId === undefined) {
		return unreadable("An item names no subscription.", value);
	}
	if (!isOfOurs(item, config) || (isEncrypted(item) && !isProven(item, tenants))) {
		return { kind: "foreign", dedupKey: `foreign:${fingerprintOf(item)}`, account: subscriptionId };
	}
	const event = asText(item["lifecycleEvent"]);
	if (event !== undefined) {
		return waking("lifecycle", item, { event });
	}
	// The next round removes what is left of an earlier configuration, and fetches what a new one was too early to bring.
	if (!config.state.subscriptions.some(({ id }) => id === subscriptionId)) {
		return waking("subscription_unknown", item);
	}
	return isEncrypted(item) ? eventOfContent(item, config) : waking("notification", item);
}

function unreadable(reason: string, item: unknown): ChannelEvent {
	return { kind: "unreadable", dedupKey: `unreadable:${fingerprintOf(item)}`, reason };
}

/** Keys are kept in clear, and from a hash of what is known but for one word that somebody chose, the word is guessed. */
function fingerprintOf(item: unknown): string {
	const { clientState: _secret, ...others } = asObject(item) ?? { item };
	return fingerprint(others);
}

/** Something is to be fetched or mended; `clientState` is left out, because it is a secret. */
function waking(name: string, { clientState: _secret, ...item }: Fields, more: Fields = {}): ChannelEvent {
	const { subscriptionId, resource, changeType } = item;
	const facts = factsOf({ ...more, subscriptionId, resource, changeType });
	return { kind: "activity", dedupKey: keyOf(name, [undefined], item), name, facts, wakesUpkeep: true };
}

const changes: ReadonlySet<unknown> = new Set<ChangeType>(["created", "updated", "deleted"]);

function eventOfContent(item: Fields, config: TeamsConfig): ChannelEvent {
	const opened = decrypt(item["encryptedContent"], config.certificates);
	if (typeof opened === "string") {
		return unreadable(opened, item);
	}
	const message = asObject(readJson(opened));
	const change = item["changeType"];
	if (message === undefined || !changes.has(change)) {
		return unreadable("The encrypted content is no message, or was changed in a way that nobody knows.", item);
	}
	return eventOf(message, change as ChangeType, config);
}
