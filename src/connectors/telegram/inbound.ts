// The webhook of a Telegram bot: the secret that comes with every call, and the one update that a call holds.
// https://core.telegram.org/bots/api#update and #setwebhook, checked 2026-11-26.
//   POST /sms/telegram/<service id>   X-Telegram-Bot-Api-Secret-Token: <secret_token of setWebhook>
//   {"update_id":10000,"message":{"message_id":1365,"chat":{"id":7010000001,…},…}}

import type { ChannelEvent } from "#domain/messages.ts";

import type { RawRequest, Reply, Verdict } from "../contract.ts";
import { cut, factsOf } from "../kit/facts.ts";
import { fingerprint, fingerprintOfBytes } from "../kit/fingerprint.ts";
import { asArray, asObject, asText, readJson } from "../kit/http.ts";
import { matchesAny } from "../kit/signature.ts";
import { pressIn, remoteIdOfPress } from "./addresses.ts";
import { aboutPlace, eventOfEdit, eventOfMessage } from "./message-events.ts";
import { authorFacts, chatOf, type Fields, placeOf, timed, unreadable, type Update } from "./chat.ts";
import type { TelegramConfig } from "./form.ts";

export const secretHeader = "x-telegram-bot-api-secret-token";

/** The same in every call: it proves who calls, and nothing about what is said. */
export function verify(req: RawRequest, { webhookSecrets }: TelegramConfig): Verdict {
	const given = req.headers.get(secretHeader);
	if (given === null || given === "" || webhookSecrets.length === 0) {
		return { ok: false, why: "missing" };
	}
	return matchesAny(given, webhookSecrets, (secret) => secret) ? { ok: true } : { ok: false, why: "mismatch" };
}

/** An update does not say which bot it is for: only the address of its own service finds it. */
export function accountsNamed(): readonly string[] {
	return [];
}

export function accountsOf({ bot }: TelegramConfig): readonly string[] {
	return bot === undefined ? [] : [bot.name];
}

export function parse(req: RawRequest, { bot, serviceConnection }: TelegramConfig): readonly ChannelEvent[] {
	const body = asObject(readJson(req.body));
	const id = body?.["update_id"];
	if (body === undefined || typeof id !== "number" || !Number.isSafeInteger(id)) {
		const reason = "The body is no update of Telegram: no object, or no update_id.";
		return [{ kind: "unreadable", dedupKey: `body:${fingerprintOfBytes(req.body)}`, reason }];
	}
	if (bot === undefined) {
		const reason = "The service has no bot; add its authentication, so that the message can be answered.";
		return [{ kind: "unreadable", dedupKey: `botless:${fingerprint(body)}`, reason }];
	}
	const dedupKey = `update:${bot.name.toLowerCase()}:${id}`;
	return [eventOfUpdate(body, { dedupKey, ourAddress: bot.name, serviceConnection })];
}

/** At most one field beside the id. */
function eventOfUpdate(body: Fields, update: Update): ChannelEvent {
	const field = Object.keys(body).find((name) => name !== "update_id");
	const value = field === undefined ? undefined : asObject(body[field]);
	if (field === undefined || value === undefined) {
		return unreadable(update, "An update has nothing in it.");
	}
	return readers.get(field)?.(value, update) ?? otherUpdate(field, value, update);
}

/** Undefined: it is kept as what it is called. */
type Reader = (value: Fields, update: Update) => ChannelEvent | undefined;

const readers: ReadonlyMap<string, Reader> = new Map<string, Reader>([
	["message", eventOfMessage],
	["edited_message", eventOfEdit],
	["callback_query", eventOfPress],
	["message_reaction", eventOfReaction],
	["my_chat_member", eventOfMembership],
]);

/** A button below a message of the bot, whoever sent that. Games and buttons of inline messages are left as they are. */
function eventOfPress(query: Fields, update: Update): ChannelEvent | undefined {
	const id = asText(query["id"]);
	const choice = asText(query["data"]);
	const place = placeOf(asObject(query["message"]));
	if (id === undefined || choice === undefined || place === undefined) {
		return undefined;
	}
	const metadata = authorFacts(query["from"], place.chat);
	return {
		kind: "message",
		dedupKey: update.dedupKey,
		remoteId: remoteIdOfPress(id),
		channel: "telegram",
		ourAddress: update.ourAddress,
		contact: place.chat.contact,
		text: wordsOn(choice, asObject(query["message"])) ?? choice,
		attachments: [],
		replyTo: place.remoteId,
		choice,
		...(Object.keys(metadata).length === 0 ? {} : { metadata }),
	};
}

/** What stands on the button with that data. */
function wordsOn(choice: string, message: Fields | undefined): string | undefined {
	const rows = asArray(asObject(message?.["reply_markup"])?.["inline_keyboard"]);
	const buttons = rows.flatMap(asArray).map(asObject);
	return asText(buttons.find((button) => button?.["callback_data"] === choice)?.["text"]);
}

function eventOfReaction(change: Fields, update: Update): ChannelEvent | undefined {
	const place = placeOf(change);
	return place === undefined
		? undefined
		: {
				kind: "activity",
				dedupKey: update.dedupKey,
				...timed(change["date"]),
				name: "reaction",
				...aboutPlace(place, update),
				facts: {
					...authorFacts(change["user"], place.chat),
					...factsOf({ new: change["new_reaction"], old: change["old_reaction"] }),
				},
			};
}

/** In private the contact blocked the bot, or let it in again; anywhere else it was added, removed or promoted. */
function eventOfMembership(change: Fields, update: Update): ChannelEvent | undefined {
	const chat = chatOf(change["chat"]);
	const status = asText(asObject(change["new_chat_member"])?.["status"]);
	const before = asText(asObject(change["old_chat_member"])?.["status"]);
	if (chat === undefined || status === undefined) {
		return undefined;
	}
	const isRefusal = status === "kicked";
	const consent = { state: isRefusal ? ("refused" as const) : ("granted" as const), channel: "telegram" };
	return {
		kind: "activity",
		dedupKey: update.dedupKey,
		...timed(change["date"]),
		name: chat.isPrivate ? (isRefusal ? "opt_out" : "opt_in") : "my_chat_member",
		ourAddress: update.ourAddress,
		contact: chat.contact,
		...(chat.isPrivate ? { consent } : {}),
		facts: { ...authorFacts(change["from"], chat), ...factsOf({ status, before }) },
	};
}

const nameCharactersMax = 64;

/** Posts of a channel, questions of other kinds, and whatever Telegram adds. */
function otherUpdate(field: string, value: Fields, update: Update): ChannelEvent {
	const chat = chatOf(value["chat"]) ?? chatOf(asObject(value["message"])?.["chat"]);
	return {
		kind: "activity",
		dedupKey: update.dedupKey,
		...timed(value["date"]),
		name: cut(field, nameCharactersMax) || "update",
		ourAddress: update.ourAddress,
		...(chat === undefined ? {} : { contact: chat.contact }),
		facts: factsOf(value),
	};
}

/** Until a press is answered, the contact sees it as under way; the answer may travel in the reply. */
export function ack(events: readonly ChannelEvent[]): Reply {
	const pressed = events.map((event) => (event.kind === "message" ? pressIn(event.remoteId) : undefined));
	const callbackQueryId = pressed.find((id) => id !== undefined);
	return callbackQueryId === undefined
		? { status: 200 }
		: {
				status: 200,
				contentType: "application/json",
				body: JSON.stringify({ method: "answerCallbackQuery", callback_query_id: callbackQueryId }),
			};
}
