// What a contact put into a message: text, files, a place, and the rest as words and flat facts. A message has at most one
// of these fields. https://core.telegram.org/bots/api#message, checked 2026-11-26.

import type { Attachment, MessageEvent } from "#domain/messages.ts";

import { type Facts, factsOf } from "../kit/facts.ts";
import { asArray, asObject, asText } from "../kit/http.ts";
import type { Fields, Update } from "./chat.ts";

export type Content = Pick<MessageEvent, "text" | "attachments" | "location" | "choice"> & { facts: Facts };
type Reading = Partial<Content> | undefined;
type Reader = (value: unknown, message: Fields, update: Update) => Reading;

/** By field, in the order of asking: an animation comes as a document too, a venue as a location. */
const readers: ReadonlyMap<string, Reader> = new Map<string, Reader>([
	["text", readText],
	["animation", fileReader("video/mp4")],
	["photo", readPhoto],
	["video", fileReader("video/mp4")],
	["video_note", fileReader("video/mp4")],
	["audio", fileReader("audio/mpeg")],
	["voice", fileReader("audio/ogg")],
	["document", fileReader(undefined)],
	["sticker", readSticker],
	["venue", readVenue],
	["location", readLocation],
	["contact", readContact],
	["dice", readDice],
	["poll", readPoll],
	["web_app_data", readWebApp],
]);

/** The field that holds what the message says; undefined: it says nothing (a group's affairs, and what is new). */
export function contentFieldOf(message: Fields): string | undefined {
	return [...readers.keys()].find((field) => message[field] !== undefined);
}

/** Undefined when there is nothing a person could read or see. */
export function contentOf(field: string, message: Fields, update: Update): Content | undefined {
	const reading = readers.get(field)?.(message[field], message, update);
	return reading === undefined ? undefined : { text: "", attachments: [], facts: {}, ...reading };
}

/** Behind a link such as t.me/acme_bot?start=spring stands a `/start spring`. */
function readText(value: unknown): Reading {
	const text = asText(value);
	const [, startParameter] = /^\/start(?:@\w{1,32})? ([A-Za-z0-9_-]{1,64})$/.exec(text ?? "") ?? [];
	return text === undefined ? undefined : { text, facts: factsOf({ startParameter }) };
}

function fileReader(contentType: string | undefined): Reader {
	return (value, message, update) => readFile(asObject(value), contentType, { message, update });
}

/**
 * Telegram names files by an id. Its answer to getFile tells where the file lies for the next hour; both addresses have
 * the token in their path, so the attachment's address is that of the question without it: `…/getFile?file_id=…`.
 */
function readFile(
	file: Fields | undefined,
	contentType: string | undefined,
	{ message, update }: { message: Fields; update: Update },
): Reading {
	const id = asText(file?.["file_id"]);
	if (file === undefined || id === undefined || !/^[A-Za-z0-9_-]{1,256}$/.test(id)) {
		return undefined;
	}
	const type = asText(file["mime_type"]) ?? contentType;
	const filename = asText(file["file_name"]);
	const attachment: Attachment = {
		url: `${update.serviceConnection}/getFile?file_id=${id}`,
		...(type === undefined ? {} : { contentType: type }),
		...(filename === undefined ? {} : { filename }),
	};
	const { file_unique_id, file_size, duration, title, performer } = file;
	const facts = factsOf({ file_unique_id, file_size, duration, title, performer }, "media");
	return { text: asText(message["caption"]) ?? "", attachments: [attachment], facts };
}

/** The same picture in several sizes: the largest. */
function readPhoto(value: unknown, message: Fields, update: Update): Reading {
	const sizes = asArray(value).map(asObject);
	const largest = sizes.toSorted((one, other) => areaOf(other) - areaOf(one))[0];
	return readFile(largest, "image/jpeg", { message, update });
}

function areaOf(size: Fields | undefined): number {
	const { width, height } = size ?? {};
	const area = typeof width === "number" && typeof height === "number" ? width * height : 0;
	return Number.isFinite(area) ? area : 0;
}

function readSticker(value: unknown, message: Fields, update: Update): Reading {
	const sticker = asObject(value);
	const moving = sticker?.["is_animated"] === true ? "application/x-tgsticker" : "video/webm";
	const isStill = sticker?.["is_animated"] !== true && sticker?.["is_video"] !== true;
	const reading = readFile(sticker, isStill ? "image/webp" : moving, { message, update });
	const { emoji, set_name } = sticker ?? {};
	return reading === undefined
		? undefined
		: { ...reading, facts: { ...reading.facts, ...factsOf({ emoji, set_name }, "sticker") } };
}

function readVenue(value: unknown): Reading {
	const venue = asObject(value);
	const label = [asText(venue?.["title"]), asText(venue?.["address"])].filter((words) => words !== undefined);
	const reading = readLocation(venue?.["location"]);
	return reading?.location === undefined || label.length === 0
		? reading
		: { ...reading, location: { ...reading.location, label: label.join(", ") } };
}

function readLocation(value: unknown): Reading {
	const { latitude, longitude, horizontal_accuracy, live_period, heading } = asObject(value) ?? {};
	return isCoordinate(latitude) && isCoordinate(longitude)
		? {
				location: { latitude, longitude },
				facts: factsOf({ horizontal_accuracy, live_period, heading }, "location"),
			}
		: undefined;
}

/** JSON may spell a number too large to be one (1e999). */
function isCoordinate(value: unknown): value is number {
	return Number.isFinite(value);
}

function readContact(value: unknown): Reading {
	const card = asObject(value);
	const name = [card?.["first_name"], card?.["last_name"]].map(asText).filter((part) => part !== undefined);
	const text = [name.join(" "), asText(card?.["phone_number"]) ?? ""].filter((part) => part !== "").join(", ");
	return text === "" ? undefined : { text, facts: factsOf(card, "contact") };
}

function readDice(value: unknown): Reading {
	const dice = asObject(value);
	const emoji = asText(dice?.["emoji"]);
	const number = dice?.["value"];
	return emoji === undefined || !Number.isSafeInteger(number) ? undefined : { text: `${emoji} ${String(number)}` };
}

function readPoll(value: unknown): Reading {
	const poll = asObject(value);
	const question = asText(poll?.["question"]);
	const options = asArray(poll?.["options"]).map((option) => asText(asObject(option)?.["text"]));
	const lines = [question, ...options.map((option) => (option === undefined ? undefined : `- ${option}`))];
	return question === undefined
		? undefined
		: { text: lines.filter((line) => line !== undefined).join("\n"), facts: factsOf({ id: poll?.["id"] }, "poll") };
}

/** What a page within Telegram sent after the contact pressed its button. */
function readWebApp(value: unknown): Reading {
	const sent = asObject(value);
	const choice = asText(sent?.["data"]);
	const text = asText(sent?.["button_text"]) ?? choice;
	return text === undefined ? undefined : { text, ...(choice === undefined ? {} : { choice }) };
}
