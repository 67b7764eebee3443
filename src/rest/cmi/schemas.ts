// The objects of the Contact Management Interface as JSON Schema: what validates, serialises and documents them.

import { faultCodes } from "#domain/faults.ts";
import { idPattern } from "#domain/ids.ts";
import { type Static, Type } from "typebox";
import { messageStates } from "#storage/messages.ts";
import { attachmentSchema, shownAttachment } from "./attachment-schemas.ts";
import { noNul, oneLine } from "#platform/text-patterns.ts";
import { facts, numberOrNull, oneOf, orNull, strict, text, textOrNull, texts, timeText } from "./schema-words.ts";

export const idParams = strict({ id: Type.String({ pattern: idPattern, description: "32 hexadecimal digits." }) });

export const pageQuery = {
	limit: Type.Optional(
		Type.Integer({ minimum: 1, maximum: 1000, default: 100, description: "Most objects in the answer." }),
	),
	cursor: Type.Optional(
		Type.String({ maxLength: 200, description: 'Where to go on: taken from the header Link with rel="next".' }),
	),
};

export const serviceQuery = {
	service: Type.Optional(
		Type.String({ minLength: 1, maxLength: 200, pattern: noNul, description: "Messaging service: id or name." }),
	),
};

export const periodQuery = {
	since: Type.Optional(Type.String({ format: "date-time", description: "From this time on." })),
	until: Type.Optional(Type.String({ format: "date-time", description: "Before this time." })),
};

function idQuery(description: string) {
	return Type.Optional(Type.String({ pattern: idPattern, description }));
}

function channelQuery() {
	return Type.Optional(Type.String({ minLength: 1, maxLength: 40, pattern: noNul, description: "Such as sms." }));
}

export const messagesQuery = strict({
	...serviceQuery,
	conversation: idQuery("Id of the conversation."),
	contact: idQuery("Id of the contact."),
	direction: Type.Optional(oneOf(["in", "out"], "in: from the contact; out: from us.")),
	state: Type.Optional(oneOf(messageStates, "State of the whole message.")),
	channel: channelQuery(),
	...periodQuery,
	find: Type.Optional(
		Type.String({
			minLength: 1,
			maxLength: 400,
			pattern: "^[^\\u0000]*[^\\u0000\\s][^\\u0000]*$",
			description: "Any id, an address, or words of the text; % and _ mean themselves.",
		}),
	),
	order: Type.Optional(oneOf(["desc", "asc"], "desc: newest first (default); asc: oldest first.")),
	...pageQuery,
});

export const conversationsQuery = strict({
	...serviceQuery,
	contact: idQuery("Id of the contact."),
	group: idQuery("Id that all conversations linked to each other have in common."),
	state: Type.Optional(oneOf(["open", "closed"], "Whether it is open.")),
	channel: channelQuery(),
	...periodQuery,
	...pageQuery,
});

export const contactsQuery = strict({
	name: Type.Optional(
		Type.String({ minLength: 1, maxLength: 400, pattern: noNul, description: "Name; patterns with * and ?." }),
	),
	address: Type.Optional(Type.String({ minLength: 1, maxLength: 320, pattern: noNul, description: "Whole address." })),
	channel: channelQuery(),
	...serviceQuery,
	...pageQuery,
});

export const serviceListQuery = strict({ ...serviceQuery, ...pageQuery });

const templateSchema = strict({
	id: Type.String({ minLength: 1, maxLength: 255, pattern: oneLine, description: "Id at the provider." }),
	language: Type.Optional(
		Type.String({
			minLength: 1,
			maxLength: 35,
			pattern: "^[A-Za-z]{2,8}(?:[_-][A-Za-z0-9]{1,8}){0,3}$",
			description: "Language code, such as en or de_DE.",
		}),
	),
	parameters: Type.Optional(
		Type.Unsafe<Readonly<Record<string, string>>>({
			type: "object",
			maxProperties: 50,
			propertyNames: { minLength: 1, maxLength: 100, pattern: oneLine },
			additionalProperties: { type: "string", maxLength: 1024, pattern: noNul },
			description: "Values by name or position, at most 50 of at most 1024 characters.",
		}),
	),
});

export const sendBody = strict({
	service: Type.String({ minLength: 1, maxLength: 200, pattern: noNul, description: "Messaging service: id or name." }),
	from: Type.Optional(
		Type.String({
			minLength: 1,
			maxLength: 320,
			pattern: oneLine,
			description: "Our address. May be left out where the service has one only.",
		}),
	),
	to: Type.Optional(
		Type.String({
			minLength: 1,
			maxLength: 320,
			pattern: oneLine,
			description: "The contact's address. Required without `conversation`.",
		}),
	),
	channel: Type.Optional(
		Type.String({ minLength: 1, maxLength: 40, pattern: oneLine, description: "Medium, such as whatsapp." }),
	),
	text: Type.Optional(
		Type.String({
			minLength: 1,
			maxLength: 10_000,
			pattern: noNul,
			description: "At most 10,000 code points. A text longer than the channel takes at once goes in several parts.",
		}),
	),
	attachments: Type.Optional(
		Type.Array(attachmentSchema, { minItems: 1, maxItems: 10, description: "At most 10, with or without a text." }),
	),
	template: Type.Optional(templateSchema),
	conversation: Type.Optional(
		Type.String({ pattern: idPattern, description: "Goes on with this conversation; reopens it where it is closed." }),
	),
	replyTo: Type.Optional(
		Type.String({
			minLength: 1,
			maxLength: 255,
			pattern: oneLine,
			description: "The message this one answers: its id here, or its id at the provider.",
		}),
	),
	validUntil: Type.Optional(
		Type.String({
			format: "date-time",
			description:
				"Not sent after this time: at most 7 days ahead. Default: the service's time to live, counted from now.",
		}),
	),
});
export type SendBody = Static<typeof sendBody>;

const errorSchema = Type.Object({
	code: text(`Why it failed, or why it waits: ${faultCodes.join(", ")}.`),
	detail: textOrNull("In words, without texts or secrets."),
});

const partSchema = Type.Object({
	part: Type.Integer({ description: "Number of the part." }),
	state: oneOf(messageStates, "State of this part."),
	stateAt: text(`Since when (${timeText}).`),
	remoteId: textOrNull("The provider's id for it."),
	attempts: Type.Integer({ description: "Number of tries at sending." }),
	possibleDuplicate: Type.Boolean({ description: "It was sent again although an earlier try may have arrived." }),
	error: orNull(errorSchema, "What is wrong with it."),
});

const shownTemplate = Type.Object({
	id: text("Id at the provider."),
	language: Type.Optional(text("Language code.")),
	parameters: Type.Optional(texts("Values by name or position.")),
});

const locationSchema = Type.Object({
	latitude: Type.Number({ description: "Degrees, north positive." }),
	longitude: Type.Number({ description: "Degrees, east positive." }),
	label: Type.Optional(text("What is there.")),
});

export const serviceFields = {
	service: text("Id of the messaging service."),
	serviceName: textOrNull("Its name; null where it was deleted."),
	type: textOrNull("Its type; null where it was deleted."),
};

export const messageSchema = Type.Object({
	id: text("Its id: 32 hexadecimal digits that rise with time."),
	direction: oneOf(["in", "out"], "in: from the contact; out: from us."),
	...serviceFields,
	channel: text("Medium, such as sms."),
	from: text("The sender's address."),
	to: text("The receiver's address."),
	contact: textOrNull("Id of the contact; null until the message is matched."),
	conversation: textOrNull("Id of the conversation; null until the message is matched."),
	sequence: numberOrNull("Place within the conversation, from 1."),
	text: text("Empty where there are only attachments."),
	attachments: Type.Array(shownAttachment, { description: "Files with it." }),
	template: orNull(shownTemplate, "The provider's template it was made of."),
	location: orNull(locationSchema, "A place the contact sent."),
	replyTo: textOrNull("The provider's id of the message it answers."),
	choice: textOrNull("What the contact chose on a button or list."),
	metadata: orNull(texts("By name."), "Facts that the provider added."),
	state: oneOf(messageStates, "Incoming: received, matched, parked. Outgoing: the state of its slowest part."),
	stateAt: text(`Since when (${timeText}).`),
	remoteId: textOrNull("The provider's id, the first where there are several."),
	remoteIds: Type.Array(Type.String(), { description: "The provider's ids of all parts and attempts." }),
	error: orNull(errorSchema, "Why it failed, or why it waits."),
	attempts: Type.Integer({ description: "Number of tries at sending, of all parts." }),
	possibleDuplicate: Type.Boolean({ description: "It was sent again although an earlier try may have arrived." }),
	parts: Type.Array(partSchema, { description: "What it is sent as; empty for incoming messages." }),
	receivedAt: text(`When it came in, or was handed over to be sent (${timeText}).`),
	providerTime: textOrNull("The provider's own time."),
	validUntil: textOrNull("Not sent after this time."),
});
export type MessageObject = Static<typeof messageSchema>;

export const traceSchema = Type.Array(
	Type.Object({
		at: text(`When (${timeText}).`),
		what: text("What happened, such as attempt.started."),
		who: oneOf(["SMS Server", "Chain Matcher", "RESTful Interfaces", "Provider"], "Who did it."),
		detail: facts("Causes and ids."),
	}),
);

const keptRequest = {
	method: text("HTTP method."),
	url: text("Path and query as received, below the public base URL."),
	headers: texts("Without the values that are secrets."),
	bodyBase64: text("The bytes as received, in base64."),
	bodyText: Type.Optional(text("The same as text, where it is UTF-8.")),
	receivedAt: text(`When (${timeText}).`),
};

export const rawSchema = Type.Object({ ...keptRequest, verdict: text("What the door said: ok, or why not.") });

export const conversationSchema = Type.Object({
	id: text("Its id."),
	...serviceFields,
	channel: text("Medium, such as sms."),
	ourAddress: text("Our address."),
	contactAddress: text("The contact's address."),
	contact: text("Id of the contact."),
	state: oneOf(["open", "closed"], "Whether it goes on."),
	openedAt: text(`When it was opened (${timeText}).`),
	closedAt: textOrNull("When it was closed."),
	previous: textOrNull("Id of the conversation before, with the same contact at the same address."),
	group: text("Id that all conversations linked to each other have in common: that of the first."),
	lastMessageAt: text(`When the last message came or went (${timeText}).`),
	contactLastWroteAt: textOrNull("When the contact last wrote."),
	replyWindow: orNull(
		Type.Object({ endsAt: textOrNull("From then on texts are refused; null: the contact has not written yet.") }),
		"For how long the channel takes free texts; null: at any time, or the service does not watch it.",
	),
	messages: Type.Integer({ description: "Number of messages." }),
});

export const conversationChange = strict({
	state: Type.Literal("closed", { description: "Closes it. The contact's next message reopens it or starts another." }),
});

export const contactFields = {
	id: text("Its id."),
	name: textOrNull("As the provider tells it."),
	addresses: Type.Array(
		Type.Object({
			channel: text("Medium, such as sms."),
			scope: textOrNull("Our account within which the address has its meaning; null: everywhere."),
			address: text("The address."),
		}),
		{ description: "Addresses by which the contact is known." },
	),
	createdAt: text(`When first seen (${timeText}).`),
	updatedAt: text(`When last changed (${timeText}).`),
};

export const contactSchema = Type.Object(contactFields);

export const contactWithConversations = Type.Object({
	...contactFields,
	conversations: Type.Array(conversationSchema, { description: "Its newest conversations, at most 100." }),
});

const parkedFields = {
	id: text("Id of the entry; that of the message where parts are held."),
	kind: oneOf(
		["received", "held"],
		"received: an event that could not be dealt with; held: parts of a message of ours.",
	),
	event: oneOf(["message", "receipt", "activity", "unreadable"], "What it is."),
	...serviceFields,
	message: textOrNull("Id of the message."),
	reason: textOrNull("Why it waits for a person."),
	since: text(`Since when (${timeText}).`),
	attempts: Type.Integer({ description: "How often it was tried." }),
	retryable: Type.Boolean({ description: "Whether it can be tried again." }),
};

export const parkedSchema = Type.Object(parkedFields);

export const parkedDetail = Type.Object({
	...parkedFields,
	content: orNull(messageSchema, "The message."),
	request: orNull(rawSchema, "The request it came with."),
});

export const quarantinedSchema = Type.Object({
	id: text("Id of the entry."),
	...serviceFields,
	receivedAt: text(`When it came (${timeText}).`),
	reason: text("Why it was refused, as a code."),
	explanation: text("The same in a sentence, with what to do."),
	bytes: Type.Integer({ description: "Size as kept, bytes." }),
	bodyHash: text("SHA-256 of the body, hexadecimal."),
	remoteAddress: textOrNull("Where it came from."),
	wish: oneOf(["none", "recheck", "release"], "What the SMS Server was asked to do with it."),
	checkedAt: text(`When it was last checked (${timeText}).`),
});

export const explanationSchema = Type.Object({
	cause: textOrNull("What would make it genuine, as a code; null: none of the known causes."),
	says: text("The same in a sentence."),
	advice: textOrNull("What to do about it."),
});

export const sealedRequestSchema = Type.Object(keptRequest);

/** Why a person has something done: for the audit log, and where it is shown in the trace of a message. */
const givenReason = Type.Optional(
	Type.String({
		minLength: 1,
		maxLength: 500,
		pattern: noNul,
		description: "Why, in a person's words; kept in the audit log and shown in the trace of the message.",
	}),
);

/** The body as a whole may be left out. */
export const reasonBody = orNull(strict({ reason: givenReason }), "May be left out.");

export const releaseBody = strict({
	reason: givenReason,
	service: Type.String({ minLength: 1, maxLength: 200, pattern: noNul, description: "Messaging service: id or name." }),
});

export const releasedSchema = Type.Object({ requests: Type.Integer({ description: "How many are to be released." }) });

export const eventsQuery = strict({
	since: Type.Optional(
		Type.String({
			pattern: "^(?:begin|\\d{1,15}\\.\\d{1,15})$",
			description:
				"begin: from the oldest event kept on; an event's id: from the one after it on. Default: from now on.",
		}),
	),
});
