// What a contact wrote: every kind of `contact_message`, read by one table into text, attachments, location and choice.

import type { MessageEvent } from "#domain/messages.ts";
import type { RemoteId } from "#domain/ids.ts";

import { asArray, asObject } from "../kit/http.ts";
import { type Facts, factsOf } from "../kit/facts.ts";
import { type Fields, objectAt, textAt } from "./fields.ts";

export type Content = Pick<MessageEvent, "text" | "attachments" | "location" | "replyTo" | "choice"> & { facts: Facts };

type Reading = Partial<Content>;

const kinds: readonly { key: string; read(item: Fields): Reading | undefined }[] = [
	{ key: "text_message", read: readText },
	{ key: "media_message", read: readMedia },
	{ key: "media_card_message", read: readMedia },
	{ key: "location_message", read: readLocation },
	{ key: "choice_response_message", read: readChoice },
	{ key: "fallback_message", read: readFallback },
	{ key: "product_response_message", read: readProducts },
	{ key: "channel_specific_message", read: readChannelSpecific },
];

/** Undefined when it is of no kind we know, or lacks what makes its kind. */
export function contentOf(contactMessage: Fields): Content | undefined {
	const kind = kinds.find(({ key }) => objectAt(contactMessage, key) !== undefined);
	const item = kind === undefined ? undefined : objectAt(contactMessage, kind.key);
	const reading = item === undefined ? undefined : kind?.read(item);
	if (reading === undefined) {
		return undefined;
	}
	const replyTo = textAt(contactMessage, "reply_to.message_id") as RemoteId | undefined;
	return { text: "", attachments: [], facts: {}, ...(replyTo === undefined ? {} : { replyTo }), ...reading };
}

function readText(item: Fields): Reading | undefined {
	const text = item["text"];
	return typeof text === "string" ? { text } : undefined;
}

/** The type and the size are not told; they show when the file is fetched. The link expires. */
function readMedia(item: Fields): Reading | undefined {
	const url = textAt(item, "url");
	const filename = textAt(item, "filename_override");
	return url === undefined
		? undefined
		: { text: textAt(item, "caption") ?? "", attachments: [{ url, ...(filename === undefined ? {} : { filename }) }] };
}

function readLocation(item: Fields): Reading | undefined {
	const { latitude, longitude } = objectAt(item, "coordinates") ?? {};
	const label = textAt(item, "label") ?? textAt(item, "title");
	return isNumber(latitude) && isNumber(longitude)
		? { location: { latitude, longitude, ...(label === undefined ? {} : { label }) } }
		: undefined;
}

/** The text is the postback data too, because the provider does not tell what the button said. */
function readChoice(item: Fields): Reading | undefined {
	const choice = textAt(item, "postback_data");
	const replyTo = textAt(item, "message_id") as RemoteId | undefined;
	return choice === undefined ? undefined : { text: choice, choice, ...(replyTo === undefined ? {} : { replyTo }) };
}

function readFallback(item: Fields): Reading {
	return { text: textAt(item, "raw_message") ?? "", facts: factsOf({ fallbackReason: item["reason"] }) };
}

function readProducts(item: Fields): Reading {
	const products = asArray(item["products"]).map((product): Fields => asObject(product) ?? {});
	const lines = products.map((product) => `${quantityOf(product)} × ${textAt(product, "id") ?? "?"}`);
	return {
		text: [textAt(item, "text"), ...lines].filter((line) => line !== undefined).join("\n"),
		facts: factsOf({ catalogId: item["catalog_id"] }),
	};
}

function quantityOf(product: Fields): number {
	return isNumber(product["quantity"]) ? product["quantity"] : 1;
}

/** Today only the answer to a WhatsApp form (`nfm_reply`). Other types are kept with what they say in plain fields. */
function readChannelSpecific(item: Fields): Reading {
	return {
		text: textAt(item, "message.nfm_reply.body") ?? "",
		facts: factsOf({
			messageType: item["message_type"],
			form: objectAt(item, "message.nfm_reply")?.["name"],
			formAnswers: objectAt(item, "message.nfm_reply")?.["response_json"],
		}),
	};
}

/** JSON may say 1e999, which is read as infinite and could not be kept. */
function isNumber(value: unknown): value is number {
	return Number.isFinite(value);
}
