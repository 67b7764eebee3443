// Merges of contacts as JSON Schema: what validates, serialises and documents them.

import { idPattern } from "#domain/ids.ts";
import { noNul } from "#platform/text-patterns.ts";
import { type Static, Type } from "typebox";
import { consentSchema } from "./consent-schemas.ts";
import { oneOf, orNull, strict, text, textOrNull } from "./schema-words.ts";
import { contactFields } from "./schemas.ts";

const id = (description: string) => Type.String({ pattern: idPattern, description });
const other = id("Id of the contact that is taken in.");

export const previewQuery = strict({ with: other });

export const mergeParams = strict({
	id: id("Id of the contact that was kept."),
	mergeId: id("Id of the merge."),
});

export const mergeBody = strict({
	with: other,
	reason: Type.String({
		minLength: 1,
		maxLength: 500,
		pattern: noNul,
		description: "Why they are one person, in a person's words; kept with the merge and in the audit log.",
	}),
});
export type MergeBody = Static<typeof mergeBody>;

const timeText = "RFC 3339, UTC with milliseconds";

export const mergeSchema = Type.Object({
	id: text("Its id."),
	contact: text("Id of the contact that was kept."),
	with: text("Id of the contact that was taken in."),
	name: textOrNull("Name of the contact that was taken in."),
	at: text(`When (${timeText}).`),
	by: text("Id of the user who merged them."),
	reason: text("Why, in their words."),
	undoneAt: textOrNull("When it was undone; null: it stands."),
	undoneBy: textOrNull("Id of the user who undid it."),
	stands: orNull(
		oneOf(["undone", "mergedAgain", "erased"], "What is in the way."),
		"Why it cannot be undone; null: it can. mergedAgain: undo the merge of the kept contact into another one first; erased: addresses that came with it are gone.",
	),
});

const sideSchema = Type.Object({
	...contactFields,
	conversations: Type.Integer({ description: "Number of its conversations." }),
	chats: Type.Integer({ description: "Number of its chats." }),
	messages: Type.Integer({ description: "Number of messages in its conversations." }),
});

export const previewSchema = Type.Object({
	name: textOrNull("What the merged contact will be called: as the kept one, or as the other where it has no name."),
	kept: sideSchema,
	other: sideSchema,
	consents: orNull(
		Type.Array(consentSchema),
		"What was said about messages to any of the addresses: a merge leaves it as it is. Null: you may not view consents.",
	),
});
