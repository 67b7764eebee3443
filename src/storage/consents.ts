// What contacts said about our messages, kept: the newest word of a contact for a channel of a service counts, in whatever
// order words are learnt and however often. A refusal ends what still waits to be sent to them.

import { sql } from "kysely";
import { type ConsentSource, type ConsentState, consentKey, spellingsOf, usageOf } from "#domain/consents.ts";
import { codeOf } from "#domain/delivery.ts";
import { firstIdAt } from "#domain/ids.ts";
import { appendEvents } from "./events.ts";
import { lockUntilCommit } from "./lock.ts";
import type { Statement } from "./many.ts";
import { appendStateEvents } from "./state-events.ts";
import type { Tx } from "./storage.ts";

export type SaidConsent = {
	/** For a consent that is not known yet. */
	id: string;
	channel: string;
	address: string;
	/** Null: of every service. */
	serviceId: string | null;
	state: ConsentState;
	source: ConsentSource;
	/** When it was said. What happens afterwards, such as a message of ours, does not change it. */
	at: Date;
	messageId: string | null;
	conversationId: string | null;
	by?: string;
	note?: string;
};

/** Keeps what was said, unless something newer is known. Returns whether it counts. */
export async function recordConsent(tx: Tx, said: SaidConsent, now: Date): Promise<boolean> {
	// Before any row is locked: whoever moves parts may be about to record what a provider says about the same contact.
	await lockUntilCommit(tx, "outbox");
	const before = await stateBefore(tx, said);
	if (!(await upsert(tx, said))) {
		return false;
	}
	if (before !== said.state) {
		await tell(tx, said, now);
	}
	if (said.state === "refused") {
		await giveUpParts(tx, said, now);
	}
	return true;
}

async function stateBefore(tx: Tx, { channel, address, serviceId }: SaidConsent): Promise<ConsentState | undefined> {
	const usage = usageOf(channel);
	const row = await tx
		.selectFrom("customer_consents")
		.select("state")
		.where("usage", "=", usage)
		.where("address_key", "=", consentKey(usage, address))
		.where("service_id", "=", serviceId ?? "")
		.executeTakeFirst();
	return row?.state;
}

/** Of two words of one moment the refusal counts, so that the order in which they are learnt does not matter. */
async function upsert(tx: Tx, said: SaidConsent): Promise<boolean> {
	const usage = usageOf(said.channel);
	const learnt = {
		address: said.address,
		state: said.state,
		source: said.source,
		message_id: said.messageId,
		said_at: said.at.getTime(),
		said_by: said.by ?? null,
		note: said.note ?? null,
	};
	const { numInsertedOrUpdatedRows } = await tx
		.insertInto("customer_consents")
		.values({
			id: said.id,
			usage,
			address_key: consentKey(usage, said.address),
			service_id: said.serviceId ?? "",
			version: 1,
			...learnt,
		})
		.onConflict((conflict) =>
			conflict
				.columns(["usage", "address_key", "service_id"])
				.doUpdateSet((eb) => ({ ...learnt, version: eb("customer_consents.version", "+", 1) }))
				.where((eb) =>
					eb.or([
						eb("customer_consents.said_at", "<", learnt.said_at),
						eb.and([
							eb("customer_consents.said_at", "=", learnt.said_at),
							eb("customer_consents.state", "<", learnt.state), // "granted" < "refused"
						]),
					]),
				),
		)
		.executeTakeFirstOrThrow();
	return (numInsertedOrUpdatedRows ?? 0n) > 0n;
}

async function tell(tx: Tx, said: SaidConsent, now: Date): Promise<void> {
	const { messageId, conversationId, source, serviceId } = said;
	await appendEvents(tx, [
		{
			at: now,
			type: said.state === "refused" ? "contact.optedOut" : "contact.optedIn",
			serviceId: serviceId ?? "",
			messageId,
			conversationId,
			data: { usage: usageOf(said.channel), source, everyService: serviceId === null },
		},
	]);
}

const partsPerUpdate = 500;
const validityMaxMs = 8 * 86_400_000; // A message is valid for at most 7 days; older ones do not wait any more.

/**
 * What is queued for the contact fails: it will not be sent. What is being sent at this moment is its claim's business, and
 * what is held for a person may have arrived; whoever sends that again is told by the claim that the contact refused.
 */
async function giveUpParts(tx: Tx, said: SaidConsent, now: Date): Promise<void> {
	const waiting = await waitingParts(tx, said, now);
	for (let start = 0; start < waiting.length; start += partsPerUpdate) {
		const some = waiting.slice(start, start + partsPerUpdate);
		await tx
			.updateTable("outbox")
			.set({
				state: codeOf("failed"),
				state_at: now.getTime(),
				error_code: "opted_out",
				error_detail: optedOutDetail,
			})
			.where(
				"id",
				"in",
				some.map(({ id }) => id),
			)
			.execute();
		const changes = some.map((row) => ({
			partId: row.id,
			part: row.part,
			messageId: row.message_id,
			conversationId: row.conversation_id,
			serviceId: row.service_id,
			from: "queued" as const,
			to: "failed" as const,
			cause: { code: "opted_out" },
		}));
		await appendStateEvents(tx, changes, now);
	}
}

export const optedOutDetail = "The contact does not want messages on this channel.";

/** By the index of a service's messages to a contact; an address may stand there in another spelling of the same. */
async function waitingParts(tx: Tx, { channel, address, serviceId }: SaidConsent, now: Date) {
	const usage = usageOf(channel);
	const services = serviceId === null ? await tx.selectFrom("messaging_services").select("id").execute() : undefined;
	const serviceIds = services?.map(({ id }) => id) ?? [serviceId ?? ""];
	if (serviceIds.length === 0) {
		return [];
	}
	const rows = await tx
		.selectFrom("messages")
		.innerJoin("outbox", "outbox.message_id", "messages.id")
		.select(["outbox.id", "outbox.part", "outbox.message_id", "outbox.service_id"])
		.select(["messages.conversation_id", "messages.channel"])
		.where(sql<boolean>`messages.direction = 'out'`) // Literally, so that the index by contact fits.
		.where("messages.service_id", "in", serviceIds)
		.where("messages.contact_address", "in", spellingsOf(usage, address))
		.where("messages.id", ">=", firstIdAt(now.getTime() - validityMaxMs))
		.where("outbox.state", "=", codeOf("queued"))
		.orderBy("outbox.id")
		.execute();
	return rows.filter((row) => usageOf(row.channel) === usage);
}

/** A refusal that a provider knows of, learnt from what became of a message of ours. */
export async function learnRefusal(
	tx: Tx,
	message: {
		messageId: string;
		conversationId: string | null;
		serviceId: string;
		channel: string;
		contactAddress: string;
	},
	known: { id: string; at: Date },
	now: Date,
): Promise<void> {
	const { messageId, conversationId, serviceId, channel, contactAddress } = message;
	await recordConsent(
		tx,
		{
			...known,
			channel,
			address: contactAddress,
			serviceId,
			state: "refused",
			source: "provider",
			messageId,
			conversationId,
		},
		now,
	);
}

/** Whose refusal would stand in the way of a message, as columns of a row that is asked about. */
export type Asked = { serviceId: string; channel: string; contactAddress: string };

/** Which of them refused messages of their service, or of every service. */
export async function refusedAmong<A extends Asked>(tx: Tx, asked: readonly A[]): Promise<ReadonlySet<A>> {
	const keys = new Map(asked.map((one) => [one, toRefusalKey(one)]));
	const rows = await tx.many.run<{ usage: string; address_key: string }>(readRefusals, [...keys.values()]);
	const refused = new Set(rows.map((row) => JSON.stringify([row.usage, row.address_key])));
	return new Set(
		asked.filter((one) => refused.has(JSON.stringify([keys.get(one)?.usage, keys.get(one)?.address_key]))),
	);
}

export function toRefusalKey({ serviceId, channel, contactAddress }: Asked) {
	const usage = usageOf(channel);
	return { usage, address_key: consentKey(usage, contactAddress), service_id: serviceId };
}

const readRefusals: Statement = {
	columns: ["usage", "address_key", "service_id"],
	rowType: "customer_consents",
	sqlite: `SELECT usage, address_key FROM customer_consents
		WHERE state = 'refused' AND usage = ?1 AND address_key = ?2 AND service_id IN ('', ?3)`,
	postgres: `SELECT usage, address_key FROM customer_consents JOIN given USING (usage, address_key)
		WHERE state = 'refused' AND customer_consents.service_id IN ('', given.service_id)`,
};
