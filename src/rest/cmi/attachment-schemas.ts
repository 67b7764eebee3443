// Files and attachments as JSON Schema.

import { idPattern } from "#domain/ids.ts";
import { Type } from "typebox";
import type { UploadedFile } from "../route.ts";
import { oneLine } from "#platform/text-patterns.ts";
import { oneOf, strict, text, textOrNull, timeText } from "./schema-words.ts";

export const attachmentSchema = strict({
	id: Type.Optional(
		Type.String({
			pattern: idPattern,
			description: "A file that was uploaded (POST /attachments), or that another message has. Either this or `url`.",
		}),
	),
	url: Type.Optional(
		Type.String({
			maxLength: 2048,
			pattern: "^https://[^\\s\\u0000-\\u001f\\u007f]+$",
			description: "Absolute https URL from which the provider fetches it, at most 2048 characters.",
		}),
	),
	contentType: Type.Optional(
		Type.String({
			maxLength: 127,
			pattern: "^[\\w.+-]+/[\\w.+-]+$",
			description: "Media type of what is at `url`, such as image/jpeg. Of a file it is known.",
		}),
	),
	filename: Type.Optional(
		Type.String({ minLength: 1, maxLength: 255, pattern: oneLine, description: "Name shown to the contact." }),
	),
});

export const shownAttachment = Type.Object({
	id: textOrNull("Id of the file, for GET /attachments/{id}; null: it lies at `url`, and Parley does not keep it."),
	url: Type.Optional(text("Where it is, if not here.")),
	contentType: Type.Optional(text("Media type: seen where the file is kept, told by somebody where it is not.")),
	filename: Type.Optional(text("Its name.")),
	size: Type.Optional(Type.Integer({ description: "Bytes." })),
	state: Type.Optional(
		oneOf(["waiting", "kept", "failed"], "waiting: it is being fetched from the provider; failed: it never will be."),
	),
	reason: Type.Optional(text("Why there is no file (yet): DOWNLOADFAILED, NOTALLOWED or TOOLARGE.")),
	detail: Type.Optional(text("The same in words.")),
});

export const uploadQuery = strict({
	filename: Type.Optional(
		Type.String({ minLength: 1, maxLength: 255, pattern: oneLine, description: "Name shown to the contact." }),
	),
});

export const uploadBody = Type.Unsafe<UploadedFile>({
	type: "string",
	format: "binary",
	description: "The file itself, with its media type as Content-Type.",
});

export const fileSchema = Type.Object({
	id: text("Its id, for attachments of POST /messages and for GET /attachments/{id}."),
	contentType: text("Media type."),
	filename: text("Its name."),
	size: Type.Integer({ description: "Bytes." }),
	sha256: text("SHA-256 of the file, hexadecimal."),
	createdAt: text(`When it was uploaded (${timeText}).`),
	expiresAt: textOrNull("When it is deleted unless a message has it by then; null: it stays with its message."),
});
