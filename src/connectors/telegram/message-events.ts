// One message in, the event it means out: what a contact wrote, what they wrote over, and the affairs of a group.
// https://core.telegram.org/bots/api#message, checked 2026-11-26.
//   {"message_id":1365,"from":{"id":7010000001,…},"chat":{"id":7010000001,"type":"private",…},"date":1764158400,"text":"…"}

import type { ChannelEvent } from "#domain/messages.ts";

import { cut, type Facts, factsOf } from "../kit/facts.ts";
import { asObject, asText } from "../kit/http.ts";
import { authorFacts, type Fields, type Place, placeOf, timed, unreadable, type Update } from "./chat.ts";
import { contentFieldOf, contentOf } from "./message-content.ts";

const noPlace = "A message has no number, or no chat that it is in.";

export function eventOfMessage(message: Fields, update: Update): ChannelEvent {
	const place = placeOf(message);
	if (place === undefined) {
		return unreadable(update, noPlace);
	}
	const field = contentFieldOf(message);
	if (field === undefined) {
		return eventOfAffair(message, place, update);
	}
	const content = contentOf(field, message, update);
	if (content === undefined) {
		return unreadable(update, `A message with the field ${field} has nothing in it that can be read.`);
	}
	const { facts, ...told } = content;
	const answered = placeOf(asObject(message["reply_to_message"]));
	const metadata = { ...authorFacts(message["from"], place.chat), ...besideFacts(message), ...facts };
	return {
		kind: "message",
		dedupKey: update.dedupKey,
		...timed(message["date"]),
		remoteId: place.remoteId,
		channel: "telegram",
		ourAddress: update.ourAddress,
		contact: place.chat.contact,
		...told,
		...(answered === undefined ? {} : { replyTo: answered.remoteId }),
		...(Object.keys(metadata).length === 0 ? {} : { metadata }),
	};
}

/** Which topic and album it belongs to, where it was forwarded from, which words it answers. */
function besideFacts(message: Fields): Facts {
	const { message_thread_id: topic, media_group_id: album, via_bot } = message;
	return {
		...factsOf({ topic, album, viaBot: asObject(via_bot)?.["username"] }),
		...factsOf(message["forward_origin"], "forwarded"),
		...factsOf({ quote: asText(asObject(message["quote"])?.["text"]) }),
	};
}

/** A new version of a message, also the next place of somebody who shares where they are. */
export function eventOfEdit(message: Fields, update: Update): ChannelEvent {
	const place = placeOf(message);
	if (place === undefined) {
		return unreadable(update, noPlace);
	}
	const told = Object.fromEntries(Object.entries(message).filter(([field]) => !envelope.has(field)));
	return {
		kind: "activity",
		dedupKey: update.dedupKey,
		...timed(message["edit_date"]),
		name: "message_edit",
		...aboutPlace(place, update),
		facts: { ...authorFacts(message["from"], place.chat), ...factsOf({ ...told, caption: message["caption"] }) },
	};
}

/** Fields that any message may have; the one besides them says what happened. */
const envelope: ReadonlySet<string> = new Set([
	..."message_id message_thread_id direct_messages_topic from sender_chat sender_boost_count sender_business_bot".split(
		" ",
	),
	..."date edit_date business_connection_id chat forward_origin is_topic_message is_automatic_forward".split(" "),
	..."reply_to_message external_reply quote reply_to_story reply_to_checklist_task_id via_bot".split(" "),
	..."has_protected_content is_from_offline is_paid_post media_group_id author_signature paid_star_count".split(" "),
	..."entities link_preview_options effect_id caption caption_entities show_caption_above_media".split(" "),
	..."has_media_spoiler reply_markup forward_from forward_from_chat forward_from_message_id forward_date".split(" "),
]);

const nameCharactersMax = 64;

function eventOfAffair(message: Fields, place: Place, update: Update): ChannelEvent {
	const field = Object.keys(message).find((name) => !envelope.has(name)) ?? "message";
	return {
		kind: "activity",
		dedupKey: update.dedupKey,
		...timed(message["date"]),
		name: cut(field, nameCharactersMax) || "message",
		...aboutPlace(place, update),
		facts: { ...authorFacts(message["from"], place.chat), ...factsOf(message[field], field) },
	};
}

export function aboutPlace({ chat, remoteId }: Place, { ourAddress }: Update) {
	return { ourAddress, contact: chat.contact, remoteId };
}
