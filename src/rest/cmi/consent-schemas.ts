// Customer consents as JSON Schema: what validates, serialises and documents them.

import { type Static, Type } from "typebox";
import { noNul, oneLine } from "#platform/text-patterns.ts";
import { oneOf, strict, text, textOrNull } from "./schema-words.ts";
import { pageQuery, serviceFields, serviceQuery } from "./schemas.ts";

const usage = Type.String({
	minLength: 1,
	maxLength: 40,
	pattern: "^[A-Za-z0-9][A-Za-z0-9.-]*$",
	description: "What it is for: the channel, such as sms or whatsapp; an underscore in its name is written as -.",
});
const address = Type.String({
	minLength: 1,
	maxLength: 255,
	pattern: oneLine,
	description: "The contact's address. Numbers are the same with and without +, spaces and the channel before them.",
});
const states = ["granted", "refused"] as const;
const service = Type.String({
	minLength: 1,
	maxLength: 200,
	pattern: noNul,
	description: "Messaging service, id or name. Left out: for every service.",
});

export const serviceNamedQuery = strict(serviceQuery);

export const consentsQuery = strict({
	usage: Type.Optional(usage),
	address: Type.Optional(address),
	state: Type.Optional(oneOf(states, "What the contact said.")),
	...serviceQuery,
	...pageQuery,
});

export const consentParams = strict({
	key: Type.String({
		minLength: 1,
		maxLength: 300,
		pattern: oneLine,
		description: "usage_address, such as sms_+4915112345.",
	}),
});

export const consentBody = strict({
	usage,
	address,
	service: Type.Optional(service),
	state: oneOf(states, "granted: wants our messages; refused: does not."),
	note: Type.Optional(
		Type.String({ minLength: 1, maxLength: 200, pattern: oneLine, description: "Where and how it was said." }),
	),
});
export type ConsentBody = Static<typeof consentBody>;

export const consentSchema = Type.Object({
	id: text("Its id; in the audit log it stands for the address."),
	usage: text("The channel."),
	address: text("The contact's address, as it was last named."),
	service: textOrNull("Id of the messaging service it is about; null: every service."),
	serviceName: serviceFields.serviceName,
	state: oneOf(states, "What the contact said last."),
	source: oneOf(
		["contact", "provider", "user"],
		"contact: by a word in a message; provider: told us; user: entered here.",
	),
	message: textOrNull("Id of the message in which it was said, or of which the provider said it."),
	at: text("When it was said (RFC 3339, UTC with milliseconds)."),
	by: textOrNull("Id of the user who entered it."),
	note: textOrNull("Where and how it was said."),
});
