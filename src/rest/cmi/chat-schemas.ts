// Chats and their lines as the Contact Management Interface shows them.

import { chatStates, lineTypes } from "#domain/chats.ts";
import { idPattern } from "#domain/ids.ts";
import { type Static, Type } from "typebox";
import { pageQuery, periodQuery } from "./schemas.ts";
import { facts, oneOf, orNull, strict, text, textOrNull, timeText } from "./schema-words.ts";

const id = (description: string) => Type.Optional(Type.String({ pattern: idPattern, description }));

export const chatsQuery = strict({
	queue: id("Id of the queue."),
	state: Type.Optional(oneOf(chatStates, "queued: waits; served: an agent has it; ended.")),
	contact: id("Id of the contact."),
	agent: id("Id of the user who has it or had it last."),
	...periodQuery,
	find: Type.Optional(
		Type.String({ minLength: 1, maxLength: 200, pattern: "^[^\\u0000]*$", description: "Words that were said in it." }),
	),
	...pageQuery,
});

export const chatLinesQuery = strict({
	chat: Type.String({ pattern: idPattern, description: "Id of the chat." }),
	...pageQuery,
});

const dataBytesMax = 16 * 1024;
export const dataKeysMax = 100;

/** As much as may come along with a chat. */
export const contactDataBody = strict({
	contact: Type.String({ pattern: idPattern, description: "Id of the chat, which has ended." }),
	data: Type.Record(
		Type.String({ minLength: 1, maxLength: 100 }),
		Type.Union([Type.String({ maxLength: 4000 }), Type.Number(), Type.Boolean()]),
		{
			minProperties: 1,
			maxProperties: dataKeysMax,
			description: `By name; none of them is in the chat's data yet. All of it together may have ${dataBytesMax} bytes as JSON.`,
		},
	),
});

export const contactDataSchema = Type.Object({
	contact: text("Id of the chat."),
	data: facts("By name."),
});

export function exceedsChatBytes(data: Readonly<Record<string, unknown>>): boolean {
	return Buffer.byteLength(JSON.stringify(data)) > dataBytesMax;
}

export const chatSchema = Type.Object({
	id: text("Its id, which is the contact id of the real-time protocol."),
	original: text("Id of the first of the chats that belong together."),
	previous: textOrNull("Id of the chat before with the same contact."),
	conversation: textOrNull("Id of the conversation; null: a web visitor's."),
	contact: textOrNull("Id of the contact; null: a web visitor's."),
	channel: text("Medium, such as sms; web: a visitor of a site."),
	direction: oneOf(["inbound", "outbound"], "Who began."),
	queue: textOrNull("Id of the queue."),
	originator: text("The contact's address."),
	name: textOrNull("The contact's name, where it is known."),
	destination: text("Our address."),
	state: oneOf(chatStates, "Where it is."),
	agent: textOrNull("Id of the user who has it, or had it last."),
	startedAt: text(`When it began (${timeText}).`),
	acceptedAt: textOrNull("When an agent first had it."),
	endedAt: textOrNull("When the talk was over."),
	endedBy: orNull(oneOf(["agent", "contact", "idle", "system"], ""), "Who or what ended it."),
	failure: orNull(oneOf(["queue_full", "queue_closed", "bad_address"], ""), "Why nobody could have it."),
	reason: textOrNull("Given in wrap-up."),
	attachedData: facts("What came along with it."),
});

export const chatLineSchema = Type.Object({
	id: text("Its id."),
	chat: text("Id of the chat."),
	number: Type.Integer({ description: "Its place, from 1." }),
	type: oneOf(lineTypes, "text and note: words; everything else: JSON."),
	text: text("The words, or the JSON."),
	originator: text(
		"Whose it is: an address, or Contact Center. Of JOINED and of errors about a message it is who came, or who wrote that.",
	),
	isSystem: Type.Boolean({ description: "Said by the contact centre, whoever it is about." }),
	isInternal: Type.Boolean({ description: "Not seen by the contact." }),
	at: text(`When (${timeText}).`),
	message: textOrNull("Id of the message that went to or came from a provider."),
	delivery: textOrNull("What became of it: queued, sent, delivered, read or failed."),
});

export type ChatObject = Static<typeof chatSchema>;
export type ChatLineObject = Static<typeof chatLineSchema>;
