// What a contact put into a message: text, media, a place, a choice, and the rest as flat facts.

import type { Attachment, MessageEvent } from "#domain/messages.ts";
import type { RemoteId } from "#domain/ids.ts";

import { asArray, asObject, asText } from "../kit/http.ts";
import { type Facts, factsOf } from "../kit/facts.ts";

type Location = NonNullable<MessageEvent["location"]>;
type Fields = Readonly<Record<string, unknown>>;

export type MessageContent = {
	text: string;
	attachments: readonly Attachment[];
	location?: Location;
	replyTo?: RemoteId;
	choice?: string;
	metadata: Facts;
};

/**
 * Types whose `payload.url` is the file itself. Links (fallback), templates, posts and bookings are pages to look at,
 * not files to fetch: they become text and facts.
 */
const mediaTypes: ReadonlySet<string> = new Set(["image", "audio", "video", "file", "sticker", "reel", "ig_reel"]);

/** Undefined when there is nothing a person could read or see. */
export function contentOf(message: Fields): MessageContent | undefined {
	const parts = asArray(message["attachments"]).map((part, index) => readPart(part, index + 1));
	const given = asText(message["text"]);
	const text = given ?? parts.flatMap((part) => part.words).join("\n");
	const attachments = parts.flatMap((part) => part.attachments);
	const location = parts.find((part) => part.location !== undefined)?.location;
	const replyTo = asText(asObject(message["reply_to"])?.["mid"]);
	const choice = asText(asObject(message["quick_reply"])?.["payload"]);
	const facts: Facts = Object.fromEntries(parts.flatMap((part) => Object.entries(part.facts)));
	if (text === "" && attachments.length === 0 && location === undefined && Object.keys(facts).length === 0) {
		return undefined;
	}
	return {
		text,
		attachments,
		...(location === undefined ? {} : { location }),
		...(replyTo === undefined ? {} : { replyTo: replyTo as RemoteId }),
		...(choice === undefined ? {} : { choice }),
		metadata: { ...factsOf(message["referral"], "referral"), ...facts },
	};
}

type Part = { attachments: readonly Attachment[]; words: readonly string[]; location?: Location; facts: Facts };

function readPart(part: unknown, position: number): Part {
	const fields = asObject(part) ?? {};
	const payload = asObject(fields["payload"]) ?? {};
	const type = asText(fields["type"]) ?? "";
	const url = asText(payload["url"]);
	if (url !== undefined && mediaTypes.has(type) && isWebAddress(url)) {
		return { attachments: [{ url }], words: [], facts: {} };
	}
	const location = type === "location" ? locationOf(payload, asText(fields["title"])) : undefined;
	if (location !== undefined) {
		return { attachments: [], words: [], location, facts: {} };
	}
	const words = [asText(fields["title"]) ?? asText(payload["title"]), asText(fields["url"]) ?? url];
	return {
		attachments: [],
		words: words.filter((word) => word !== undefined),
		facts: factsOf(part, `attachment.${position}`),
	};
}

function isWebAddress(url: string): boolean {
	return /^https?:\/\//i.test(url) && URL.canParse(url);
}

function locationOf(payload: Fields, label: string | undefined): Location | undefined {
	const coordinates = asObject(payload["coordinates"]);
	const latitude = coordinates?.["lat"];
	const longitude = coordinates?.["long"];
	// JSON may spell a number too large to be one (1e999).
	if (!isCoordinate(latitude) || !isCoordinate(longitude)) {
		return undefined;
	}
	return label === undefined ? { latitude, longitude } : { latitude, longitude, label };
}

function isCoordinate(value: unknown): value is number {
	return Number.isFinite(value);
}
