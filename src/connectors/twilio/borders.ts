// Twilio signs names and values joined without a sign between them, so `Body=hello` and `Bodyh=ello` have one signature,
// and so have `MessageSid=SM1&NumMedia=0` and `MessageSid=SM1NumMedia0`. Who has seen one signed request could make others
// of it. A message of Twilio is told from those by what it always has, and by the shape of what it has.

import { channelOf, withPrefix } from "./addressing.ts";

type Fields = ReadonlyMap<string, string>;

/** As documented at https://www.twilio.com/docs/messaging/guides/webhook-request, checked 2026-11-24. */
const always = ["MessageSid", "From", "To", "Body", "NumMedia"] as const;
/** Read by us where they are; `Address` and the like are not in every message. */
const sometimes = [
	..."ProfileName WaId Latitude Longitude Label Address ButtonPayload ListId OriginalRepliedMessageSid".split(" "),
	"OptOutType",
];

/** What an incoming message lacks that Twilio would not leave out, or has that Twilio would not write. */
export function brokenMessage(fields: Fields, channel: string): string | undefined {
	const missing = [...always, ...mediaNames(fields)].find((name) => !fields.has(name));
	if (missing !== undefined) {
		return `The message has no ${missing}.`;
	}
	const odd = shapes.find(([name, isRight]) => !isRight(fields.get(name) ?? "", channel));
	if (odd !== undefined) {
		return `The message's ${odd[0]} has not the shape that Twilio gives it.`;
	}
	const moved = sometimes.find((name) => !fields.has(name) && isHidden(name, fields));
	return moved === undefined ? undefined : `A parameter begins like ${moved} and is another.`;
}

function mediaNames(fields: Fields): readonly string[] {
	const count = Number(/^\d{1,2}$/.exec(fields.get("NumMedia") ?? "")?.[0] ?? 0);
	return Array.from({ length: count }, (_, index) => [`MediaUrl${index}`, `MediaContentType${index}`]).flat();
}

type Shape = readonly [name: string, isRight: (value: string, channel: string) => boolean];

const shapes: readonly Shape[] = [
	["MessageSid", isSid],
	["NumMedia", (value) => /^\d{1,2}$/.test(value)],
	["From", isAddress],
	["To", isAddress],
];

/** Two letters and 32 hexadecimal digits. */
export function isSid(text: string): boolean {
	return /^[A-Za-z]{2}[0-9a-fA-F]{32}$/.test(text);
}

/** Wider than what we send to: a sender may be a word of up to eleven characters, a country's short code, a user id. */
const addressShapes: ReadonlyMap<string, RegExp> = new Map([
	["sms", /^(?:\+?\d{1,20}|.{1,11})$/],
	["whatsapp", /^whatsapp:(?:\+?\d{1,20}|[A-Z]{2}\.[A-Za-z0-9.]{1,128})$/i],
]);

function isAddress(value: string, channel: string): boolean {
	const address = withPrefix(value, channel);
	const shape = addressShapes.get(channelOf(address) ?? "");
	// Others are opaque; what follows them in the order of names is never left out.
	return shape === undefined || shape.test(address);
}

/** Whether the text that was signed has the name at the place of another. */
function isHidden(name: string, fields: Fields): boolean {
	return [...fields].some(([other, value]) => (other + value).startsWith(name));
}
