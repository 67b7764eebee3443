// Which kind of media message a file goes as. https://docs.aws.amazon.com/social-messaging/latest/userguide/supported-media-types.html,
// checked 2026-11-26, which repeats Meta's list: what is none of these goes as a document, which may be anything.

export type MediaKind = "image" | "sticker" | "audio" | "video" | "document";

const kinds: ReadonlyMap<string, MediaKind> = new Map([
	["image/jpeg", "image"],
	["image/png", "image"],
	["image/webp", "sticker"],
	["audio/aac", "audio"],
	["audio/amr", "audio"],
	["audio/mpeg", "audio"],
	["audio/mp4", "audio"],
	["audio/ogg", "audio"],
	["video/mp4", "video"],
	["video/3gpp", "video"],
]);

export function mediaKindOf(contentType: string | undefined): MediaKind {
	return kinds.get(essenceOf(contentType ?? "")) ?? "document";
}

/** `audio/ogg; codecs=opus` is `audio/ogg`. */
export function essenceOf(contentType: string): string {
	return (contentType.split(";")[0] ?? "").trim().toLowerCase();
}
