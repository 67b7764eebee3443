// How a file stands in a line of the transcript.

import { imageHeaderBytes, type ImageSize, imageSizeOf, tooManyPoints } from "#domain/image-size.ts";
import type { ChatAttachment } from "#storage/chat-attachments.ts";
import { readBeginning } from "#storage/files.ts";
import type { Db } from "#storage/storage.ts";

/** Of an image, where its header tells: our own desk shows no other file in place. */
export async function pixelsOf(db: Db, fileId: string): Promise<Partial<ImageSize>> {
	const start = await readBeginning(db, fileId, imageHeaderBytes);
	return start === undefined || tooManyPoints(start) !== undefined ? {} : (imageSizeOf(start) ?? {});
}

/** A file as a line of the transcript names it. */
export function toLineEntry(
	{ id, size, filename, contentType }: Pick<ChatAttachment, "id" | "size" | "filename" | "contentType">,
	pixels: Partial<ImageSize>,
) {
	return { id, size: String(size), filename, mime_type: contentType, ...pixels };
}
