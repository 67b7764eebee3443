// Rows as the interface shows them.

import { secretHeaders, withoutSecrets, withoutSecretsInUrl } from "#connectors/registry.ts";
import type { Consent } from "#storage/consent-lists.ts";
import type { Contact, Conversation } from "#storage/conversation-lists.ts";
import type { KeptRequest } from "#storage/inbound-requests.ts";
import type { StoredMessage, StoredPart } from "#storage/messages.ts";
import type { MessageObject } from "./schemas.ts";

export function toTime(date: Date): string {
	return date.toISOString();
}

export function toTimeOrNull(date: Date | null): string | null {
	return date === null ? null : toTime(date);
}

/** Id, name and type of the messaging service. */
export function toServiceFields(row: { serviceId: string; service: { name: string; type: string } | null }) {
	return { service: row.serviceId, serviceName: row.service?.name ?? null, type: row.service?.type ?? null };
}

export function toMessageObject(message: StoredMessage): MessageObject {
	const { content, direction } = message;
	const isIncoming = direction === "in";
	return {
		id: message.id,
		direction,
		...toServiceFields(message),
		channel: message.channel,
		from: isIncoming ? message.contactAddress : message.ourAddress,
		to: isIncoming ? message.ourAddress : message.contactAddress,
		contact: message.contactId,
		conversation: message.conversationId,
		sequence: message.sequence,
		text: message.text,
		attachments: message.attachments.map((attachment) => ({ ...attachment })),
		template: content.template ?? null,
		location: content.location ?? null,
		replyTo: content.replyTo ?? null,
		choice: content.choice ?? null,
		metadata: content.metadata ?? null,
		...toProgress(message),
	};
}

function toProgress(message: StoredMessage) {
	return {
		state: message.state,
		stateAt: toTime(message.stateAt),
		remoteId: message.remoteIds[0] ?? null,
		remoteIds: [...message.remoteIds],
		error: message.error,
		attempts: message.attempts,
		possibleDuplicate: message.possibleDuplicate,
		parts: message.parts.map(toPartObject),
		receivedAt: toTime(message.receivedAt),
		providerTime: toTimeOrNull(message.providerAt),
		validUntil: toTimeOrNull(message.validUntil),
	};
}

function toPartObject(part: StoredPart) {
	return {
		part: part.part,
		state: part.state,
		stateAt: toTime(part.stateAt),
		remoteId: part.remoteIds[0] ?? null,
		attempts: part.attempts,
		possibleDuplicate: part.possibleDuplicate,
		error: part.error,
	};
}

export function toConversationObject(conversation: Conversation, replyWindow: { endsAt: string | null } | null) {
	return {
		id: conversation.id,
		...toServiceFields(conversation),
		channel: conversation.channel,
		ourAddress: conversation.ourAddress,
		contactAddress: conversation.contactAddress,
		contact: conversation.contactId,
		state: conversation.state,
		openedAt: toTime(conversation.openedAt),
		closedAt: toTimeOrNull(conversation.closedAt),
		previous: conversation.previousId,
		group: conversation.groupId,
		lastMessageAt: toTime(conversation.lastMessageAt),
		contactLastWroteAt: toTimeOrNull(conversation.contactLastWroteAt),
		replyWindow,
		messages: conversation.messages,
	};
}

export function toConsentObject(consent: Consent) {
	const { id, usage, address, state, source, by, note } = consent;
	const about = { service: consent.serviceId, serviceName: consent.service?.name ?? null };
	return { id, usage, address, ...about, state, source, message: consent.messageId, at: toTime(consent.at), by, note };
}

export function toContactObject(contact: Contact) {
	const { id, name, addresses, createdAt, updatedAt } = contact;
	return { id, name, addresses: [...addresses], createdAt: toTime(createdAt), updatedAt: toTime(updatedAt) };
}

const hidden = "(removed)";

export type RequestParts = {
	method: string;
	url: string;
	headers: Iterable<readonly [name: string, value: string]>;
	body: Uint8Array;
	receivedAt: Date;
};

/** A second look: what the door removed before storing stays removed here, and sealed requests have everything. */
export function toRequestObject({ method, url, headers, receivedAt, ...request }: RequestParts) {
	const body = withoutSecrets(request.body);
	const bodyText = asText(body);
	const shown = [...headers].map(([name, value]) => [name, secretHeaders.has(name.toLowerCase()) ? hidden : value]);
	return {
		method,
		url: withoutSecretsInUrl(url),
		headers: Object.fromEntries(shown) as Record<string, string>,
		bodyBase64: Buffer.from(body).toString("base64"),
		...(bodyText === undefined ? {} : { bodyText }),
		receivedAt: toTime(receivedAt),
	};
}

export function toRawObject(request: KeptRequest) {
	return {
		...toRequestObject({ ...request, headers: Object.entries(request.headers) }),
		verdict: request.verdict,
	};
}

function asText(body: Uint8Array): string | undefined {
	try {
		return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
	} catch (error) {
		if (error instanceof TypeError) {
			return undefined; // Not UTF-8: only the bytes are shown.
		}
		throw error;
	}
}
