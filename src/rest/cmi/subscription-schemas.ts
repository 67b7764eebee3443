// Event subscriptions and their deliveries as JSON Schema.

import { idPattern } from "#domain/ids.ts";
import { nameLine } from "#platform/text-patterns.ts";
import { deliveryStates } from "#storage/event-deliveries.ts";
import { eventTypes } from "#storage/events.ts";
import { type Static, Type } from "typebox";
import { allowedSchema, givenTimestamp, idSchema } from "../schemas.ts";
import { idParams, pageQuery } from "./schemas.ts";
import { numberOrNull, oneOf, orNull, strict, text, textOrNull, timeText } from "./schema-words.ts";

export const subscriptionsMax = 200;
export const testType = "subscription.test";

const ids = (description: string) =>
	Type.Array(Type.String({ pattern: idPattern }), { maxItems: 200, uniqueItems: true, description });

const header = strict({
	name: Type.String({
		pattern: "^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$",
		description: "Name of the header.",
	}),
	value: Type.Optional(
		Type.String({
			minLength: 1,
			maxLength: 2000,
			pattern: "^[\\x21-\\x7e](?:[\\x20-\\x7e]*[\\x21-\\x7e])?$",
			writeOnly: true,
			description: "Never shown. Left out: the stored one stays, as long as the address keeps its host.",
		}),
	),
});
export type GivenHeader = Static<typeof header>;

const fields = {
	name: Type.String({ minLength: 1, maxLength: 200, pattern: nameLine, description: "Unique." }),
	url: Type.String({
		minLength: 1,
		maxLength: 2000,
		description: "Where events are sent by POST: https, or http to what the setting outboundAllow lists.",
	}),
	events: Type.Array(oneOf(eventTypes, "Type of event."), {
		minItems: 1,
		maxItems: 100,
		uniqueItems: true,
		description: "The types it wants.",
	}),
	services: ids("Only events of these messaging services; empty: of all that its owner may read."),
	queues: ids("Of chats, only those of these queues; empty: of all. Says nothing about other events."),
	enabled: Type.Boolean({ description: "Enabled again, it hears of what happens from then on; see …/recover." }),
	headers: Type.Array(header, {
		maxItems: 20,
		description: "Sent with every event. Values are never shown.",
	}),
};

const readOnly = Type.Optional(Type.Unknown({ readOnly: true, description: "Read-only: accepted and ignored." }));
const ignored = {
	id: readOnly,
	owner: readOnly,
	disabledReason: readOnly,
	previousSecretUntil: readOnly,
	failingSince: readOnly,
	lastDeliveredAt: readOnly,
	waiting: readOnly,
	allowed: readOnly,
	createdAt: readOnly,
	updatedAt: readOnly,
};

const { name, url, events, services, queues, enabled, headers } = fields;
const optional = {
	services: Type.Optional(services),
	queues: Type.Optional(queues),
	enabled: Type.Optional(enabled),
	headers: Type.Optional(headers),
};

export const subscriptionBody = strict({ name, url, events, ...optional, ...ignored });
export const subscriptionPatch = strict({
	name: Type.Optional(name),
	url: Type.Optional(url),
	events: Type.Optional(events),
	...optional,
	...ignored,
});
export type SubscriptionPatch = Static<typeof subscriptionPatch>;

const shown = {
	id: idSchema,
	...fields,
	owner: text("Id of the user who gave its address: only what they may read is sent there."),
	disabledReason: textOrNull("Why Parley disabled it; null where it is enabled, or a person disabled it."),
	previousSecretUntil: textOrNull("Until when the secret before signs as well."),
	failingSince: textOrNull("When the first try failed since the last one that succeeded."),
	lastDeliveredAt: textOrNull("When an event was last delivered."),
	waiting: Type.Integer({ description: "Events that wait to be delivered." }),
	allowed: allowedSchema,
	createdAt: text(timeText),
	updatedAt: text(timeText),
};

const secret = Type.String({
	description: "whsec_ and base64: signs every event (Standard Webhooks). Shown this once.",
});
export const subscriptionReply = Type.Object(shown, { additionalProperties: false });
export const newSubscriptionReply = Type.Object({ ...shown, secret }, { additionalProperties: false });

export const rotationBody = orNull(
	strict({
		previousHours: Type.Optional(
			Type.Integer({
				minimum: 0,
				maximum: 168,
				description: "For so long the secret before signs as well; 0: no longer. 24 unless told otherwise.",
			}),
		),
	}),
	"May be left out.",
);
export const rotationReply = strict({ secret, previousSecretUntil: shown.previousSecretUntil });

export const recoverBody = strict({ since: givenTimestamp });
export const recoverReply = strict({
	since: text(timeText),
	back: Type.Boolean({ description: "Whether it went back: false where no event of that time has passed it yet." }),
});

export const deliveryParams = strict({
	id: idSchema,
	deliveryId: Type.String({ pattern: idPattern, description: "32 hexadecimal digits: the header webhook-id." }),
});
export const subscriptionParams = idParams;

export const deliveriesQuery = strict({
	state: Type.Optional(oneOf(deliveryStates, "Only those in this state.")),
	type: Type.Optional(oneOf([...eventTypes, testType], "Only those of this type of event.")),
	...pageQuery,
});

export const deliverySchema = Type.Object({
	id: text("Its id: the header webhook-id, the same at every try."),
	event: textOrNull("Id of the event in the event stream; null: a test."),
	type: text("Type of the event."),
	eventAt: text(`When it happened (${timeText}).`),
	state: oneOf(deliveryStates, "pending: it waits or is tried again; failed: given up."),
	nextTryAt: textOrNull("Not tried before this time; null where it is not tried any more."),
	reason: textOrNull("Why it was given up."),
	attempts: Type.Array(
		Type.Object({
			number: Type.Integer({ description: "From 1; the newest 20 are kept." }),
			at: text(timeText),
			outcome: textOrNull("delivered, refused, or what went wrong; null: under way, or cut off."),
			status: numberOrNull("HTTP status of the answer."),
			durationMs: numberOrNull("From the request to its answer."),
			answer: textOrNull("The beginning of what was answered."),
		}),
		{ description: "Tries, oldest first." },
	),
	createdAt: text(timeText),
});
