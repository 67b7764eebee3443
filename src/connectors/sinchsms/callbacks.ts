// Callbacks of the REST API: messages of contacts, and delivery reports about one recipient or about a batch.
// As documented at https://developers.sinch.com/docs/sms/api-reference/sms/webhooks, checked 2026-11-24, for example
// {"type":"mo_text","id":"01XX…","from":"16051234567","to":"13185551234","body":"Hi","received_at":"2024-01-10T08:49:58Z"}
// {"type":"recipient_delivery_report_sms","batch_id":"01XX…","recipient":"33662162466","code":0,"status":"Delivered",…}

import type { ActivityEvent, Attachment, ChannelEvent, MessageEvent, ReceiptTarget } from "#domain/messages.ts";
import type { AttemptId, RemoteId } from "#domain/ids.ts";
import type { RawRequest } from "../contract.ts";
import { attemptOf } from "../kit/attempt-mark.ts";
import { type Facts, cut, factsOf, valueCharactersMax } from "../kit/facts.ts";
import { fingerprintOfBytes, keyOf } from "../kit/fingerprint.ts";
import { asArray, asObject, asText, readJson } from "../kit/http.ts";
import { fromSinch } from "./addressing.ts";
import { deliveryStatuses, faultOf } from "./codes.ts";

type Fields = Readonly<Record<string, unknown>>;

const recipientReports = ["recipient_delivery_report_sms", "recipient_delivery_report_mms"];
const batchReports = ["delivery_report_sms", "delivery_report_mms"];
const messages = ["mo_text", "mo_binary", "mo_media"];

export function isDeliveryReport(req: RawRequest): boolean {
	const type = asText(asObject(readJson(req.body))?.["type"]) ?? "";
	return req.method === "POST" && [...recipientReports, ...batchReports].includes(type);
}

/** @param attemptId of the address that the callback came to, when that is one we made */
export function readCallback(req: RawRequest, attemptId: AttemptId | undefined): ChannelEvent {
	const item = asObject(readJson(req.body));
	const type = asText(item?.["type"]) ?? "";
	const bodyKey = fingerprintOfBytes(req.body);
	if (item === undefined || type === "") {
		return unreadable("The body is not a JSON object with a type.", bodyKey);
	}
	if (messages.includes(type)) {
		// An address of ours is for reports only; a message that comes there was not sent there by Sinch.
		return attemptId === undefined
			? readMessage(item, type, bodyKey)
			: unreadable("A message came to the address of a delivery report.", bodyKey);
	}
	if (recipientReports.includes(type)) {
		return readReport(item, item, { attemptId, bodyKey });
	}
	return batchReports.includes(type)
		? readBatchReport(item, { attemptId, bodyKey })
		: activity(item, "unknown_callback", keyOf("callback", [], item));
}

function unreadable(reason: string, bodyKey: string): ChannelEvent {
	return { kind: "unreadable", dedupKey: `unreadable:${bodyKey}`, reason };
}

function readMessage(item: Fields, type: string, bodyKey: string): ChannelEvent {
	const remoteId = asText(item["id"]) as RemoteId | undefined;
	const [from, to] = [asText(item["from"]), asText(item["to"])];
	const content = contentOf(item["body"], type, item);
	if (remoteId === undefined || from === undefined || to === undefined || content === undefined) {
		return unreadable("The message lacks its id, a number or its body.", bodyKey);
	}
	const { facts, ...what } = content;
	const known = {
		operator_id: item["operator_id"],
		client_reference: item["client_reference"],
		sent_at: item["sent_at"],
	};
	const metadata = { ...factsOf(known), ...facts };
	return {
		kind: "message",
		dedupKey: keyOf("message", [remoteId], item),
		...asTime(item["received_at"] ?? item["sent_at"]),
		remoteId,
		channel: "sms", // Also for an MMS: its answer goes out by SMS, in the same chain.
		ourAddress: fromSinch(to),
		contact: { address: fromSinch(from) },
		...what,
		...(Object.keys(metadata).length === 0 ? {} : { metadata }),
	};
}

type Content = Pick<MessageEvent, "text" | "attachments"> & { facts: Facts };

function contentOf(body: unknown, type: string, item: Fields): Content | undefined {
	if (type === "mo_media") {
		const media = asObject(body);
		return media === undefined ? undefined : mediaOf(media);
	}
	if (typeof body !== "string") {
		return undefined;
	}
	return type === "mo_binary"
		? { text: "", attachments: [], facts: binaryFacts(body, asText(item["udh"]) ?? "") }
		: { text: body, attachments: [], facts: {} };
}

/** Bytes for a program, not a person: told as they came, for whoever can read them. */
function binaryFacts(base64: string, udh: string): Facts {
	return {
		binary: cut(base64, valueCharactersMax),
		...(udh === "" ? {} : { udh: cut(udh, valueCharactersMax) }),
	};
}

const mediaMax = 20; // Ours: an MMS of a telephone holds a few.

function mediaOf(body: Fields): Content {
	const attachments: Attachment[] = [];
	const failed: Record<string, string> = {};
	for (const [index, entry] of asArray(body["media"]).slice(0, mediaMax).entries()) {
		const media = asObject(entry) ?? {};
		const attachment = attachmentOf(media);
		if (attachment === undefined) {
			failed[`mediaFailed${index}`] = cut(asText(media["status"]) ?? "no address", valueCharactersMax);
		} else {
			attachments.push(attachment);
		}
	}
	const facts = { ...factsOf({ subject: body["subject"] }), ...failed };
	return { text: asText(body["message"]) ?? "", attachments, facts };
}

/** Undefined: Sinch could not keep it, so there is nothing at its address; or it has none that we would go to. */
function attachmentOf(media: Fields): Attachment | undefined {
	const address = asText(media["url"]) ?? "";
	const url = URL.parse(address);
	if (media["status"] === "Failed" || url?.protocol !== "https:" || url.username !== "" || url.password !== "") {
		return undefined;
	}
	const contentType = asText(media["content_type"]);
	return { url: address, ...(contentType === undefined ? {} : { contentType }) };
}

type Origin = { attemptId: AttemptId | undefined; bodyKey: string };

/** @param entry what has status and code: the report itself, or one entry of a batch's */
function readReport(item: Fields, entry: Fields, { attemptId, bodyKey }: Origin): ChannelEvent {
	const remoteId = asText(item["batch_id"]) as RemoteId | undefined;
	const status = asText(entry["status"]) ?? "";
	const state = deliveryStatuses.get(status);
	const code = codeOf(entry["code"]);
	const marked = attemptOf(item["client_reference"]);
	if (remoteId === undefined || status === "") {
		return unreadable("The delivery report lacks its batch or its status.", bodyKey);
	}
	if (attemptId !== undefined && marked !== undefined && attemptId !== marked) {
		return unreadable("The delivery report speaks about another message than its address.", bodyKey);
	}
	const key = keyOf("receipt", [remoteId, asText(item["recipient"]), status, String(code ?? "")], { item, status });
	if (state === undefined || state === "activity") {
		return activity(item, "delivery_status", key, remoteId);
	}
	const receipt = {
		kind: "receipt",
		dedupKey: key,
		...asTime(item["at"]),
		target: targetOf(remoteId, attemptId ?? marked),
	} as const;
	return state === "failed"
		? { ...receipt, status: state, fault: faultOf(status, code) }
		: { ...receipt, status: state };
}

function targetOf(remoteId: RemoteId, attemptId: AttemptId | undefined): ReceiptTarget {
	return attemptId === undefined ? { by: "remote", remoteId } : { by: "attempt", attemptId, remoteId };
}

/** A number; a text in one of the published examples. */
function codeOf(value: unknown): number | undefined {
	const code = typeof value === "string" && /^\d{1,6}$/.test(value) ? Number(value) : value;
	return typeof code === "number" && Number.isInteger(code) ? code : undefined;
}

/** Our batches have one recipient, so theirs is the batch's state; of a batch with several states none is ours. */
function readBatchReport(item: Fields, origin: Origin): ChannelEvent {
	const entries = asArray(item["statuses"]).map(asObject);
	const [only, ...others] = entries;
	return only === undefined || others.length > 0
		? activity(item, "batch_report", keyOf("batch", [asText(item["batch_id"])], item))
		: readReport(item, only, origin);
}

function activity(item: Fields, name: string, dedupKey: string, remoteId?: RemoteId): ActivityEvent {
	const about = remoteId ?? (asText(item["batch_id"]) as RemoteId | undefined);
	return {
		kind: "activity",
		dedupKey,
		...asTime(item["at"]),
		name,
		...(about === undefined ? {} : { remoteId: about }),
		facts: factsOf({ ...item, at: null }), // The time stands beside them.
	};
}

/** ISO 8601; one without a zone is UTC, as documented. */
function asTime(value: unknown): { at?: Date } {
	const [, text, zone] =
		/^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?)(Z|[+-]\d\d:\d\d)?$/.exec(typeof value === "string" ? value : "") ??
		[];
	const at = new Date(text === undefined ? Number.NaN : `${text}${zone ?? "Z"}`);
	return Number.isNaN(at.getTime()) ? {} : { at };
}
