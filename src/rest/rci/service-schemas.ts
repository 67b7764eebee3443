// The messaging service and its authentications as REST shows and takes them. Fields marked read-only are accepted in a
// PUT and ignored, so that what a GET gave can be changed and sent back.

import { serviceStates } from "#domain/service-state.ts";
import { Type } from "typebox";
import { allowedSchema, closed, givenTimestamp, idParams, idSchema, line, timestamp } from "../schemas.ts";

/** Plain keywords rather than unions: their errors read "must be one of …" and "must be a text or null". */
export function oneOf<const T extends readonly string[]>(values: T, options: { description?: string } = {}) {
	return Type.Unsafe<T[number]>({ type: "string", enum: [...values], ...options });
}

export function textOrNull(options: Readonly<Record<string, unknown>> = {}) {
	return Type.Unsafe<string | null>({ type: ["string", "null"], ...options });
}

const entriesMax = 1000; // Bounds a service; a form's own maximum is never higher.
const secretMax = 8192; // Characters; a private key of 4096 bits and its certificate in PEM have about 5200.

const addressMax = 2048; // Characters; shorter than what any HTTP server takes.
const readOnly = Type.Optional(Type.Unknown({ readOnly: true, description: "Read-only: accepted and ignored." }));

export const directions = ["outgoing", "incoming", "both"] as const;
export const incomingModes = ["observe", "warn", "enforce"] as const;

export const serviceParams = idParams;
export const entryParams = Type.Object({ id: idSchema, authId: idSchema }, closed);

const authenticationId = line(400, "As the type's form describes it.");
const secretFields = {
	password: Type.Optional(
		textOrNull({
			minLength: 1,
			maxLength: secretMax,
			writeOnly: true,
			description: "Write-only. Absent: the stored one stays; null: it is removed.",
		}),
	),
	previousValidUntil: Type.Optional(
		textOrNull({
			...givenTimestamp,
			type: ["string", "null"],
			description:
				"RFC 3339. With a new password of an incoming entry: the one it replaces stays valid until then, at most 30 days. Null ends that at once.",
		}),
	),
};
const entryReadOnly = {
	passwordSet: readOnly,
	fingerprint: readOnly,
	changedAt: readOnly,
	direction: readOnly,
	role: readOnly,
};

const entryInService = Type.Object(
	{ id: Type.Optional(idSchema), authenticationId, ...secretFields, ...entryReadOnly },
	closed,
);
export const entryBody = Type.Object({ authenticationId, ...secretFields, ...entryReadOnly, id: readOnly }, closed);
export const entryPatch = Type.Object(
	{ authenticationId: Type.Optional(authenticationId), ...secretFields, ...entryReadOnly, id: readOnly },
	closed,
);

const serviceFields = {
	enabled: Type.Optional(Type.Boolean({ description: "False: it neither sends nor receives." })),
	serviceConnection: Type.Optional(
		Type.String({
			maxLength: addressMax,
			description: "Where to send. Empty: the type's usual address, where there is one.",
		}),
	),
	authenticationUrl: Type.Optional(textOrNull({ maxLength: addressMax, description: "For types that fetch a token." })),
	authenticationScope: Type.Optional(textOrNull({ maxLength: 1024 })),
	incomingMode: Type.Optional(
		oneOf(incomingModes, {
			description:
				"What happens to calls that prove nothing; none of them is let in. `observe`: answered with a yes and kept in the quarantine while there is room. `warn`: the same, and an alarm is raised. `enforce`: refused; wrong proofs are kept.",
		}),
	),
	settings: Type.Optional(
		Type.Unknown({ description: "An object; which settings there are, messagingServiceTypes tells." }),
	),
};
const entries = Type.Array(entryInService, {
	maxItems: entriesMax,
	description: "The whole list: entries that are left out are removed.",
});

/** What of a service decides about its requests, as a form holds it. */
export const draftFields = {
	serviceConnection: serviceFields.serviceConnection,
	authenticationUrl: serviceFields.authenticationUrl,
	authenticationScope: serviceFields.authenticationScope,
	settings: serviceFields.settings,
	authentications: Type.Optional(entries),
};

const name = line(400);
const type = Type.String({ minLength: 1, maxLength: 64, description: "Cannot be changed later." });
const serviceReadOnly = {
	id: readOnly,
	webhookUrl: readOnly,
	state: readOnly,
	notes: readOnly,
	stateBecause: readOnly,
	stateAction: readOnly,
	cannotSendBecause: readOnly,
	openDoorBecause: readOnly,
	allowed: readOnly,
	createdAt: readOnly,
	updatedAt: readOnly,
};

export const servicePost = Type.Object(
	{ type, name, ...serviceFields, authentications: Type.Optional(entries) },
	closed,
);
export const servicePut = Type.Object(
	{ type: Type.Optional(type), name, ...serviceFields, authentications: entries, ...serviceReadOnly },
	closed,
);
export const servicePatch = Type.Object(
	{
		type: Type.Optional(type),
		name: Type.Optional(name),
		...serviceFields,
		authentications: Type.Optional(entries),
		...serviceReadOnly,
	},
	closed,
);

export const entryReply = Type.Object({
	id: idSchema,
	authenticationId: Type.String(),
	passwordSet: Type.Boolean(),
	fingerprint: textOrNull({ description: "Tells two secrets apart, tells nothing else." }),
	changedAt: textOrNull({ description: "RFC 3339, UTC." }),
	direction: oneOf(directions),
	role: textOrNull({ description: "The rule of the form it falls under." }),
	previousValidUntil: textOrNull({ description: "RFC 3339, UTC." }),
});

export const serviceReply = Type.Object({
	id: idSchema,
	type: Type.String(),
	name: Type.String(),
	enabled: Type.Boolean(),
	serviceConnection: Type.String(),
	authenticationUrl: textOrNull(),
	authenticationScope: textOrNull(),
	incomingMode: oneOf(incomingModes),
	settings: Type.Object({}, { additionalProperties: true, description: "Every setting, defaults filled in." }),
	authentications: Type.Array(entryReply),
	webhookUrl: Type.String(),
	state: oneOf(serviceStates),
	stateBecause: Type.String({ description: "Why it is in this state, in a sentence." }),
	stateAction: textOrNull({ description: "What to do; null: nothing." }),
	notes: Type.Array(Type.String(), { description: "What was mended in this call, and what should be looked at." }),
	cannotSendBecause: textOrNull(),
	openDoorBecause: textOrNull({
		description: "Why calls that prove nothing are not refused, and what becomes of them; null: they are refused.",
	}),
	allowed: allowedSchema,
	createdAt: timestamp,
	updatedAt: timestamp,
});
