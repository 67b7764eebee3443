// What a contact put into a message, by its type: text, media, a place, a choice, and the rest as flat facts.

import type { Attachment, MessageEvent } from "#domain/messages.ts";

import { type Facts, factsOf } from "../kit/facts.ts";
import { asArray, asObject, asText } from "../kit/http.ts";
import type { Change, Fields } from "./change.ts";
import { essenceOf } from "./media-types.ts";

export type Content = Pick<MessageEvent, "text" | "attachments" | "location" | "choice"> & { facts: Facts };
type Reading = Partial<Content> | undefined;

/** By type: the object of the same name in, what it says out. */
const readers: ReadonlyMap<string, (part: Fields, change: Change) => Reading> = new Map([
	["text", readText],
	["image", readMedia],
	["audio", readMedia],
	["voice", readMedia],
	["video", readMedia],
	["document", readMedia],
	["sticker", readMedia],
	["location", readLocation],
	["button", readButton],
	["interactive", readInteractive],
	["order", readOrder],
]);

export function isContent(type: string): boolean {
	return readers.has(type) || type === "contacts";
}

/** Undefined when there is nothing a person could read or see. */
export function contentOf(type: string, message: Fields, change: Change): Content | undefined {
	const part = asObject(message[type]);
	const reading =
		type === "contacts"
			? readContacts(asArray(message[type]))
			: part === undefined
				? undefined
				: readers.get(type)?.(part, change);
	return reading === undefined ? undefined : { text: "", attachments: [], facts: {}, ...reading };
}

function readText(part: Fields): Reading {
	const text = asText(part["body"]);
	return text === undefined ? undefined : { text };
}

/**
 * WhatsApp names media by an id only. The address is that of the Graph API's answer which tells where the file lies for the
 * next minutes; both must be asked for with the number's access token.
 */
function readMedia(part: Fields, change: Change): Reading {
	const id = asText(part["id"]);
	if (id === undefined || !/^[A-Za-z0-9_-]{1,128}$/.test(id)) {
		return undefined;
	}
	const contentType = asText(essenceOf(asText(part["mime_type"]) ?? ""));
	const filename = asText(part["filename"]);
	const attachment: Attachment = {
		url: `${change.serviceConnection}/${id}?phone_number_id=${change.phoneNumberId}`,
		...(contentType === undefined ? {} : { contentType }),
		...(filename === undefined ? {} : { filename }),
	};
	const { voice, animated, sha256 } = part;
	return {
		text: asText(part["caption"]) ?? "",
		attachments: [attachment],
		facts: factsOf({ sha256, voice, animated }, "media"),
	};
}

function readLocation(part: Fields): Reading {
	const { latitude, longitude } = part;
	// JSON may spell a number too large to be one (1e999).
	if (!isCoordinate(latitude) || !isCoordinate(longitude)) {
		return undefined;
	}
	const label = [asText(part["name"]), asText(part["address"])].filter((words) => words !== undefined).join(", ");
	return {
		location: label === "" ? { latitude, longitude } : { latitude, longitude, label },
		facts: factsOf({ url: part["url"] }, "location"),
	};
}

function isCoordinate(value: unknown): value is number {
	return Number.isFinite(value);
}

/** The quick reply of a template. */
function readButton(part: Fields): Reading {
	const choice = asText(part["payload"]);
	const text = asText(part["text"]) ?? choice;
	return text === undefined ? undefined : { text, ...(choice === undefined ? {} : { choice }) };
}

function readInteractive(part: Fields): Reading {
	const chosen = asObject(part["button_reply"]) ?? asObject(part["list_reply"]);
	if (chosen !== undefined) {
		const choice = asText(chosen["id"]);
		const text = asText(chosen["title"]) ?? choice;
		const facts = factsOf({ description: chosen["description"] }, "choice");
		return text === undefined ? undefined : { text, facts, ...(choice === undefined ? {} : { choice }) };
	}
	const form = asObject(part["nfm_reply"]);
	return form === undefined
		? undefined
		: {
				text: asText(form["body"]) ?? "",
				facts: factsOf({ form: form["name"] ?? "", formAnswers: form["response_json"] }),
			};
}

function readContacts(cards: readonly unknown[]): Reading {
	const lines = cards.map(asObject).map((card) => {
		const phones = asArray(card?.["phones"]).map((phone) => asText(asObject(phone)?.["phone"]));
		const name = asText(asObject(card?.["name"])?.["formatted_name"]);
		return [name, ...phones].filter((word) => word !== undefined).join(", ");
	});
	const text = lines.filter((line) => line !== "").join("\n");
	return text === "" ? undefined : { text, facts: factsOf(cards, "contacts") };
}

function readOrder(part: Fields): Reading {
	const items = asArray(part["product_items"]).map(asObject);
	const lines = items.map((item) => {
		const quantity = Number.isFinite(item?.["quantity"]) ? Number(item?.["quantity"]) : 1;
		return `${quantity} × ${asText(item?.["product_retailer_id"]) ?? "?"}`;
	});
	const text = [asText(part["text"]), ...lines].filter((line) => line !== undefined).join("\n");
	return text === "" ? undefined : { text, facts: factsOf(part, "order") };
}
