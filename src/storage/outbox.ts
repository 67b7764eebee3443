// Parts of outgoing messages: enqueued in one transaction with their message, claimed one per lane. The attempt row is
// committed with the claim, before any socket is opened.

import { sql } from "kysely";
import { codeOf } from "#domain/delivery.ts";
import type { Attachment } from "#domain/messages.ts";
import { appendEvents } from "./events.ts";
import { appendStateEvents } from "./outbox-moves.ts";
import type { Db, Tx } from "./storage.ts";

const queued = codeOf("queued");
const sending = codeOf("sending");

export type NewPart = { id: string; part: number; text: string; attachments: readonly Attachment[] };
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
	content: Readonly<Record<string, unknown>>;
	validUntil: Date;
	createdBy: string;
	parts: readonly [NewPart, ...NewPart[]];
};

/** The message and its parts; becomes work with the commit of `tx`. */
export async function enqueueMessage(tx: Tx, message: NewMessage, now: Date): Promise<void> {
	const at = now.getTime();
	await tx
		.insertInto("messages")
		.values({
			id: message.id,
			direction: "out",
			service_id: message.serviceId,
			channel: message.channel,
			our_address: message.ourAddress,
			contact_address: message.contactAddress,
			contact_id: message.contactId,
			conversation_id: message.conversationId,
			sequence: message.sequence,
			state: null,
			state_at: at,
			text: message.text,
			content: JSON.stringify(message.content),
			remote_id: null,
			request_id: null,
			received_at: at,
			provider_at: null,
			valid_until: message.validUntil.getTime(),
			decision: null,
			created_by: message.createdBy,
		})
		.execute();
	await tx
		.insertInto("outbox")
		.values(message.parts.map((part) => toNewRow(message, part, at)))
		.execute();
	await appendEvents(tx, [
		{
			at: now,
			type: "message.queued",
			serviceId: message.serviceId,
			messageId: message.id,
			conversationId: message.conversationId,
			data: { parts: message.parts.length },
		},
	]);
}

function toNewRow(message: NewMessage, part: NewPart, at: number) {
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
		lease_owner: null,
		lease_until: 0,
		epoch: 0,
		unknown_since: null,
		possible_duplicate: 0 as const,
		error_code: null,
		error_detail: null,
		created_at: at,
		handed_over_at: null,
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
	attachments: readonly Attachment[];
	validUntil: Date;
	channel: string;
	ourAddress: string;
	contactAddress: string;
	content: Readonly<Record<string, unknown>>;
	contactLastWroteAt: Date | null;
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
	const heads = await tx
		.selectFrom("outbox")
		.select("id")
		.where("service_id", "=", options.serviceId)
		.where("state", "=", queued)
		.where("not_before", "<=", now)
		.where("valid_until", ">", now)
		.where(
			sql<boolean>`NOT EXISTS (SELECT 1 FROM outbox AS earlier WHERE earlier.lane = outbox.lane AND earlier.state IN (3, 4)
			AND (earlier.id < outbox.id OR earlier.state = 4) AND earlier.id <> outbox.id)`,
		)
		.orderBy("not_before")
		.orderBy("id")
		.limit(options.limit)
		.execute();
	if (heads.length === 0) {
		return [];
	}
	const rows = await tx
		.updateTable("outbox")
		.set((eb) => ({
			state: sending,
			state_at: now,
			attempts: eb("attempts", "+", 1),
			epoch: eb("epoch", "+", 1),
			lease_owner: options.owner,
			lease_until: now + options.leaseMs,
		}))
		.where(
			"id",
			"in",
			heads.map(({ id }) => id),
		)
		.returning(["id", "attempts", "epoch"])
		.execute();
	const attempts = rows.map((row) => ({ ...row, attemptId: options.newAttemptId() }));
	const claims = await readClaims(tx, attempts, options.now);
	await tx
		.insertInto("attempts")
		.values(
			claims.map((claim) => ({
				id: claim.attemptId,
				part_id: claim.partId,
				message_id: claim.messageId,
				service_id: claim.serviceId,
				number: claim.attempt,
				epoch: claim.epoch,
				started_at: now,
				finished_at: null,
				outcome: null,
				code: null,
				detail: null,
				exchange: null,
				decision: null,
			})),
		)
		.execute();
	await appendStateEvents(
		tx,
		claims.map((claim) => ({ ...claim, from: "queued", to: "sending", cause: { attemptId: claim.attemptId } })),
		options.now,
	);
	return claims;
}

async function readClaims(
	tx: Tx,
	attempts: readonly { id: string; attempts: number; epoch: number; attemptId: string }[],
	startedAt: Date,
): Promise<Claim[]> {
	const rows = await tx
		.selectFrom("outbox")
		.innerJoin("messages", "messages.id", "outbox.message_id")
		.leftJoin("conversations", "conversations.id", "messages.conversation_id")
		.select(["outbox.id", "outbox.part", "outbox.text", "outbox.message_id", "outbox.service_id", "outbox.valid_until"])
		.select(["messages.conversation_id", "messages.channel", "messages.our_address", "messages.contact_address"])
		.select(["messages.content", "outbox.attachments", "conversations.contact_last_wrote_at"])
		.select((eb) =>
			eb
				.selectFrom("outbox as sibling")
				.select(eb.fn.countAll<number>().as("count"))
				.whereRef("sibling.message_id", "=", "outbox.message_id")
				.as("parts"),
		)
		.where(
			"outbox.id",
			"in",
			attempts.map(({ id }) => id),
		)
		.execute();
	const rowOf = new Map(rows.map((row) => [row.id, row]));
	return attempts.flatMap((attempt) => {
		const row = rowOf.get(attempt.id);
		return row === undefined
			? []
			: [
					{
						partId: row.id,
						part: row.part,
						parts: row.parts ?? 1,
						messageId: row.message_id,
						conversationId: row.conversation_id,
						serviceId: row.service_id,
						attemptId: attempt.attemptId,
						attempt: attempt.attempts,
						epoch: attempt.epoch,
						text: row.text,
						attachments: JSON.parse(row.attachments) as Attachment[],
						validUntil: new Date(row.valid_until),
						channel: row.channel,
						ourAddress: row.our_address,
						contactAddress: row.contact_address,
						content: JSON.parse(row.content) as Record<string, unknown>,
						contactLastWroteAt: row.contact_last_wrote_at === null ? null : new Date(row.contact_last_wrote_at),
						startedAt,
					},
				];
	});
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
