// What passes between a connector and the servers: events a provider told us, and messages we want sent. Pure data.

import type { Fault } from "./faults.ts";
import type { AttemptId, MessageId, RemoteId } from "./ids.ts";

/** A kind of provider connection, as in the URL: `twilio`. The registry knows which exist. */
export type ServiceType = string;

/** The medium, as printed in addresses and lists: `sms`, `whatsapp`, `messenger`, … Open: providers add channels. */
export type Channel = string;

export type Attachment = {
	/** Where the provider keeps it, or where the provider may fetch it. Incoming links expire. */
	url: string;
	contentType?: string;
	filename?: string;
};

/** A file that Parley keeps, as a message of ours names it. */
export type KeptFile = { fileId: string; contentType: string; filename: string; size: number };

/** As a message is stored: a file has no address before somebody is told to fetch it. */
export type StoredAttachment = Attachment | KeptFile;

/** The person outside as the provider names them. */
export type ContactAddress = {
	address: string;
	/** Set when the address means something only within one of our accounts (a Messenger user id within a page). */
	scope?: string;
	name?: string;
};

type EventBase = {
	/** Unique within the messaging service; a second event with the same key is a duplicate and has no effect. */
	dedupKey: string;
	/** The provider's own time, where it tells one. For display and order, never for leases or dedup. */
	at?: Date;
};

/** A contact wrote to us. */
export type MessageEvent = EventBase & {
	kind: "message";
	remoteId: RemoteId;
	channel: Channel;
	ourAddress: string;
	contact: ContactAddress;
	/** Empty when there are only attachments. */
	text: string;
	attachments: readonly Attachment[];
	location?: { latitude: number; longitude: number; label?: string };
	replyTo?: RemoteId;
	/** What the contact chose on a button or list, as we sent it (postback data). */
	choice?: string;
	/** Flat facts the provider adds, shown as attached data. */
	metadata?: Readonly<Record<string, string>>;
};

/** Which of our sends a receipt speaks about. */
export type ReceiptTarget =
	| { by: "remote"; remoteId: RemoteId; attemptId?: AttemptId }
	| { by: "attempt"; attemptId: AttemptId; remoteId?: RemoteId }
	/** Everything sent from our address to the contact up to that time (Messenger's watermark). */
	| { by: "watermark"; ourAddress: string; contactAddress: string; upTo: Date };

/** The provider's later word on a message of ours. */
export type ReceiptEvent = EventBase & {
	kind: "receipt";
	target: ReceiptTarget;
	status: "sent" | "delivered" | "read" | "failed";
	/** Present exactly when the status is `failed`. */
	fault?: Fault & { providerCode?: string };
};

/** Something else the provider told: typing, a reaction, an opt-in. Kept, shown in the trace, moves no message forward. */
export type ActivityEvent = EventBase & {
	kind: "activity";
	name: string;
	ourAddress?: string;
	contact?: ContactAddress;
	remoteId?: RemoteId;
	facts: Readonly<Record<string, string>>;
	/** What the named contact said about our messages on that channel, as the provider knows it: becomes their consent. */
	consent?: { state: "granted" | "refused"; channel: Channel };
	/** The provider has something that it did not bring: the next round of upkeep shall come at once. */
	wakesUpkeep?: true;
};

/** Verified, but not understood: parked for a person, acknowledged to the provider. */
export type UnreadableEvent = EventBase & { kind: "unreadable"; reason: string };

/** Verified, but about an account (page, app, number) that this service does not have. Never stored as a message. */
export type ForeignEvent = EventBase & { kind: "foreign"; account: string };

export type ChannelEvent = MessageEvent | ReceiptEvent | ActivityEvent | UnreadableEvent | ForeignEvent;

/** A provider-approved template with its parameters by name or position. */
export type MessageTemplate = {
	id: string;
	language?: string;
	parameters?: Readonly<Record<string, string>>;
};

/** One part of a message of ours, ready to be handed to the provider: what `Connector.send` gets. */
export type OutboundMessage = {
	messageId: MessageId;
	/** New for every attempt. Travels in the provider's metadata field where there is one, and comes back in receipts. */
	attemptId: AttemptId;
	channel: Channel;
	ourAddress: string;
	contactAddress: string;
	/** Which of how many parts of the message this is, from 1; absent: the message is one part. */
	part?: { number: number; of: number };
	text: string;
	attachments: readonly Attachment[];
	template?: MessageTemplate;
	replyTo?: RemoteId;
	/** After this the message must not be delivered any more. */
	validUntil: Date;
	/** When the contact last wrote to us in this conversation; decides the reply window. */
	contactLastWroteAt?: Date;
	/** The public URL of this service's webhook, for providers that want it with each message. No credentials inside. */
	webhookUrl: string;
};
