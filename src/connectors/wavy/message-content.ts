// A message of a contact: a text message with its short code, or a WhatsApp message with text, a medium, a place or
// contact cards. Everything else that Wavy tells is kept as facts.

import type { Attachment, MessageEvent } from "#domain/messages.ts";
import { attemptOf } from "../kit/attempt-mark.ts";
import { cut, type Facts, factsOf } from "../kit/facts.ts";
import { asArray, asObject, asText } from "../kit/http.ts";
import { smsContactAddress, whatsappAddress } from "./addressing.ts";
import { type Fields, fieldsAt, fieldsOf, remoteIdAt, textAt, timeAt } from "./fields.ts";
import type { WavyConfig } from "./form.ts";

/** The message, or why there is none. */
export function readMessage(value: unknown, fields: Fields, config: WavyConfig): MessageEvent | string {
	const remoteId = remoteIdAt(fields);
	const source = textAt(fields, "source");
	if (remoteId === undefined || source === undefined || source.length > 100) {
		return "The message lacks its id or its sender.";
	}
	const inner = fields.values.get("message");
	const content = inner === undefined ? smsContent(fields, source, config) : whatsappContent(inner, fields, config);
	if (typeof content === "string") {
		return content;
	}
	const { facts, contactAddress, ...what } = content;
	const at = timeAt(fields, ["receivedat", "receiveddate"]);
	const name = nameOf(fields);
	const metadata = { ...otherFacts(value), ...facts };
	return {
		kind: "message",
		dedupKey: `message:${remoteId}`,
		...(at === undefined ? {} : { at }),
		remoteId,
		contact: { address: contactAddress, ...(name === undefined ? {} : { name }) },
		...what,
		...(Object.keys(metadata).length === 0 ? {} : { metadata }),
	};
}

type Content = Pick<MessageEvent, "channel" | "ourAddress" | "text" | "attachments" | "location" | "replyTo"> & {
	contactAddress: string;
	facts: Facts;
};

function smsContent(fields: Fields, source: string, config: WavyConfig): Content | string {
	const ourAddress = textAt(fields, "shortcode") ?? config.shortCode;
	if (ourAddress === undefined || ourAddress.length > 100) {
		return "The text message does not say which short code it was sent to.";
	}
	const answered = fieldsAt(fields, "mt");
	const replyTo = answered === undefined ? undefined : remoteIdAt(answered);
	return {
		channel: "sms",
		ourAddress,
		contactAddress: smsContactAddress(source) ?? source,
		text: exactText(fields, "messagetext"),
		attachments: [],
		...(replyTo === undefined ? {} : { replyTo }),
		facts: {},
	};
}

/** As it was written: spaces around a text are the contact's. */
function exactText({ values }: Fields, name: string): string {
	return asText(values.get(name)) ?? "";
}

function whatsappContent(inner: unknown, fields: Fields, config: WavyConfig): Content | string {
	const message = fieldsOf(inner);
	const ourAddress = whatsappAddress(textAt(fields, "origin") ?? config.whatsappNumber ?? "");
	if (message === undefined || ourAddress === undefined) {
		return "The WhatsApp message has no content, or does not say which number it was sent to.";
	}
	if (message.twice !== undefined) {
		return `The field ${JSON.stringify(cut(message.twice, 40))} of the message occurs twice.`;
	}
	const said = whatsappWords(message);
	const source = textAt(fields, "source") ?? "";
	return said === undefined
		? "The WhatsApp message is of a kind that is not known."
		: { channel: "whatsapp", ourAddress, contactAddress: whatsappAddress(source) ?? `whatsapp:${source}`, ...said };
}

/** Undefined: there is nothing in it that we know. */
function whatsappWords(message: Fields): Pick<Content, "text" | "attachments" | "location" | "facts"> | undefined {
	const location = locationOf(fieldsAt(message, "location"));
	const { attachments, refused } = mediaOf(message);
	const contacts = asArray(message.values.get("contacts"));
	const text = exactText(message, "messagetext") || exactText(message, "caption") || namesOn(contacts);
	if (text === "" && location === undefined && [...attachments, ...contacts, refused ?? []].flat().length === 0) {
		return undefined;
	}
	const facts = factsOf({ contacts, waGroupId: textAt(message, "wagroupid"), mediaRefused: refused });
	return { text, attachments, ...(location === undefined ? {} : { location }), facts };
}

/** `geoPoint` is "latitude,longitude". */
function locationOf(location: Fields | undefined): MessageEvent["location"] | undefined {
	const point = location === undefined ? undefined : textAt(location, "geopoint");
	const [, latitude, longitude] =
		/^(-?\d{1,2}(?:\.\d{1,20})?)\s*,\s*(-?\d{1,3}(?:\.\d{1,20})?)$/.exec(point ?? "") ?? [];
	if (location === undefined || Math.abs(Number(latitude)) > 90 || !(Math.abs(Number(longitude)) <= 180)) {
		return undefined;
	}
	const label = textAt(location, "name") ?? textAt(location, "address");
	return {
		latitude: Number(latitude),
		longitude: Number(longitude),
		...(label === undefined ? {} : { label: cut(label, 500) }),
	};
}

/** Where the media lie, the provider's pages do not say; so any host, but only over HTTPS and without credentials. */
function mediaOf(message: Fields): { attachments: readonly Attachment[]; refused?: string } {
	const given = textAt(message, "mediaurl");
	if (given === undefined) {
		return { attachments: [] };
	}
	const url = URL.parse(given);
	if (url === null || url.protocol !== "https:" || url.username !== "" || url.password !== "") {
		const plain = url === null ? "no address" : `${url.protocol}//${url.host}${url.pathname}`;
		return { attachments: [], refused: cut(plain, 500) };
	}
	const contentType = textAt(message, "mimetype");
	return { attachments: [{ url: given, ...(contentType === undefined ? {} : { contentType }) }] };
}

function namesOn(cards: readonly unknown[]): string {
	const names = cards.map((card) => asText(asObject(asObject(card)?.["name"])?.["formatted_name"]));
	return names
		.filter((name) => name !== undefined)
		.slice(0, 20)
		.join(", ");
}

function nameOf(fields: Fields): string | undefined {
	const profile = fieldsAt(fields, "userprofile");
	return profile === undefined ? undefined : textAt(profile, "name");
}

/** Read elsewhere, or about a person at the account; in small letters. */
const notFacts = new Set(
	"id source origin shortcode messagetext message userprofile mt receivedat receiveddate".split(" "),
);

function otherFacts(value: unknown): Facts {
	const told = Object.entries(asObject(value) ?? {})
		.map(([name, inner]): [string, unknown] => [name.trim(), inner])
		.filter(([name, inner]) => !notFacts.has(name.toLowerCase()) && !isOwnMark(name, inner));
	return factsOf(Object.fromEntries(told));
}

/** The mark of the message that is answered says nothing to people. */
function isOwnMark(name: string, value: unknown): boolean {
	return name.toLowerCase() === "correlationid" && attemptOf(value) !== undefined;
}
