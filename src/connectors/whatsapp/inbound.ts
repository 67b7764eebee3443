// The webhook of a WhatsApp service: the greeting, the signature, and each change routed by the number it is about.
// https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages, checked 2026-11-26.
//   POST /sms/whatsapp/<service id>   X-Hub-Signature-256: sha256=<HMAC-SHA256 of the raw body under the App Secret>
//   {"object":"whatsapp_business_account","entry":[{"id":"<account>","changes":[{"field":"messages","value":{
//    "metadata":{"phone_number_id":"106540352242922"},"contacts":[…],"messages":[…],"statuses":[…],"errors":[…]}}]}]}

import type { ChannelEvent } from "#domain/messages.ts";

import type { RawRequest, Reply, Verdict } from "../contract.ts";
import { cut, factsOf } from "../kit/facts.ts";
import { fingerprint, fingerprintOfBytes } from "../kit/fingerprint.ts";
import { asArray, asObject, asText, readJson } from "../kit/http.ts";
import { metaHandshake, verifyMetaSignature } from "../kit/meta-webhook.ts";
import { type Change, unreadable } from "./change.ts";
import type { WhatsAppConfig } from "./form.ts";
import { eventOfMessage } from "./message-events.ts";
import { eventOfEcho, eventOfError, eventOfPreference, eventOfStatus } from "./reports.ts";

export { metaAck as ack } from "../kit/meta-webhook.ts";

export function verify(req: RawRequest, config: WhatsAppConfig): Verdict {
	return verifyMetaSignature(req, config.appSecrets);
}

export function handshake(req: RawRequest, config: WhatsAppConfig): Reply | undefined {
	return metaHandshake(req, config.verifyTokens);
}

export function accountsNamed(req: RawRequest): readonly string[] {
	const entries = asArray(asObject(readJson(req.body))?.["entry"]);
	const changes = entries.flatMap((entry) => asArray(asObject(entry)?.["changes"]));
	const named = changes.map((change) => numberOf(asObject(asObject(change)?.["value"])));
	return [...new Set(named.filter((id) => id !== undefined))];
}

function numberOf(value: Readonly<Record<string, unknown>> | undefined): string | undefined {
	return asText(asObject(value?.["metadata"])?.["phone_number_id"]);
}

export function accountsOf(config: WhatsAppConfig): readonly string[] {
	return config.numbers.map((number) => number.phoneNumberId);
}

/** A body may hold changes of several accounts and numbers; each is read on its own. */
export function parse(req: RawRequest, config: WhatsAppConfig): readonly ChannelEvent[] {
	const body = asObject(readJson(req.body));
	const kind = asText(body?.["object"]);
	if (body === undefined || kind === undefined || !Array.isArray(body["entry"])) {
		const reason = "The body is no notification of WhatsApp: no object or no list of entries.";
		return [{ kind: "unreadable", dedupKey: `body:${fingerprintOfBytes(req.body)}`, reason }];
	}
	return asArray(body["entry"]).flatMap((entry) => eventsOfEntry(entry, kind, config));
}

const ownObject = "whatsapp_business_account";

function eventsOfEntry(value: unknown, kind: string, config: WhatsAppConfig): readonly ChannelEvent[] {
	// `time` is when the entry was sent, so another delivery of the same one may carry another.
	const { time: _time, ...entry } = asObject(value) ?? { value };
	const accountId = asText(entry["id"]) ?? "";
	if (kind !== ownObject) {
		const account = `${kind}:${accountId}`;
		return [{ kind: "foreign", dedupKey: `foreign:${fingerprint([kind, entry])}`, account }];
	}
	return Array.isArray(entry["changes"])
		? asArray(entry["changes"]).flatMap((change) => eventsOfChange(change, accountId, config))
		: [unreadable("An entry has no list of changes.", entry, "")];
}

function eventsOfChange(item: unknown, accountId: string, config: WhatsAppConfig): readonly ChannelEvent[] {
	const field = asText(asObject(item)?.["field"]);
	const value = asObject(asObject(item)?.["value"]);
	if (field === undefined || value === undefined) {
		return [unreadable("A change has no field or no value.", item, "")];
	}
	const phoneNumberId = numberOf(value);
	if (phoneNumberId === undefined) {
		return Object.hasOwn(readers, field)
			? [unreadable("A change does not name the number it is about.", item, "")]
			: [otherChange(field, value, { accountId })];
	}
	const number = config.numbers.find((candidate) => candidate.phoneNumberId === phoneNumberId);
	if (number === undefined) {
		return [{ kind: "foreign", dedupKey: `foreign:${fingerprint(item)}`, account: phoneNumberId }];
	}
	const read = Object.hasOwn(readers, field) ? readers[field] : undefined;
	const change: Change = { phoneNumberId, value, serviceConnection: config.serviceConnection };
	return read?.(change) ?? [otherChange(field, value, { accountId, ourAddress: phoneNumberId })];
}

type Reader = (item: unknown, change: Change) => ChannelEvent;

const readers: Readonly<Record<string, (change: Change) => readonly ChannelEvent[]>> = {
	messages: (change) => listsOf(change, { messages: eventOfMessage, statuses: eventOfStatus, errors: eventOfError }),
	user_preferences: (change) => listsOf(change, { user_preferences: eventOfPreference }),
	smb_message_echoes: (change) => listsOf(change, { message_echoes: eventOfEcho }),
};

function listsOf(change: Change, lists: Readonly<Record<string, Reader>>): readonly ChannelEvent[] {
	const present = Object.entries(lists).filter(([name]) => change.value[name] !== undefined);
	return present.length === 0
		? [unreadable("A change has nothing in it.", change.value, change.phoneNumberId)]
		: present.flatMap(([name, read]) => eventsOfList(name, read, change));
}

function eventsOfList(name: string, read: Reader, change: Change): readonly ChannelEvent[] {
	const items = change.value[name];
	return Array.isArray(items)
		? asArray(items).map((item) => read(item, change))
		: [unreadable(`The ${name} of a change are no list.`, { [name]: items }, change.phoneNumberId)];
}

const nameCharactersMax = 64;

/** Templates, calls, the account and whatever Meta adds: not messages, and no reason to have the batch sent again. */
function otherChange(
	field: string,
	value: Readonly<Record<string, unknown>>,
	{ accountId, ourAddress }: { accountId: string; ourAddress?: string },
): ChannelEvent {
	return {
		kind: "activity",
		dedupKey: `change:${fingerprint([accountId, field, value])}`,
		name: cut(field, nameCharactersMax),
		...(ourAddress === undefined ? {} : { ourAddress }),
		facts: factsOf(value),
	};
}
