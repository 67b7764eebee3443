// One entry of `messages[]` in, the event it means out: what a contact wrote, or what they did to a message.
// https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages, checked 2026-11-26.
//   {"from":"16505551234","id":"wamid.…","timestamp":"1749416383","type":"text","text":{"body":"…"},"context":{"id":"…"}}

import type { RemoteId } from "#domain/ids.ts";
import type { ChannelEvent } from "#domain/messages.ts";

import { cut, type Facts, factsOf } from "../kit/facts.ts";
import { asObject, asText } from "../kit/http.ts";
import { type Change, type Fields, type Person, personOf, timed, unreadable } from "./change.ts";
import { contentOf, isContent } from "./message-content.ts";

type Message = { id: string; type: string; fields: Fields; person: Person };

export function eventOfMessage(item: unknown, change: Change): ChannelEvent {
	const fields = asObject(item);
	const id = asText(fields?.["id"]);
	const type = asText(fields?.["type"]);
	if (fields === undefined || id === undefined || type === undefined) {
		return unreadable("A message has no id or no type.", item, change.phoneNumberId);
	}
	const person = personOf(fields["from"], fields["from_user_id"], change);
	if (person === undefined) {
		return unreadable("A message has no sender.", item, change.phoneNumberId);
	}
	const message = { id, type, fields, person };
	// Who answered a group's message to its sender would leave the group.
	const isOfGroup = asText(fields["group_id"]) !== undefined;
	return isContent(type) && !isOfGroup ? readContent(message, change) : readDeed(message, isOfGroup, change);
}

function readContent({ id, type, fields, person }: Message, change: Change): ChannelEvent {
	const content = contentOf(type, fields, change);
	if (content === undefined) {
		const reason = `A message of the type ${cut(type, 40)} has nothing in it that can be read.`;
		return unreadable(reason, fields, change.phoneNumberId);
	}
	const { facts, ...told } = content;
	const replyTo = asText(asObject(fields["context"])?.["id"]);
	const metadata = { ...person.facts, ...contextFacts(fields), ...facts };
	return {
		kind: "message",
		dedupKey: `message:${change.phoneNumberId}:${id}`,
		...timed(fields["timestamp"]),
		remoteId: id as RemoteId,
		channel: "whatsapp",
		ourAddress: change.phoneNumberId,
		contact: person.contact,
		...told,
		...(replyTo === undefined ? {} : { replyTo: replyTo as RemoteId }),
		...(Object.keys(metadata).length === 0 ? {} : { metadata }),
	};
}

/** Forwarded or not, which product was asked about, which advertisement the contact came from. */
function contextFacts(fields: Fields): Facts {
	const { id: _id, from: _from, ...context } = asObject(fields["context"]) ?? {};
	return { ...factsOf(context, "context"), ...factsOf(fields["referral"], "referral") };
}

/** The field that names the message which a deed is about, by the type of the deed. */
const deeds: ReadonlyMap<string, { name: string; target: string }> = new Map([
	["reaction", { name: "reaction", target: "message_id" }],
	["edit", { name: "message_edit", target: "original_message_id" }],
	["revoke", { name: "message_deleted", target: "original_message_id" }],
]);

/** A reaction, a change of number, a kind of message that WhatsApp does not pass on, and whatever it adds. */
function readDeed({ id, type, fields, person }: Message, isOfGroup: boolean, change: Change): ChannelEvent {
	const deed = isOfGroup ? undefined : deeds.get(type);
	const about = asObject(fields[type]) ?? {};
	const target = deed === undefined ? id : asText(about[deed.target]);
	if (target === undefined) {
		const reason = `A message of the type ${type} does not say which message it is about.`;
		return unreadable(reason, fields, change.phoneNumberId);
	}
	const told = Object.fromEntries(Object.entries(about).filter(([name]) => name !== deed?.target));
	return {
		kind: "activity",
		dedupKey: `message:${change.phoneNumberId}:${id}`,
		...timed(fields["timestamp"]),
		name: isOfGroup ? "group_message" : (deed?.name ?? cut(type, 64)),
		ourAddress: change.phoneNumberId,
		contact: person.contact,
		remoteId: target as RemoteId,
		facts: { ...person.facts, ...factsOf(isOfGroup ? fields : told), ...factsOf(fields["errors"], "errors") },
	};
}
