// What the gateway tells us, by the administrator's mapping: messages of contacts and receipts. Pure; what cannot be read
// becomes an `unreadable` event, and one bad item spoils no other. There is no signature: a call is proven by the HTTP user,
// or by the address that we made for the receipts of one message.

import type { AttemptId, RemoteId } from "#domain/ids.ts";
import { isId } from "#domain/ids.ts";
import type { ChannelEvent, ReceiptEvent, ReceiptTarget } from "#domain/messages.ts";
import type { RawRequest, Reply, VerifiedRequest } from "../contract.ts";
import { cut, type Facts } from "../kit/facts.ts";
import { fingerprint, fingerprintOfBytes, keyOf } from "../kit/fingerprint.ts";
import { isOwnAddress } from "../kit/own-address.ts";
import { channel, tidy } from "./addressing.ts";
import { type Item, readCall } from "./calls.ts";
import type { SmsHttpConfig } from "./form.ts";
import { asId } from "./paths.ts";
import type { Settings } from "./settings.ts";

/** Nothing in a call names a service: the names of its parameters are known only when the service is. */
export function accountsNamed(): readonly string[] {
	return [];
}

export function accountsOf(): readonly string[] {
	return [];
}

/** A receipt of one message: such a call may say nothing else, and `parse` makes nothing else of it. */
export function isProvenByAddress(req: RawRequest, { user }: SmsHttpConfig): boolean {
	return isOwnAddress(req, user?.passwords ?? []);
}

export function ack(_events: readonly ChannelEvent[], { settings }: SmsHttpConfig): Reply {
	return { status: settings.replyStatus, body: settings.replyBody, contentType: settings.replyType };
}

export function parse(req: VerifiedRequest, { settings }: SmsHttpConfig): readonly ChannelEvent[] {
	const call = readCall(req, settings);
	if ("unreadable" in call) {
		return [unreadable(req, call.unreadable, 0)];
	}
	const { attemptId } = call;
	return call.items.map((item, index) => {
		const event = readItem(item, attemptId, settings);
		return typeof event === "string" ? unreadable(req, event, index) : event;
	});
}

/** The event, or why there is none. */
function readItem(item: Item, attemptId: AttemptId | undefined, settings: Settings): ChannelEvent | string {
	if (item.twice(mappedPaths(settings))) {
		return "A parameter that is read occurs twice.";
	}
	return isReceipt(item, attemptId, settings) ? readReceipt(item, attemptId, settings) : readMessage(item, settings);
}

function mappedPaths(settings: Settings): readonly string[] {
	const { messageFrom, messageTo, messageText, messageId, messageTime, messageEncoding, kindPath } = settings;
	const { receiptId, receiptOwnId, receiptStatus, receiptError, receiptTime } = settings;
	const ofMessage = [messageFrom, messageTo, messageText, messageId, messageTime, messageEncoding];
	return [...ofMessage, kindPath, receiptId, receiptOwnId, receiptStatus, receiptError, receiptTime].filter(
		(path) => path !== "",
	);
}

function isReceipt(item: Item, attemptId: AttemptId | undefined, settings: Settings): boolean {
	if (attemptId !== undefined) {
		return true; // The address that we gave for this message's receipts.
	}
	return settings.kindPath === ""
		? item.at(settings.receiptStatus) !== undefined && !item.has(settings.messageText)
		: isOneOf(item.at(settings.kindPath), settings.receiptKinds);
}

function isOneOf(word: string | undefined, words: readonly string[]): boolean {
	const given = word?.trim().toLowerCase();
	return given !== undefined && words.some((one) => one.trim().toLowerCase() === given);
}

type Status = ReceiptEvent["status"] | "ignored";

function statusOf(word: string, settings: Settings): Status | undefined {
	const lists: readonly (readonly [Status, readonly string[]])[] = [
		["sent", settings.sentWords],
		["delivered", settings.deliveredWords],
		["read", settings.readWords],
		["failed", settings.failedWords],
		["ignored", settings.ignoredWords],
	];
	return lists.find(([, words]) => isOneOf(word, words))?.[0];
}

function readReceipt(item: Item, marked: AttemptId | undefined, settings: Settings): ChannelEvent | string {
	const word = item.at(settings.receiptStatus);
	const status = word === undefined ? undefined : statusOf(word, settings);
	if (word === undefined || status === undefined) {
		return word === undefined
			? "The receipt has no status."
			: `The status ${JSON.stringify(cut(word.toWellFormed(), 40))} is in none of the lists of words.`;
	}
	const target = targetOf(item, marked, settings);
	if (target === undefined) {
		return "The receipt names no message of ours.";
	}
	const time = item.at(settings.receiptTime);
	const error = asId(item.at(settings.receiptError));
	const ids = [idOf(target), word.trim().toLowerCase(), error, time];
	const at = readTime(time);
	const base = { dedupKey: keyOf("receipt", ids, ids), ...(at === undefined ? {} : { at }) };
	if (status === "ignored") {
		const remoteId = "remoteId" in target ? target.remoteId : undefined;
		return {
			kind: "activity",
			...base,
			name: "receipt",
			...(remoteId === undefined ? {} : { remoteId }),
			facts: factsOf(item, settings),
		};
	}
	return { kind: "receipt", ...base, target, status, ...(status === "failed" ? { fault: faultOf(word, error) } : {}) };
}

function idOf(target: ReceiptTarget): string | undefined {
	switch (target.by) {
		case "attempt":
			return `${target.attemptId}:${target.remoteId ?? ""}`;
		case "remote":
			return target.remoteId;
		case "watermark":
			return undefined;
	}
}

/** Our id counts most: it is right even when the gateway's answer never reached us. */
function targetOf(item: Item, marked: AttemptId | undefined, settings: Settings): ReceiptTarget | undefined {
	const given = asId(item.at(settings.receiptId));
	const own = [asId(item.at(settings.receiptOwnId)), settings.idFrom === "ours" ? given : undefined];
	const attemptId = marked ?? own.map(asAttempt).find((id) => id !== undefined);
	const remoteId = given as RemoteId | undefined;
	if (attemptId !== undefined) {
		return { by: "attempt", attemptId, ...(remoteId === undefined ? {} : { remoteId }) };
	}
	return remoteId === undefined ? undefined : { by: "remote", remoteId };
}

/** Some gateways return it in small letters. */
function asAttempt(text: string | undefined): AttemptId | undefined {
	const id = text?.toUpperCase() ?? "";
	return isId(id) ? (id as AttemptId) : undefined;
}

function faultOf(word: string, error: string | undefined): NonNullable<ReceiptEvent["fault"]> {
	const why = error === undefined ? "no error code" : `error ${cut(error, 40)}`;
	const said = cut(word.toWellFormed().replaceAll(/\s+/g, " ").trim(), 40);
	const detail = `The gateway reports ${said} (${why}).`;
	const fault = { code: "unreachable", detail } as const;
	return error === undefined ? fault : { ...fault, providerCode: cut(error, 100) };
}

function readMessage(item: Item, settings: Settings): ChannelEvent | string {
	const from = tidy(item.at(settings.messageFrom) ?? "", settings);
	const to = tidy(item.at(settings.messageTo) ?? settings.ourAddress, settings);
	const text = textOf(item, settings);
	if (from === undefined || to === undefined || text === undefined) {
		return from === undefined
			? "The message names no sender."
			: to === undefined
				? "The message names no number of ours, and the service has none for that case."
				: "The message has no text, or digits that are no text.";
	}
	const time = item.at(settings.messageTime);
	const id = asId(item.at(settings.messageId));
	if (id === undefined && time === undefined) {
		return "The message has neither an id nor a time, so it could not be told from a repetition.";
	}
	const remoteId = id ?? `sha256:${fingerprint([from, to, text, time])}`;
	const at = readTime(time);
	return {
		kind: "message",
		dedupKey: `message:${remoteId}`,
		...(at === undefined ? {} : { at }),
		remoteId: remoteId as RemoteId,
		channel,
		ourAddress: to,
		contact: { address: from },
		text,
		attachments: [],
		metadata: factsOf(item, settings),
	};
}

function textOf(item: Item, settings: Settings): string | undefined {
	if (!item.has(settings.messageText)) {
		return undefined;
	}
	const text = item.at(settings.messageText) ?? "";
	return isOneOf(item.at(settings.messageEncoding), settings.hexWords) ? fromHex(text) : text;
}

/** UCS-2 code units, the high byte first. */
function fromHex(digits: string): string | undefined {
	const bare = digits.trim();
	return /^(?:[0-9A-Fa-f]{4})*$/.test(bare)
		? Buffer.from(bare, "hex").swap16().toString("utf16le").toWellFormed()
		: undefined;
}

const iso = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)$/;

/** A time with its zone, or seconds or milliseconds since 1970. Any other says nothing certain and is left out. */
function readTime(text: string | undefined): Date | undefined {
	const given = text?.trim() ?? "";
	const ms = /^\d{10}$/.test(given)
		? Number(given) * 1000
		: /^\d{13}$/.test(given)
			? Number(given)
			: iso.test(given)
				? Date.parse(given.replace(" ", "T"))
				: Number.NaN;
	return Number.isNaN(ms) ? undefined : new Date(ms);
}

const secretName = /pass|pwd|secret|token|auth|key|user|login/i;

/** Everything else that the gateway tells. Some repeat the account's credentials in every call: those are left out. */
function factsOf({ facts }: Item, settings: Settings): Facts {
	const mapped = new Set(mappedPaths(settings));
	return Object.fromEntries(Object.entries(facts).filter(([name]) => !mapped.has(name) && !secretName.test(name)));
}

/** The same for every repetition of one call. */
function unreadable(req: RawRequest, reason: string, index: number): ChannelEvent {
	const whole = fingerprint([req.method, req.url, fingerprintOfBytes(req.body), index]);
	return { kind: "unreadable", reason, dedupKey: `unreadable:${whole}` };
}
