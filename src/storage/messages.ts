// Messages as a reader sees them: the row, its messaging service, and what its parts say. The state of an outgoing
// message is computed from its parts each time it is read.

import {
	codeOf,
	type IncomingState,
	incomingStates,
	messageState,
	type OutgoingState,
	outgoingStates,
	stateOf,
} from "#domain/delivery.ts";
import type { MessageTemplate, StoredAttachment } from "#domain/messages.ts";
import { type RawBuilder, type SqlBool, sql } from "kysely";
import { type AttachmentFacts, attachmentsOf, toAttachmentFacts } from "./attachments.ts";
import type { NewMessage } from "./outbox.ts";
import type { Db } from "./storage.ts";

export type MessageState = OutgoingState | IncomingState;
export const messageStates: readonly MessageState[] = [...outgoingStates, ...incomingStates];

/** What kept a part from arriving, or delays it. */
export type SendError = { code: string; detail: string | null };

export type StoredPart = {
	id: string;
	part: number;
	state: OutgoingState;
	stateAt: Date;
	remoteIds: readonly string[];
	attempts: number;
	possibleDuplicate: boolean;
	error: SendError | null;
};

/** The parts of `messages.content` that either direction may have. */
export type MessageContent = {
	attachments?: readonly StoredAttachment[];
	template?: MessageTemplate;
	location?: { latitude: number; longitude: number; label?: string };
	replyTo?: string;
	choice?: string;
	metadata?: Readonly<Record<string, string>>;
};

export type StoredMessage = {
	id: string;
	direction: "in" | "out";
	serviceId: string;
	/** Null: the messaging service was deleted. */
	service: { name: string; type: string } | null;
	channel: string;
	ourAddress: string;
	contactAddress: string;
	contactId: string | null;
	conversationId: string | null;
	sequence: number | null;
	text: string;
	content: MessageContent;
	attachments: readonly AttachmentFacts[];
	state: MessageState;
	stateAt: Date;
	/** Incoming: the provider's one. Outgoing: of all parts and attempts, in order. */
	remoteIds: readonly string[];
	error: SendError | null;
	attempts: number;
	possibleDuplicate: boolean;
	/** Empty for incoming messages. */
	parts: readonly StoredPart[];
	requestId: string | null;
	receivedAt: Date;
	providerAt: Date | null;
	validUntil: Date | null;
	/** What the Chain Matcher decided, with its reason and inputs. */
	decision: unknown;
	createdBy: string | null;
};

export type MessageFilter = {
	services: "every" | readonly string[];
	conversationId?: string | undefined;
	contactId?: string | undefined;
	direction?: "in" | "out" | undefined;
	channel?: string | undefined;
	state?: MessageState | undefined;
	/** Bounds of `receivedAt`: from the first on, before the second. */
	since?: Date | undefined;
	until?: Date | undefined;
};

export type MessagePage = {
	order: "asc" | "desc";
	limit: number;
	/** Id of the last one seen. */
	after?: string | undefined;
};

/**
 * In order of their ids, which rise with time.
 * @param only a condition on `messages` besides the filter
 */
export async function findMessages(
	db: Db,
	filter: MessageFilter,
	page: MessagePage,
	only?: RawBuilder<SqlBool>,
): Promise<StoredMessage[]> {
	let query = messageColumns(db).orderBy("messages.id", page.order).limit(page.limit);
	const equal = [
		["messages.conversation_id", filter.conversationId],
		["messages.contact_id", filter.contactId],
		["messages.direction", filter.direction],
		["messages.channel", filter.channel],
	] as const;
	for (const [column, value] of equal) {
		if (value !== undefined) {
			query = query.where(column, "=", value);
		}
	}
	if (filter.services !== "every") {
		query = query.where(isOneOf("messages.service_id", filter.services));
	}
	if (filter.state !== undefined) {
		query = query.where(hasState(filter.state));
	}
	if (filter.since !== undefined) {
		query = query.where("messages.received_at", ">=", filter.since.getTime());
	}
	if (filter.until !== undefined) {
		query = query.where("messages.received_at", "<", filter.until.getTime());
	}
	if (only !== undefined) {
		query = query.where(only);
	}
	if (page.after !== undefined) {
		query = query.where("messages.id", page.order === "asc" ? ">" : "<", page.after);
	}
	return withParts(db, await query.execute());
}

/** A conversation's messages in their order. `after`: the sequence last seen. */
export async function messagesOfConversation(
	db: Db,
	conversationId: string,
	page: { after: number; limit: number },
): Promise<StoredMessage[]> {
	const rows = await messageColumns(db)
		.where("messages.conversation_id", "=", conversationId)
		.where("messages.sequence", ">", page.after)
		.orderBy("messages.sequence")
		.limit(page.limit)
		.execute();
	return withParts(db, rows);
}

export async function findMessage(db: Db, id: string): Promise<StoredMessage | undefined> {
	const [message] = await withParts(db, await messageColumns(db).where("messages.id", "=", id).execute());
	return message;
}

/** Those of the ids that are messages. Keep `ids` to what one request brings. */
export async function existingMessages(db: Db, ids: readonly string[]): Promise<string[]> {
	const rows = await db.selectFrom("messages").select("id").where(isOneOf("id", ids)).orderBy("id").execute();
	return rows.map(({ id }) => id);
}

/** What `findMessage` would give in the transaction that enqueued it: an answer need not read back what was just written. */
export function asQueued(message: NewMessage, service: { name: string; type: string }, now: Date): StoredMessage {
	const parts = message.parts.map(({ id, part }) => ({
		id,
		part,
		state: "queued" as const,
		stateAt: now,
		remoteIds: [],
		attempts: 0,
		possibleDuplicate: false,
		error: null,
	}));
	const { id, serviceId, channel, ourAddress, contactAddress, contactId, conversationId, sequence, text } = message;
	return {
		id,
		serviceId,
		channel,
		ourAddress,
		contactAddress,
		contactId,
		conversationId,
		sequence,
		text,
		direction: "out",
		service: {
			name: service.name,
			type: service.type,
		},
		content: message.content,
		attachments: toAttachmentFacts(message.content, []),
		...outgoingFacts(parts),
		parts,
		requestId: null,
		receivedAt: now,
		providerAt: null,
		validUntil: message.validUntil,
		decision: null,
		createdBy: message.createdBy,
	};
}

/** `column IN (…)`, false for an empty list. */
export function isOneOf(column: string, values: readonly string[]) {
	return values.length === 0 ? sql<SqlBool>`1 = 0` : sql<SqlBool>`${sql.ref(column)} IN (${sql.join(values)})`;
}

/** The same rule as `messageState`, in SQL. */
function hasState(state: MessageState) {
	const outgoing = outgoingStates.find((candidate) => candidate === state);
	return outgoing === undefined
		? sql<SqlBool>`messages.state = ${state}`
		: sql<SqlBool>`(SELECT min(outbox.state) FROM outbox WHERE outbox.message_id = messages.id) = ${codeOf(outgoing)}`;
}

function messageColumns(db: Db) {
	return db
		.selectFrom("messages")
		.leftJoin("messaging_services", "messaging_services.id", "messages.service_id")
		.selectAll("messages")
		.select(["messaging_services.name as service_name", "messaging_services.type as service_type"]);
}

type Row = Awaited<ReturnType<ReturnType<typeof messageColumns>["execute"]>>[number];

async function withParts(db: Db, rows: readonly Row[]): Promise<StoredMessage[]> {
	const parts = await partsOf(
		db,
		rows.filter((row) => row.direction === "out").map((row) => row.id),
	);
	const contents = new Map(rows.map((row) => [row.id, JSON.parse(row.content) as MessageContent]));
	const attached = await attachmentsOf(
		db,
		[...contents].filter(([, { attachments = [] }]) => attachments.length > 0).map(([id]) => id),
	);
	return rows.map((row) => {
		const content = contents.get(row.id) ?? {};
		const attachments = toAttachmentFacts(content, attached.get(row.id) ?? []);
		return toMessage(row, parts.get(row.id) ?? [], { content, attachments });
	});
}

async function partsOf(db: Db, messageIds: readonly string[]): Promise<ReadonlyMap<string, StoredPart[]>> {
	if (messageIds.length === 0) {
		return new Map();
	}
	const rows = await db
		.selectFrom("outbox")
		.select(["id", "message_id", "part", "state", "state_at", "attempts", "possible_duplicate"])
		.select(["error_code", "error_detail"])
		.where("message_id", "in", [...messageIds])
		.orderBy("message_id")
		.orderBy("part")
		.execute();
	// What was never tried has no id at a provider: true of every message that was just accepted.
	const isNew = rows.every(({ attempts }) => attempts === 0);
	const remoteIds = isNew ? new Map<string, never>() : await remoteIdsOf(db, messageIds);
	const parts = rows.map((row) => ({
		id: row.id,
		messageId: row.message_id,
		part: row.part,
		state: stateOf(row.state),
		stateAt: new Date(row.state_at),
		remoteIds: (remoteIds.get(row.id) ?? []).map((found) => found.remote_id),
		attempts: row.attempts,
		possibleDuplicate: row.possible_duplicate === 1,
		error: row.error_code === null ? null : { code: row.error_code, detail: row.error_detail },
	}));
	return Map.groupBy(parts, (part) => part.messageId);
}

/** By part. Attempts' ids rise with time, so the ids come in the order in which the provider gave them. */
async function remoteIdsOf(
	db: Db,
	messageIds: readonly string[],
): Promise<ReadonlyMap<string, readonly { remote_id: string }[]>> {
	const rows = await db
		.selectFrom("remote_ids")
		.innerJoin("outbox", "outbox.id", "remote_ids.part_id")
		.select(["remote_ids.part_id", "remote_ids.remote_id"])
		.where("outbox.message_id", "in", [...messageIds])
		.orderBy("remote_ids.attempt_id")
		.orderBy("remote_ids.remote_id")
		.execute();
	return Map.groupBy(rows, (row) => row.part_id);
}

function toMessage(
	row: Row,
	parts: readonly StoredPart[],
	content: Pick<StoredMessage, "content" | "attachments">,
): StoredMessage {
	return {
		id: row.id,
		direction: row.direction,
		serviceId: row.service_id,
		service:
			row.service_name === null || row.service_type === null
				? null
				: { name: row.service_name, type: row.service_type },
		channel: row.channel,
		ourAddress: row.our_address,
		contactAddress: row.contact_address,
		contactId: row.contact_id,
		conversationId: row.conversation_id,
		sequence: row.sequence,
		text: row.text,
		...content,
		...(row.direction === "out" ? outgoingFacts(parts) : incomingFacts(row)),
		parts,
		requestId: row.request_id,
		receivedAt: new Date(row.received_at),
		providerAt: row.provider_at === null ? null : new Date(row.provider_at),
		validUntil: row.valid_until === null ? null : new Date(row.valid_until),
		decision: row.decision === null ? null : (JSON.parse(row.decision) as unknown),
		createdBy: row.created_by,
	};
}

function incomingFacts(row: Row) {
	return {
		state: row.state ?? "received",
		stateAt: new Date(row.state_at),
		remoteIds: row.remote_id === null ? [] : [row.remote_id],
		error: null,
		attempts: 0,
		possibleDuplicate: false,
	};
}

/** The parts that are in the message's state decide: since when, and what is wrong. */
function outgoingFacts(parts: readonly StoredPart[]) {
	const state = messageState(parts.map((part) => part.state));
	const deciding = parts.filter((part) => part.state === state);
	return {
		state,
		stateAt: new Date(Math.max(...deciding.map((part) => part.stateAt.getTime()))),
		remoteIds: parts.flatMap((part) => part.remoteIds),
		error: deciding.find((part) => part.error !== null)?.error ?? null,
		attempts: parts.reduce((sum, part) => sum + part.attempts, 0),
		possibleDuplicate: parts.some((part) => part.possibleDuplicate),
	};
}
