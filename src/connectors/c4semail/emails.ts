// E-mail activities as events: what came in is a message, what went out with our mark proves that we sent it, and what
// agents wrote is left where it is. One that cannot be read is kept for a person and spoils none of the others.

import type { RemoteId } from "#domain/ids.ts";
import type { Attachment, ChannelEvent, ContactAddress, MessageEvent } from "#domain/messages.ts";
import { attemptOf } from "../kit/attempt-mark.ts";
import { asFact, cut, valueCharactersMax } from "../kit/facts.ts";
import { fingerprint } from "../kit/fingerprint.ts";
import { asObject, asText } from "../kit/http.ts";
import { addressPattern, type C4sConfig } from "./form.ts";
import { readableText } from "./html-text.ts";
import { expandedIn, type Fields, objectIdIn, timeOf } from "./odata.ts";

export const changeTime = "EntityLastChangedOn";
export const notes = "EMailNotes";
/** Which of them a tenant has, depends on its release. */
export const creationTimes = ["CreationDateTime", "CreatedOn"] as const;

export type Email = {
	fields: Fields;
	/** Undefined: this is no e-mail that could be told from another. */
	objectId: string | undefined;
	changedMs: number | undefined;
	/** The later of the times of its creation; without any, of its change, so that nothing new is taken for old. */
	createdMs: number | undefined;
	direction: "in" | "out" | undefined;
};

export type Related = { tickets: ReadonlyMap<string, string>; attachments: ReadonlyMap<string, readonly Attachment[]> };

export function toEmail(entity: unknown, { properties, inboundValue, outboundValue }: C4sConfig): Email {
	const fields = asObject(entity) ?? {};
	const direction = asFact(fields[properties.direction]);
	const changedMs = timeOf(fields[changeTime]);
	const created = creationTimes.flatMap((name) => timeOf(fields[name]) ?? []);
	return {
		fields,
		objectId: objectIdIn(fields),
		changedMs,
		createdMs: created.length === 0 ? changedMs : Math.max(...created),
		direction: direction === inboundValue ? "in" : direction === outboundValue ? "out" : undefined,
	};
}

const numberCharactersMax = 60; // Of an ID as this provider makes it: below ten digits.

/** The number that people see. */
export function numberOf({ fields }: Email): string | undefined {
	const number = asFact(fields["ID"]);
	return number === undefined || number.length > numberCharactersMax ? undefined : number;
}

export type Told = Related & { hasNotes: boolean };

/** Undefined: nothing that concerns us. */
export function eventOf(email: Email, told: Told, config: C4sConfig): ChannelEvent | undefined {
	const { objectId, fields, direction } = email;
	if (objectId === undefined) {
		return unreadable(fields, "An e-mail has no ObjectID of 32 hexadecimal digits.");
	}
	if (direction === "in") {
		const contact = contactOf(fields, config);
		return contact === undefined
			? unreadable([objectId, "sender"], `An e-mail has no sender in ${config.properties.sender}.`)
			: messageOf({ ...email, objectId }, { ...told, contact }, config);
	}
	if (direction === undefined) {
		const reason = `The ${config.properties.direction} of an e-mail says neither that it came in nor that it went out.`;
		return unreadable([objectId, "direction"], reason);
	}
	const attemptId = attemptOf(fields[config.properties.mark]);
	return attemptId === undefined
		? undefined
		: {
				kind: "receipt",
				dedupKey: `email:${objectId}:out`,
				target: { by: "attempt", attemptId, remoteId: objectId as RemoteId },
				status: "sent",
			};
}

function unreadable(content: unknown, reason: string): ChannelEvent {
	return { kind: "unreadable", dedupKey: `unreadable:${fingerprint(content)}`, reason };
}

type Found = Told & { contact: ContactAddress };

function messageOf(email: Email & { objectId: string }, found: Found, config: C4sConfig): MessageEvent {
	const { fields, objectId, createdMs: at } = email;
	const subject = asText(fields[config.properties.subject]);
	const number = numberOf(email);
	return {
		kind: "message",
		dedupKey: `email:${objectId}:in`,
		remoteId: objectId as RemoteId,
		channel: "email",
		ourAddress: config.ourAddress,
		contact: found.contact,
		text: found.hasNotes ? textOf(fields) || readableText(subject ?? "") : tooLong,
		attachments: found.attachments.get(objectId) ?? [],
		...(at === undefined ? {} : { at: new Date(at) }),
		metadata: facts({
			subject,
			emailId: number,
			ticket: number === undefined ? undefined : found.tickets.get(number),
			to: asFact(fields[config.properties.recipient]),
		}),
	};
}

const tooLong = "This e-mail is too long to be brought here. Read it in SAP Cloud for Customer.";

function textOf(fields: Fields): string {
	const texts = expandedIn(fields[notes]).map((note) => readableText(asText(note["Text"]) ?? ""));
	return texts.filter((text) => text !== "").join("\n\n");
}

function facts(given: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
	const told = Object.entries(given).flatMap(([name, value]): [string, string][] =>
		value === undefined ? [] : [[name, cut(value, valueCharactersMax)]],
	);
	return Object.fromEntries(told);
}

const senderCharactersMax = 1000;
const nameCharactersMax = 200;

/** `kim@example.com`, or `Kim Doe <kim@example.com>`. */
export function contactOf(fields: Fields, { properties }: C4sConfig): ContactAddress | undefined {
	const given = cut(asText(fields[properties.sender]) ?? "", senderCharactersMax).trim();
	const [, before = "", inBrackets] = /^([^<>]*)<([^<>]+)>$/.exec(given) ?? [];
	const address = (inBrackets ?? given).trim().toLowerCase();
	if (!addressPattern.test(address)) {
		return undefined;
	}
	const quoted = before.trim().replaceAll(/^"|"$/g, "");
	const name = cut((asText(fields[properties.senderName]) ?? quoted).trim(), nameCharactersMax);
	return { address, ...(name === "" ? {} : { name }) };
}
