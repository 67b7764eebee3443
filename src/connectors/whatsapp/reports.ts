// What is told beside the messages of contacts: what became of ours, errors of the account, wishes about marketing, and
// what somebody sent from the WhatsApp Business app of the same number.
// https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages/status, checked
// 2026-11-26.
//   {"id":"wamid.…","status":"failed","timestamp":"1750263773","recipient_id":"16505551234",
//    "biz_opaque_callback_data":"parley:…","errors":[{"code":131047,"title":"…","error_data":{"details":"…"}}]}

import type { RemoteId } from "#domain/ids.ts";
import type { ChannelEvent, ReceiptEvent } from "#domain/messages.ts";

import { attemptOf } from "../kit/attempt-mark.ts";
import { cut, factsOf } from "../kit/facts.ts";
import { fingerprint } from "../kit/fingerprint.ts";
import { asArray, asObject, asText } from "../kit/http.ts";
import { quotedError, readGraphError } from "../kit/meta-graph.ts";
import { type Change, type Fields, personOf, timed, unreadable } from "./change.ts";
import { meaningOf, statusWords } from "./codes.ts";

export function eventOfStatus(item: unknown, change: Change): ChannelEvent {
	const fields = asObject(item);
	const id = asText(fields?.["id"]);
	const word = asText(fields?.["status"]);
	if (fields === undefined || id === undefined || word === undefined) {
		return unreadable("A status has no message id or no status word.", item, change.phoneNumberId);
	}
	const status = statusWords.get(word);
	const at = timed(fields["timestamp"]);
	if (status === undefined) {
		const { id: _id, timestamp: _timestamp, ...told } = fields;
		const dedupKey = `status:${change.phoneNumberId}:${fingerprint([id, word])}`;
		const about = { ourAddress: change.phoneNumberId, remoteId: id as RemoteId };
		return { kind: "activity", dedupKey, ...at, name: "status", ...about, facts: factsOf(told) };
	}
	const attemptId = attemptOf(fields["biz_opaque_callback_data"]);
	const target = { by: "remote", remoteId: id as RemoteId, ...(attemptId === undefined ? {} : { attemptId }) } as const;
	const dedupKey = `receipt:${change.phoneNumberId}:${id}:${word}`;
	return {
		kind: "receipt",
		dedupKey,
		...at,
		target,
		status,
		...(status === "failed" ? { fault: faultOf(fields) } : {}),
	};
}

/** By the first error that is documented; what Meta says about it may name the address of an attachment of ours. */
function faultOf(fields: Fields): NonNullable<ReceiptEvent["fault"]> {
	const errors = asArray(fields["errors"])
		.map(asObject)
		.filter((error) => error !== undefined)
		.map(readGraphError);
	const error = errors.find(({ code, subcode }) => meaningOf(code, subcode) !== undefined) ?? errors[0];
	const meaning = meaningOf(error?.code, error?.subcode);
	const links = [error?.message, error?.details].flatMap((text) => text?.match(/https?:\/\/\S+/gi) ?? []);
	const says = meaning?.says ?? "WhatsApp could not deliver the message";
	return {
		code: meaning?.code ?? "protocol",
		detail: `${says}${quotedError("WhatsApp", error, links)}.`,
		...(error?.code === undefined ? {} : { providerCode: String(error.code) }),
	};
}

/** About the number or the account, not about a message. It names no time, so the same trouble later looks the same. */
export function eventOfError(item: unknown, change: Change): ChannelEvent {
	const error = asObject(item);
	if (error === undefined) {
		return unreadable("An error is not an object.", item, change.phoneNumberId);
	}
	const dedupKey = `error:${change.phoneNumberId}:${fingerprint(error)}`;
	return { kind: "activity", dedupKey, name: "error", ourAddress: change.phoneNumberId, facts: factsOf(error) };
}

const preferences: ReadonlyMap<string, string> = new Map([
	["stop", "opt-out"],
	["resume", "opt-in"],
]);

/** The contact stopped marketing messages in WhatsApp, or wants them again. */
export function eventOfPreference(item: unknown, change: Change): ChannelEvent {
	const wish = asObject(item);
	const person = personOf(wish?.["wa_id"], wish?.["user_id"], change);
	const name = preferences.get(asText(wish?.["value"]) ?? "") ?? "user_preference";
	if (wish === undefined || person === undefined) {
		return unreadable("A wish about messages names nobody.", item, change.phoneNumberId);
	}
	return {
		kind: "activity",
		dedupKey: `preference:${change.phoneNumberId}:${fingerprint(wish)}`,
		...timed(wish["timestamp"]),
		name,
		ourAddress: change.phoneNumberId,
		contact: person.contact,
		facts: factsOf({ category: wish["category"], value: wish["value"], detail: wish["detail"] }),
	};
}

/** Somebody answered in the app. Never ours: what is sent through the API has no echo. */
export function eventOfEcho(item: unknown, change: Change): ChannelEvent {
	const echo = asObject(item);
	const id = asText(echo?.["id"]);
	const person = personOf(echo?.["to"], echo?.["to_user_id"], change);
	if (echo === undefined || id === undefined || person === undefined) {
		return unreadable("An echo has no id or no recipient.", item, change.phoneNumberId);
	}
	const { id: _id, from: _from, to: _to, timestamp: _timestamp, ...told } = echo;
	return {
		kind: "activity",
		dedupKey: `echo:${change.phoneNumberId}:${cut(id, 300)}`,
		...timed(echo["timestamp"]),
		name: "echo",
		ourAddress: change.phoneNumberId,
		contact: person.contact,
		remoteId: id as RemoteId,
		facts: factsOf(told),
	};
}
