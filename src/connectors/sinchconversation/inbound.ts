// Callbacks of the Conversation API: the signature is checked on the raw bytes, then the one distinctive key of the body
// says what it is. Everything that is genuine is acknowledged; what cannot be read is parked, never refused.

import type { ActivityEvent, ChannelEvent, ContactAddress, ReceiptTarget } from "#domain/messages.ts";
import type { RemoteId } from "#domain/ids.ts";

import type { RawRequest, Reply, Verdict, VerifiedRequest } from "../contract.ts";
import { asObject, readJson } from "../kit/http.ts";
import { verifySinchSignature } from "../kit/sinch-signature.ts";
import { channelOfCode, type OurAddress, scopeOf, toAddress, toIdentity } from "./addresses.ts";
import { attemptOf } from "../kit/attempt-mark.ts";
import { activityKinds, contactEventNames, envelopeKeys, type ActivityKind } from "./callbacks.ts";
import { deliveryStatuses, reasonCodes, reasonSubCodes } from "./codes.ts";
import { contentOf } from "./contact-message.ts";
import { cut, type Facts, factsOf } from "../kit/facts.ts";
import { attachedFacts, type Fields, objectAt, textAt, timeAt } from "./fields.ts";
import { fingerprintOfBytes, keyOf } from "../kit/fingerprint.ts";
import type { SinchConversationConfig } from "./form.ts";

export function verify(req: RawRequest, config: SinchConversationConfig, now: Date): Verdict {
	return verifySinchSignature(req, config.webhookSecrets, now);
}

export function accountsNamed(req: RawRequest): readonly string[] {
	const appId = textAt(asObject(readJson(req.body)) ?? {}, "app_id");
	return appId === undefined ? [] : [appId.toUpperCase()];
}

export function accountsOf(config: SinchConversationConfig): readonly string[] {
	return config.apps.map((app) => app.appId);
}

export function ack(): Reply {
	return { status: 200 };
}

/** One callback's surroundings: the app, the time of what happened, and a key for what cannot be read. */
type Envelope = { body: Fields; bodyKey: string; appId: string | undefined; at: { at?: Date } };

export function parse(req: VerifiedRequest, config: SinchConversationConfig): readonly ChannelEvent[] {
	const bodyKey = fingerprintOfBytes(req.body);
	const body = asObject(readJson(req.body));
	if (body === undefined) {
		return [{ kind: "unreadable", dedupKey: `unreadable:${bodyKey}`, reason: "The body is not a JSON object." }];
	}
	const at = asTime(timeAt(body, "event_time") ?? timeAt(body, "accepted_time"));
	const account = foreignAccount(body, config);
	if (account !== undefined) {
		return [{ kind: "foreign", dedupKey: `foreign:${bodyKey}`, ...at, account: cut(account, 100) }];
	}
	const envelope = { body, bodyKey, appId: textAt(body, "app_id")?.toUpperCase(), at };
	const names = Object.keys(body).filter((name) => !envelopeKeys.has(name) && body[name] !== null);
	const known = names.filter((name) => readers.has(name));
	if (known.length > 0) {
		return known.map((name) => eventOf(name, body[name], envelope));
	}
	return [
		names.length === 0
			? unreadable(envelope, "The callback names nothing that happened.")
			: readUnknown(Object.fromEntries(names.map((name) => [name, body[name]])), envelope),
	];
}

/** The app, or where none is named the project, when it is not one of ours: one secret may sign for several services. */
function foreignAccount(body: Fields, config: SinchConversationConfig): string | undefined {
	const appId = textAt(body, "app_id");
	if (appId !== undefined) {
		return config.apps.some((app) => app.appId === appId.toUpperCase()) ? undefined : appId;
	}
	const projectId = textAt(body, "project_id");
	return projectId === undefined || projectId.toLowerCase() === config.projectId?.toLowerCase() ? undefined : projectId;
}

const readers = new Map<string, (item: Fields, envelope: Envelope) => ChannelEvent>([
	["message", readMessage],
	["message_redaction", readMessage],
	["message_delivery_report", readDeliveryReport],
	["event", readContactEvent],
	...activityKinds.map(
		(kind) => [kind.key, (item: Fields, envelope: Envelope) => readActivity(item, kind, envelope)] as const,
	),
]);

function eventOf(name: string, value: unknown, envelope: Envelope): ChannelEvent {
	const item = Array.isArray(value) ? { items: value } : asObject(value);
	return item === undefined
		? unreadable(envelope, `The field ${name} is not an object.`)
		: (readers.get(name) ?? readUnknown)(item, envelope);
}

function unreadable(envelope: Envelope, reason: string): ChannelEvent {
	return { kind: "unreadable", dedupKey: `unreadable:${envelope.bodyKey}`, ...envelope.at, reason };
}

function asTime(at: Date | undefined): { at?: Date } {
	return at === undefined ? {} : { at };
}

/** `message_redaction` is the same message with its private data blacked out; whichever comes first is kept. */
function readMessage(item: Fields, envelope: Envelope): ChannelEvent {
	const sides = sidesOf(item, envelope);
	const remoteId = textAt(item, "id") as RemoteId | undefined;
	if (sides.ours === undefined || sides.contact === undefined || remoteId === undefined) {
		return unreadable(envelope, "The message lacks its id, its app, its channel or its sender.");
	}
	if (textAt(item, "direction") === "TO_CONTACT") {
		return readActivity(item, { key: "message", name: "message_sent_elsewhere", ids: ["id"] }, envelope);
	}
	const content = contentOf(objectAt(item, "contact_message") ?? {});
	if (content === undefined) {
		return unreadable(envelope, "The message is of a kind that is not known, or incomplete.");
	}
	const { facts, ...what } = content;
	return {
		kind: "message",
		dedupKey: keyOf("message", [remoteId], item),
		...asTime(timeAt(item, "accept_time") ?? envelope.at.at),
		remoteId,
		channel: sides.ours.row.channel,
		ourAddress: toAddress(sides.ours),
		contact: sides.contact,
		...what,
		...asMetadata({ ...attachedTo(item, envelope), ...facts }),
	};
}

/** The sender's own data first, so that it cannot pass for what the provider says. */
function attachedTo(item: Fields, envelope: Envelope): Facts {
	return {
		...attachedFacts(envelope.body["message_metadata"]),
		...attachedFacts(item["metadata"]),
		...factsOf({
			senderId: item["sender_id"],
			sinchContactId: item["contact_id"],
			sinchConversationId: item["conversation_id"],
			correlationId: envelope.body["correlation_id"],
		}),
	};
}

function asMetadata(metadata: Facts): { metadata?: Facts } {
	return Object.keys(metadata).length === 0 ? {} : { metadata };
}

type Sides = { ours: OurAddress | undefined; contact: ContactAddress | undefined };

/** Most callbacks have a `channel_identity`; some have `channel` and `identity` side by side. */
function sidesOf(item: Fields, envelope: Envelope): Sides {
	const identity = objectAt(item, "channel_identity") ?? objectAt(item, "channel_event") ?? item;
	const row = channelOfCode(identity["channel"]);
	if (row === undefined || envelope.appId === undefined) {
		return { ours: undefined, contact: undefined };
	}
	const ours = { appId: envelope.appId, row };
	const address = textAt(identity, "identity");
	return { ours, contact: address === undefined ? undefined : contactAt(address, ours) };
}

function contactAt(address: string, ours: OurAddress): ContactAddress {
	const scope = scopeOf(ours);
	return { address: toIdentity(address, ours.row) ?? address, ...(scope === undefined ? {} : { scope }) };
}

function readDeliveryReport(item: Fields, envelope: Envelope): ChannelEvent {
	const status = textAt(item, "status") ?? "";
	const state = deliveryStatuses.get(status) ?? "activity";
	const ids = ["message_id", "status", "channel_identity.channel"];
	if (state === "activity") {
		return readActivity(item, { key: "receipt", name: "delivery_status", ids }, envelope);
	}
	const target = targetOf(item);
	if (target === undefined) {
		return unreadable(envelope, "The delivery report does not say which message it is about.");
	}
	const key = keyOf(
		"receipt",
		ids.map((path) => textAt(item, path)),
		{ item, at: envelope.at.at?.toISOString() },
	);
	const receipt = { kind: "receipt", dedupKey: key, ...envelope.at, target } as const;
	return state === "failed" ? { ...receipt, status: state, fault: faultOf(item) } : { ...receipt, status: state };
}

function targetOf(item: Fields): ReceiptTarget | undefined {
	const remoteId = textAt(item, "message_id") as RemoteId | undefined;
	const attemptId = attemptOf(item["metadata"]);
	if (remoteId !== undefined) {
		return attemptId === undefined ? { by: "remote", remoteId } : { by: "remote", remoteId, attemptId };
	}
	return attemptId === undefined ? undefined : { by: "attempt", attemptId };
}

function faultOf(item: Fields) {
	const reason = objectAt(item, "reason") ?? {};
	const code = textAt(reason, "code") ?? "UNKNOWN";
	const subCode = textAt(reason, "sub_code");
	const telling = subCode === undefined || subCode === "UNSPECIFIED_SUB_CODE" ? undefined : subCode;
	const providerCode = cut(telling === undefined ? code : `${code}/${telling}`, 100);
	const words = [providerCode, textAt(reason, "channel_code"), textAt(reason, "description")];
	return {
		code: reasonSubCodes.get(subCode ?? "") ?? reasonCodes.get(code) ?? ("unreachable" as const),
		detail: `Not delivered: ${cut(words.filter((word) => word !== undefined).join(", "), 200)}.`,
		providerCode,
	};
}

/** The content is in `contact_event` or `contact_message_event`; some pages of the vendor wrap it in a generic payload. */
function readContactEvent(item: Fields, envelope: Envelope): ChannelEvent {
	const content = objectAt(item, "contact_event") ?? objectAt(item, "contact_message_event") ?? {};
	const payload = objectAt(content, "generic_event.payload") ?? {};
	const [key, what] = knownEvent(payload) ?? knownEvent(content) ?? ["", content];
	const ids = [textAt(item, "id")];
	return activityOf(
		item,
		{
			name: contactEventNames.get(key) ?? "contact_event",
			dedupKey: keyOf("event", ids, { item, at: envelope.at.at?.toISOString() }),
			remoteId: textAt(what, "message_id"),
			facts: factsOf(what),
		},
		envelope,
	);
}

function knownEvent(content: Fields): [string, Fields] | undefined {
	const key = Object.keys(content).find((name) => contactEventNames.has(name));
	return key === undefined ? undefined : [key, objectAt(content, key) ?? {}];
}

function readUnknown(item: Fields, envelope: Envelope): ChannelEvent {
	return readActivity(item, { key: "callback", name: "unknown_callback", ids: [] }, envelope);
}

/** Left out: our own text, which is kept with the message, and the contact, who is named beside the facts. */
function readActivity(item: Fields, kind: ActivityKind, envelope: Envelope): ChannelEvent {
	const ids = kind.ids.map((path) => textAt(item, path));
	const activity = activityOf(
		item,
		{
			name: kind.name,
			dedupKey: keyOf(kind.key, ids, { item, at: envelope.at.at?.toISOString() }),
			remoteId: textAt(item, "message_id"),
			facts: factsOf({ ...item, submitted_message: null, channel_identity: null }),
		},
		envelope,
	);
	const state = consentWords.get(textAt(item, "status") ?? "");
	const channel = sidesOf(item, envelope).ours?.row.channel;
	return state === undefined || channel === undefined || activity.contact === undefined
		? activity
		: { ...activity, consent: { state, channel } };
}

/** An attempt that failed (`OPT_OUT_FAILED`) changes nothing. */
const consentWords = new Map<string, "granted" | "refused">([
	["OPT_IN_SUCCEEDED", "granted"],
	["OPT_OUT_SUCCEEDED", "refused"],
]);

type Told = { name: string; dedupKey: string; remoteId: string | undefined; facts: Facts };

function activityOf(item: Fields, { name, dedupKey, remoteId, facts }: Told, envelope: Envelope): ActivityEvent {
	const { ours, contact } = sidesOf(item, envelope);
	return {
		kind: "activity",
		dedupKey,
		...envelope.at,
		name,
		...(ours === undefined ? {} : { ourAddress: toAddress(ours) }),
		...(contact === undefined ? {} : { contact }),
		...(remoteId === undefined ? {} : { remoteId: remoteId as RemoteId }),
		facts,
	};
}
