// The webhook of a Facebook service: the greeting, the signature, and each update routed by the page it is about.
// https://developers.facebook.com/docs/messenger-platform/webhooks, as documented, checked 2026-11-24.
//   POST /sms/facebook/<service id>   X-Hub-Signature-256: sha256=<HMAC-SHA256 of the raw body under the App Secret>
//   {"object":"page","entry":[{"id":"111","time":1700000000005,"messaging":[{"sender":{"id":"u1"}, …}]}]}

import type { ChannelEvent } from "#domain/messages.ts";

import type { RawRequest, Reply, Verdict } from "../contract.ts";
import { asArray, asObject, asText, readJson } from "../kit/http.ts";
import { metaHandshake, verifyMetaSignature } from "../kit/meta-webhook.ts";
import { eventsOf, unreadable } from "./events.ts";
import { factsOf } from "../kit/facts.ts";
import { fingerprint, fingerprintOfBytes } from "../kit/fingerprint.ts";
import type { FacebookConfig } from "./form.ts";

export { metaAck as ack } from "../kit/meta-webhook.ts";

export function verify(req: RawRequest, config: FacebookConfig): Verdict {
	return verifyMetaSignature(req, config.appSecrets);
}

export function handshake(req: RawRequest, config: FacebookConfig): Reply | undefined {
	return metaHandshake(req, config.verifyTokens);
}

export function accountsNamed(req: RawRequest): readonly string[] {
	const entries = asArray(asObject(readJson(req.body))?.["entry"]);
	const named = entries.map((entry) => asText(asObject(entry)?.["id"])).filter((id) => id !== undefined);
	return [...new Set(named)];
}

export function accountsOf(config: FacebookConfig): readonly string[] {
	return config.pages.map((page) => page.pageId);
}

/** A body may hold up to 1000 updates of several pages; each is read on its own. */
export function parse(req: RawRequest, config: FacebookConfig): readonly ChannelEvent[] {
	const body = asObject(readJson(req.body));
	const kind = asText(body?.["object"]);
	if (body === undefined || kind === undefined || !Array.isArray(body["entry"])) {
		const reason = "The body is not a page notification: no object or no list of entries.";
		return [{ kind: "unreadable", dedupKey: `body:${fingerprintOfBytes(req.body)}`, reason }];
	}
	const pages = new Set(accountsOf(config));
	return asArray(body["entry"]).flatMap((entry) => eventsOfEntry(entry, kind, pages));
}

/**
 * One signing secret serves all pages of an app, so the page must be one of this service's own. Bodies about other
 * objects (`instagram`, `user`) are never ours, whatever their ids.
 */
function eventsOfEntry(value: unknown, kind: string, pages: ReadonlySet<string>): readonly ChannelEvent[] {
	// `time` is when the entry was sent, so another delivery of the same one may carry another.
	const { time: _time, ...entry } = asObject(value) ?? { value };
	const pageId = asText(entry["id"]);
	if (pageId === undefined) {
		return [unreadable("An entry does not name its page.", entry, "")];
	}
	if (kind !== "page" || !pages.has(pageId)) {
		const account = kind === "page" ? pageId : `${kind}:${pageId}`;
		return [{ kind: "foreign", dedupKey: `foreign:${account}:${fingerprint(entry)}`, account }];
	}
	const present = lists.filter((name) => entry[name] !== undefined);
	return present.length === 0
		? [unreadable("An entry has no updates.", entry, pageId)]
		: present.flatMap((name) => eventsOfList(name, entry[name], pageId));
}

const lists = ["messaging", "standby", "changes"] as const;

function eventsOfList(name: (typeof lists)[number], items: unknown, pageId: string): readonly ChannelEvent[] {
	if (!Array.isArray(items)) {
		return [unreadable(`An entry's ${name} is not a list.`, { [name]: items }, pageId)];
	}
	return name === "changes"
		? asArray(items).map((change) => changeOf(change, pageId))
		: asArray(items).flatMap((item) => eventsOf(item, { pageId, standby: name === "standby" }));
}

/** Feed, leads and the like: not messages, and no reason to make Meta deliver the batch again. */
function changeOf(change: unknown, pageId: string): ChannelEvent {
	const dedupKey = `change:${pageId}:${fingerprint(change)}`;
	return { kind: "activity", dedupKey, name: "change", ourAddress: pageId, facts: factsOf(change, "") };
}
