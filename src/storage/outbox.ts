// Parts of outgoing messages: enqueued in one transaction with their message, claimed one per lane. The attempt row is
// committed with the claim, before any socket is opened.

import { codeOf } from "#domain/delivery.ts";
import type { StoredAttachment } from "#domain/messages.ts";
import { refusedAmong } from "./consents.ts";
import { appendEvents } from "./events.ts";
import { insertInto, type Row, type Statement } from "./many.ts";
import { appendStateEvents } from "./state-events.ts";
import type { Db, Tx } from "./storage.ts";

const queued = codeOf("queued");

export type NewPart = { id: string; part: number; text: string; attachments: readonly StoredAttachment[] };
export type NewMessage = {
	id: string;
	serviceId: string;
	channel: string;
	ourAddress: string;
	contactAddress: string;
	contactId: string;
	conversationId: string;
	sequence: number;
	lane: string;
	text: string;
	/** Attachments (all), template, replyTo. */
	content: Readonly<Record<string, unknown>> & { readonly attachments?: readonly StoredAttachment[] };
	validUntil: Date;
	/** A user's id, or `system`. */
	createdBy: string;
	/** Where it was written; by a caller of the API where nothing is said. */
	by?: "api" | "chat";
	parts: readonly [NewPart, ...NewPart[]];
};

/** The message and its parts; becomes work with the commit of `tx`. */
export async function enqueueMessage(tx: Tx, message: NewMessage, now: Date): Promise<void> {
	await tx.many.run(insertMessage, [toMessageRow(message, now.getTime())]);
	await tx.many.run(
		insertParts,
		message.parts.map((part) => toPartRow(message, part, now.getTime())),
	);
	await appendEvents(tx, [
		{
			at: now,
			type: "message.queued",
			serviceId: message.serviceId,
			messageId: message.id,
			conversationId: message.conversationId,
			data: { parts: message.parts.length, ...(message.by === "chat" ? { by: message.by } : {}) },
		},
	]);
}

const insertMessage = insertInto(
	"messages",
	"id, direction, service_id, channel, our_address, contact_address, contact_id, conversation_id, sequence, state_at, text, content, received_at, valid_until, created_by",
);

function toMessageRow(message: NewMessage, at: number): Row {
	return {
		id: message.id,
		direction: "out",
		service_id: message.serviceId,
		channel: message.channel,
		our_address: message.ourAddress,
		contact_address: message.contactAddress,
		contact_id: message.contactId,
		conversation_id: message.conversationId,
		sequence: message.sequence,
		state_at: at,
		text: message.text,
		content: JSON.stringify(message.content),
		received_at: at,
		valid_until: message.validUntil.getTime(),
		created_by: message.createdBy,
	};
}

const insertParts = insertInto(
	"outbox",
	"id, message_id, part, service_id, lane, text, attachments, state, state_at, not_before, valid_until, attempts, lease_until, epoch, possible_duplicate, created_at",
);

function toPartRow(message: NewMessage, part: NewPart, at: number): Row {
	return {
		id: part.id,
		message_id: message.id,
		part: part.part,
		service_id: message.serviceId,
		lane: message.lane,
		text: part.text,
		attachments: JSON.stringify(part.attachments),
		state: queued,
		state_at: at,
		not_before: at,
		valid_until: message.validUntil.getTime(),
		attempts: 0,
		lease_until: 0,
		epoch: 0,
		possible_duplicate: 0,
		created_at: at,
	};
}

export type Claim = {
	partId: string;
	part: number;
	parts: number;
	messageId: string;
	conversationId: string | null;
	serviceId: string;
	attemptId: string;
	attempt: number;
	epoch: number;
	text: string;
	attachments: readonly StoredAttachment[];
	validUntil: Date;
	channel: string;
	ourAddress: string;
	contactAddress: string;
	content: Readonly<Record<string, unknown>>;
	contactLastWroteAt: Date | null;
	/** The contact does not want it: said since it was accepted, or at that very moment. */
	isRefused: boolean;
	startedAt: Date;
};

export type ClaimOptions = {
	serviceId: string;
	limit: number;
	now: Date;
	leaseMs: number;
	owner: string;
	newAttemptId(): string;
};

/**
 * Claims due parts of a service, each the head of its lane, and writes their attempt rows. Must run in
 * `storage.alone("outbox")`: two claimers of one moment would both see a lane as free.
 */
export async function claimParts(tx: Tx, options: ClaimOptions): Promise<Claim[]> {
	const now = options.now.getTime();
	const heads = await tx.many.run<{ id: string }>(dueHeads, [
		{ service_id: options.serviceId, not_before: now, attempts: options.limit },
	]);
	const rows = await tx.many.run<ClaimRow>(
		takeParts,
		heads.map(({ id }) => ({ id, state_at: now, lease_owner: options.owner, lease_until: now + options.leaseMs })),
	);
	const known = await tx.many.run<PartRow>(readParts, heads);
	const partOf = new Map(known.map((row) => [row.id, row]));
	const taken = rows.flatMap((row) => {
		const part = partOf.get(row.id);
		return part === undefined ? [] : [toClaim(row, part, options)];
	});
	const claims = known.some(({ refusals }) => refusals > 0) ? await withRefusals(tx, taken) : taken;
	await tx.many.run(insertAttempts, claims.map(toAttemptRow));
	await appendStateEvents(
		tx,
		claims.map((claim) => ({ ...claim, from: "queued", to: "sending", cause: { attemptId: claim.attemptId } })),
		options.now,
	);
	return claims;
}

/** Asked only where anybody refused anything. */
async function withRefusals(tx: Tx, claims: readonly Claim[]): Promise<Claim[]> {
	const refused = await refusedAmong(tx, claims);
	return claims.map((claim) => (refused.has(claim) ? { ...claim, isRefused: true } : claim));
}

const isHead = `NOT EXISTS (SELECT 1 FROM outbox AS earlier WHERE earlier.lane = outbox.lane AND earlier.state IN (3, 4)
	AND (earlier.id < outbox.id OR earlier.state = 4) AND earlier.id <> outbox.id)`;
// The states stand there literally, so that the index of what is work fits; `attempts` carries the limit.
const dueHeads: Statement = {
	columns: ["service_id", "not_before", "attempts"],
	rowType: "outbox",
	sqlite: `SELECT id FROM outbox WHERE service_id = ?1 AND state IN (3, 4) AND state = 3 AND not_before <= ?2 AND valid_until > ?2
		AND ${isHead} ORDER BY not_before, id LIMIT ?3`,
	postgres: `SELECT outbox.id FROM outbox, given WHERE outbox.service_id = given.service_id AND outbox.state IN (3, 4) AND outbox.state = 3
		AND outbox.not_before <= given.not_before AND outbox.valid_until > given.not_before
		AND ${isHead} ORDER BY outbox.not_before, outbox.id LIMIT (SELECT attempts FROM given)`,
};

type ClaimRow = { id: string; attempts: number; epoch: number };

const takeParts: Statement = {
	columns: ["state_at", "lease_owner", "lease_until", "id"],
	rowType: "outbox",
	sqlite: `UPDATE outbox SET state = 4, attempts = attempts + 1, epoch = epoch + 1, state_at = ?1, lease_owner = ?2, lease_until = ?3
		WHERE id = ?4`,
	tells: "SELECT id, attempts, epoch FROM outbox WHERE id = ?4",
	postgres: `UPDATE outbox SET state = 4, attempts = outbox.attempts + 1, epoch = outbox.epoch + 1, state_at = given.state_at,
		lease_owner = given.lease_owner, lease_until = given.lease_until FROM given WHERE outbox.id = given.id
		RETURNING outbox.id, outbox.attempts, outbox.epoch`,
};

type PartRow = {
	id: string;
	part: number;
	text: string;
	message_id: string;
	service_id: string;
	valid_until: number;
	attachments: string;
	conversation_id: string | null;
	channel: string;
	our_address: string;
	contact_address: string;
	content: string;
	contact_last_wrote_at: number | null;
	parts: number;
	/** 1 where anybody refused messages of anyone here. */
	refusals: number;
};

const readParts = readPartsStatement();

function readPartsStatement(): Statement {
	const columns = `outbox.id, outbox.part, outbox.text, outbox.message_id, outbox.service_id, outbox.valid_until,
		outbox.attachments, messages.conversation_id, messages.channel, messages.our_address, messages.contact_address, messages.content,
		conversations.contact_last_wrote_at,
		(SELECT count(*) FROM outbox AS sibling WHERE sibling.message_id = outbox.message_id) AS parts,
		(SELECT count(*) FROM (SELECT 1 FROM customer_consents WHERE state = 'refused' LIMIT 1) AS one) AS refusals`;
	const joined = `JOIN messages ON messages.id = outbox.message_id LEFT JOIN conversations ON conversations.id = messages.conversation_id`;
	return {
		columns: ["id"],
		rowType: "outbox",
		sqlite: `SELECT ${columns} FROM outbox ${joined} WHERE outbox.id = ?1`,
		postgres: `SELECT ${columns} FROM given JOIN outbox USING (id) ${joined}`,
	};
}

function toClaim(row: ClaimRow, part: PartRow, options: ClaimOptions): Claim {
	return {
		partId: row.id,
		part: part.part,
		parts: part.parts,
		messageId: part.message_id,
		conversationId: part.conversation_id,
		serviceId: part.service_id,
		attemptId: options.newAttemptId(),
		attempt: row.attempts,
		epoch: row.epoch,
		text: part.text,
		attachments: JSON.parse(part.attachments) as StoredAttachment[],
		validUntil: new Date(part.valid_until),
		channel: part.channel,
		ourAddress: part.our_address,
		contactAddress: part.contact_address,
		content: JSON.parse(part.content) as Record<string, unknown>,
		contactLastWroteAt: part.contact_last_wrote_at === null ? null : new Date(part.contact_last_wrote_at),
		isRefused: false,
		startedAt: options.now,
	};
}

const insertAttempts = insertInto("attempts", "id, part_id, message_id, service_id, number, epoch, started_at");

function toAttemptRow(claim: Claim): Row {
	return {
		id: claim.attemptId,
		part_id: claim.partId,
		message_id: claim.messageId,
		service_id: claim.serviceId,
		number: claim.attempt,
		epoch: claim.epoch,
		started_at: claim.startedAt.getTime(),
	};
}

/** Keeps a claim alive. False: it is lost, and whatever its attempt brings will be refused. */
export async function renewLease(db: Db, claim: { partId: string; epoch: number }, until: Date): Promise<boolean> {
	const { numUpdatedRows } = await db
		.updateTable("outbox")
		.set({ lease_until: until.getTime() })
		.where("id", "=", claim.partId)
		.where("epoch", "=", claim.epoch)
		.where("lease_until", ">", 0)
		.executeTakeFirstOrThrow();
	return numUpdatedRows > 0n;
}
