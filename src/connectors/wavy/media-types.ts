// Content types by the words that the WhatsApp API has for them: {"image":{"type":"JPG","url":"https://…"}}.
// The provider's pages name JPG, JPEG, MP3 and PDF as examples; the rest follows their pattern (README.md, Proposed).

export type MediaWord = { family: "image" | "audio" | "video" | "document"; type: string };

export const mediaTypes: ReadonlyMap<string, MediaWord> = new Map<string, MediaWord>([
	["image/jpeg", { family: "image", type: "JPG" }],
	["image/png", { family: "image", type: "PNG" }],
	["audio/mpeg", { family: "audio", type: "MP3" }],
	["audio/aac", { family: "audio", type: "AAC" }],
	["audio/amr", { family: "audio", type: "AMR" }],
	["audio/ogg", { family: "audio", type: "OGG" }],
	["video/mp4", { family: "video", type: "MP4" }],
	["application/pdf", { family: "document", type: "PDF" }],
	["application/msword", { family: "document", type: "DOC" }],
	["application/vnd.openxmlformats-officedocument.wordprocessingml.document", { family: "document", type: "DOCX" }],
	["application/vnd.ms-excel", { family: "document", type: "XLS" }],
	["application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", { family: "document", type: "XLSX" }],
	["application/vnd.ms-powerpoint", { family: "document", type: "PPT" }],
	["application/vnd.openxmlformats-officedocument.presentationml.presentation", { family: "document", type: "PPTX" }],
]);

/** The word for a content type; parameters behind it and the size of its letters do not count. */
export function mediaWordOf(contentType: string | undefined): MediaWord | undefined {
	return mediaTypes.get(contentType?.split(";")[0]?.trim().toLowerCase() ?? "");
}
