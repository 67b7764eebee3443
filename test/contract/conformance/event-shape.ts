// The shape of every event as it is stored: JSON, dates as RFC 3339 in UTC. Closed, so that nothing is stored that no
// reader expects; and what JSON brings back must be what was put in.

import { isDeepStrictEqual } from "node:util";
import { type TSchema, Type } from "typebox";
import { Compile } from "typebox/compile";
import type { ChannelEvent } from "#domain/messages.ts";
import { faultCodes } from "#domain/faults.ts";
import { idPattern } from "#domain/ids.ts";

const time = Type.String({ pattern: "^[+-]?\\d{4,6}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$" });
const filled = Type.String({ minLength: 1 });
const closed = { additionalProperties: false };
const facts = Type.Record(Type.String(), Type.String());
const contact = Type.Object({ address: filled, scope: Type.Optional(filled), name: Type.Optional(filled) }, closed);
const attachment = Type.Object(
	{ url: filled, contentType: Type.Optional(filled), filename: Type.Optional(filled) },
	closed,
);

function event<Fields extends Record<string, TSchema>>(kind: string, fields: Fields) {
	return Type.Object({ kind: Type.Literal(kind), dedupKey: filled, at: Type.Optional(time), ...fields }, closed);
}

const attemptId = Type.String({ pattern: idPattern });
const target = Type.Union([
	Type.Object({ by: Type.Literal("remote"), remoteId: filled, attemptId: Type.Optional(attemptId) }, closed),
	Type.Object({ by: Type.Literal("attempt"), attemptId, remoteId: Type.Optional(filled) }, closed),
	Type.Object({ by: Type.Literal("watermark"), ourAddress: filled, contactAddress: filled, upTo: time }, closed),
]);
const fault = Type.Object(
	{
		code: Type.Union(faultCodes.map((code) => Type.Literal(code))),
		detail: filled,
		providerCode: Type.Optional(filled),
	},
	closed,
);

const shapes = {
	message: event("message", {
		remoteId: filled,
		channel: filled,
		ourAddress: filled,
		contact,
		text: Type.String(),
		attachments: Type.Array(attachment),
		location: Type.Optional(
			Type.Object(
				{
					latitude: Type.Number(),
					longitude: Type.Number(),
					label: Type.Optional(filled),
				},
				closed,
			),
		),
		replyTo: Type.Optional(filled),
		choice: Type.Optional(filled),
		metadata: Type.Optional(facts),
	}),
	receipt: event("receipt", {
		target,
		status: Type.Union(["sent", "delivered", "read", "failed"].map((status) => Type.Literal(status))),
		fault: Type.Optional(fault),
	}),
	activity: event("activity", {
		name: filled,
		ourAddress: Type.Optional(filled),
		contact: Type.Optional(contact),
		remoteId: Type.Optional(filled),
		consent: Type.Optional(
			Type.Object({ state: Type.Union([Type.Literal("granted"), Type.Literal("refused")]), channel: filled }, closed),
		),
		facts,
		wakesUpkeep: Type.Optional(Type.Literal(true)),
	}),
	unreadable: event("unreadable", { reason: filled }),
	foreign: event("foreign", { account: filled }),
} satisfies Record<ChannelEvent["kind"], TSchema>;

type Shape = {
	Check(value: unknown): boolean;
	Errors(value: unknown): readonly { instancePath: string; message: string }[];
};
const validators: ReadonlyMap<string, Shape> = new Map(
	Object.entries(shapes).map(([kind, shape]) => [kind, Compile(shape as TSchema)]),
);

/** What is wrong with an event, or undefined. */
export function eventTrouble(event: ChannelEvent): string | undefined {
	const stored: unknown = JSON.parse(JSON.stringify(event));
	const validator = validators.get(event.kind);
	if (validator === undefined) {
		return `the kind ${String(event.kind)} does not exist`;
	}
	if (!validator.Check(stored)) {
		const [error] = validator.Errors(stored);
		return `${event.kind}${error?.instancePath ?? ""} ${error?.message ?? "has another shape"}`;
	}
	if (event.kind === "receipt" && (event.status === "failed") !== (event.fault !== undefined)) {
		return "a receipt has a fault exactly when it says failed";
	}
	return isDeepStrictEqual(withDates(stored), event)
		? undefined
		: `${event.kind} is not the same after a round trip as JSON`;
}

const dateFields = new Set(["at", "upTo"]);

/** Dates of an event as dates again, and RFC 3339 texts of any spelling as the same moment. */
export function withDates(value: unknown): unknown {
	if (Array.isArray(value)) {
		return value.map(withDates);
	}
	if (typeof value !== "object" || value === null) {
		return value;
	}
	return Object.fromEntries(
		Object.entries(value).map(([name, inner]) => [
			name,
			dateFields.has(name) && typeof inner === "string" ? new Date(inner) : withDates(inner),
		]),
	);
}
