// Which method sends a file by its address. https://core.telegram.org/bots/api#sending-files, checked 2026-11-26: Telegram
// fetches photos of at most 5 MB and other files of at most 20 MB, and as documents only GIF, PDF and ZIP.

export type MediaKind = "photo" | "animation" | "video" | "audio" | "voice" | "document";

const kinds: ReadonlyMap<string, MediaKind> = new Map([
	["image/jpeg", "photo"],
	["image/png", "photo"],
	["image/gif", "animation"],
	["video/mp4", "video"],
	["audio/mpeg", "audio"],
	["audio/mp4", "audio"],
	["audio/ogg", "voice"],
	["application/pdf", "document"],
	["application/zip", "document"],
]);

export const mediaTypes: readonly string[] = [...kinds.keys()];

/** What is not listed goes as a document: Telegram says by itself whether it takes it. */
export function mediaKindOf(contentType: string | undefined): MediaKind {
	return kinds.get((contentType?.split(";")[0] ?? "").trim().toLowerCase()) ?? "document";
}
