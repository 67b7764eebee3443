// One update of `messaging[]` or `standby[]` in, the events it means out. Updates have no type field: the property that
// is present names the family (https://developers.facebook.com/docs/messenger-platform/webhooks, as documented, checked
// 2026-11-24). What cannot be read becomes one `unreadable` event and spoils nothing else.

import type { ChannelEvent, ContactAddress, ReceiptEvent } from "#domain/messages.ts";
import type { RemoteId } from "#domain/ids.ts";

import { asArray, asObject, asText } from "../kit/http.ts";
import { attemptOf } from "../kit/attempt-mark.ts";
import { cut, type Facts, factsOf } from "../kit/facts.ts";
import { fingerprint } from "../kit/fingerprint.ts";
import { contentOf } from "./message-content.ts";

/** Where an update was found. Updates of a conversation that another app owns come in `standby[]`. */
export type Found = { pageId: string; standby: boolean };

type Item = Readonly<Record<string, unknown>>;
type Update = Found & {
	item: Item;
	/** The property that names the family, and its value. */
	family: string;
	content: unknown;
	at: { at?: Date };
	sender: ContactAddress | undefined;
	recipient: ContactAddress | undefined;
};
/** The events, or in one sentence why there are none. */
type Reading = readonly ChannelEvent[] | string;

const readers: ReadonlyMap<string, (update: Update) => Reading> = new Map([
	["message", readMessage],
	["message_edit", readEdit],
	["reaction", readReaction],
	["postback", readPostback],
	["delivery", readDelivery],
	["read", readRead],
]);
const envelope: ReadonlySet<string> = new Set(["sender", "recipient", "timestamp"]);
const familyCharactersMax = 64;

export function eventsOf(value: unknown, found: Found): readonly ChannelEvent[] {
	const item = asObject(value);
	const reading = item === undefined ? "An update is not an object." : readItem(item, found);
	return typeof reading === "string" ? [unreadable(reading, value, found.pageId)] : reading;
}

export function unreadable(reason: string, value: unknown, pageId: string): ChannelEvent {
	return { kind: "unreadable", dedupKey: `unreadable:${pageId}:${fingerprint(value)}`, reason };
}

function readItem(item: Item, found: Found): Reading {
	const family =
		[...readers.keys()].find((name) => item[name] !== undefined) ??
		Object.keys(item).find((name) => !envelope.has(name));
	if (family === undefined) {
		return "An update has no content.";
	}
	const update: Update = {
		...found,
		item,
		family,
		content: item[family],
		at: timed(item["timestamp"]),
		sender: contactOf(item["sender"], found.pageId),
		recipient: contactOf(item["recipient"], found.pageId),
	};
	return (readers.get(family) ?? readOther)(update);
}

/** Somebody known only from the checkbox plugin has a `user_ref` instead of an id. */
function contactOf(party: unknown, pageId: string): ContactAddress | undefined {
	const fields = asObject(party);
	const userRef = asText(fields?.["user_ref"]);
	const address = asText(fields?.["id"]) ?? (userRef === undefined ? undefined : `user_ref:${userRef}`);
	return address === undefined ? undefined : { address, scope: pageId };
}

const millisecondsFrom = 1e12; // Smaller numbers are seconds: both have been seen.

function dateOf(value: unknown): Date | undefined {
	if (typeof value !== "number" || !(value > 0)) {
		return undefined;
	}
	const date = new Date(value < millisecondsFrom ? value * 1000 : value);
	return Number.isNaN(date.getTime()) ? undefined : date;
}

function timed(value: unknown): { at?: Date } {
	const at = dateOf(value);
	return at === undefined ? {} : { at };
}

function readMessage(update: Update): Reading {
	const message = asObject(update.content);
	const mid = asText(message?.["mid"]);
	if (message === undefined || mid === undefined) {
		return "A message has no id (mid).";
	}
	if (message["is_echo"] === true) {
		return readEcho(message, mid, update);
	}
	if (update.sender === undefined) {
		return "A message has no sender.";
	}
	if (message["is_deleted"] === true) {
		const dedupKey = `delete:${update.pageId}:${mid}`;
		return [activity(update, { name: "message_deleted", dedupKey, remoteId: mid, facts: {} })];
	}
	const content = contentOf(message);
	if (content === undefined) {
		return "A message has neither text nor attachments that can be read.";
	}
	const { metadata, ...rest } = content;
	return [
		{
			kind: "message",
			dedupKey: `message:${update.pageId}:${mid}`,
			...update.at,
			remoteId: mid as RemoteId,
			channel: "messenger",
			ourAddress: update.pageId,
			contact: update.sender,
			...rest,
			...attached({ ...metadata, ...standbyFact(update) }),
		},
	];
}

/** What the page itself sent. Ours carries our attempt id and proves that it was taken; the rest is somebody else's. */
function readEcho(message: Item, mid: string, update: Update): Reading {
	const attemptId = attemptOf(message["metadata"]);
	if (attemptId !== undefined) {
		const target = { by: "attempt", attemptId, remoteId: mid as RemoteId } as const;
		return [receipt(update, "sent", target, mid)];
	}
	const { mid: _mid, is_echo: _isEcho, ...told } = message;
	const facts = factsOf(told, "");
	const dedupKey = `echo:${update.pageId}:${mid}`;
	return [activity(update, { name: "echo", dedupKey, remoteId: mid, facts, contact: update.recipient })];
}

function readEdit(update: Update): Reading {
	const edit = asObject(update.content);
	const mid = asText(edit?.["mid"]);
	if (edit === undefined || mid === undefined) {
		return "An edit does not name its message (mid).";
	}
	const dedupKey = `edit:${update.pageId}:${mid}:${word(edit["num_edit"] ?? edit)}`;
	return [activity(update, { name: "message_edit", dedupKey, remoteId: mid, facts: factsWithoutMid(edit) })];
}

function readReaction(update: Update): Reading {
	const reaction = asObject(update.content);
	const mid = asText(reaction?.["mid"]);
	if (reaction === undefined || mid === undefined) {
		return "A reaction does not name its message (mid).";
	}
	const parts = [update.pageId, mid, update.sender?.address, reaction["action"], update.item["timestamp"]];
	const dedupKey = `reaction:${parts.map(word).join(":")}`;
	return [activity(update, { name: "reaction", dedupKey, remoteId: mid, facts: factsWithoutMid(reaction) })];
}

function word(value: unknown): string {
	return typeof value === "string" || typeof value === "number" ? String(value) : fingerprint(value);
}

function factsWithoutMid(content: Item): Facts {
	const { mid: _mid, ...told } = content;
	return factsOf(told, "");
}

/** A button the contact pressed. Old payloads have no mid; in standby the payload is held back. */
function readPostback(update: Update): Reading {
	const postback = asObject(update.content);
	const payload = asText(postback?.["payload"]);
	const text = asText(postback?.["title"]) ?? payload;
	if (postback === undefined || text === undefined || update.sender === undefined) {
		return "A postback has no sender, or neither title nor payload.";
	}
	const pieces = [update.pageId, update.sender.address, update.item["timestamp"], payload, text];
	const id = asText(postback["mid"]) ?? `postback:${fingerprint(pieces)}`;
	return [
		{
			kind: "message",
			dedupKey: `message:${update.pageId}:${id}`,
			...update.at,
			remoteId: id as RemoteId,
			channel: "messenger",
			ourAddress: update.pageId,
			contact: update.sender,
			text,
			attachments: [],
			...(payload === undefined ? {} : { choice: payload }),
			...attached({ ...factsOf(postback["referral"], "referral"), ...standbyFact(update) }),
		},
	];
}

function standbyFact(update: Update): Facts {
	return update.standby ? { standby: "true" } : {};
}

function attached(metadata: Facts): { metadata?: Facts } {
	return Object.keys(metadata).length === 0 ? {} : { metadata };
}

/** `mids` names the messages one by one; where it is absent the watermark stands for all of them. */
function readDelivery(update: Update): Reading {
	const delivery = asObject(update.content);
	const mids = asArray(delivery?.["mids"]);
	if (delivery === undefined || mids.length === 0) {
		return readWatermark(update, "delivered");
	}
	const timedUpdate = { ...update, at: { ...timed(delivery["watermark"]), ...update.at } };
	return mids.map((mid) =>
		typeof mid === "string" && mid !== ""
			? receipt(timedUpdate, "delivered", { by: "remote", remoteId: mid as RemoteId }, mid)
			: unreadable("A delivery names a message id that is no text.", [update.item, mid], update.pageId),
	);
}

function readRead(update: Update): Reading {
	return readWatermark(update, "read");
}

function readWatermark(update: Update, status: "delivered" | "read"): Reading {
	const watermark = asObject(update.content)?.["watermark"];
	const upTo = dateOf(watermark);
	if (upTo === undefined || update.sender === undefined) {
		return `A receipt (${status}) has no sender, or neither message ids nor a watermark.`;
	}
	const contactAddress = update.sender.address;
	const target = { by: "watermark", ourAddress: update.pageId, contactAddress, upTo } as const;
	const timedUpdate = { ...update, at: { at: upTo, ...update.at } };
	return [receipt(timedUpdate, status, target, `${contactAddress}:${upTo.getTime()}`)];
}

function receipt(
	update: Update,
	status: "sent" | "delivered" | "read",
	target: ReceiptEvent["target"],
	id: string,
): ReceiptEvent {
	const dedupKey = `receipt:${update.pageId}:${id}:${status}`;
	return { kind: "receipt", dedupKey, ...update.at, target, status };
}

/** Opt-ins, referrals, thread control and whatever Meta adds: kept, shown, without effect. */
function readOther(update: Update): Reading {
	const name = cut(update.family, familyCharactersMax);
	const dedupKey = `activity:${update.pageId}:${name}:${fingerprint(update.item)}`;
	return [activity(update, { name, dedupKey, facts: factsOf(update.content, asObject(update.content) ? "" : name) })];
}

type Told = { name: string; dedupKey: string; facts: Facts; remoteId?: string; contact?: ContactAddress | undefined };

function activity(update: Update, told: Told): ChannelEvent {
	const contact = "contact" in told ? told.contact : update.sender;
	return {
		kind: "activity",
		dedupKey: told.dedupKey,
		...update.at,
		name: told.name,
		ourAddress: update.pageId,
		...(contact === undefined ? {} : { contact }),
		...(told.remoteId === undefined ? {} : { remoteId: told.remoteId as RemoteId }),
		facts: { ...told.facts, ...standbyFact(update) },
	};
}
