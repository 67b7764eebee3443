// Consents as a reader sees them, and their end. What makes and changes them is in `consents.ts`.

import { type ConsentSource, type ConsentState, consentKey } from "#domain/consents.ts";
import type { NewestFirst } from "./conversation-lists.ts";
import type { Db, Tx } from "./storage.ts";

export type Consent = {
	id: string;
	usage: string;
	address: string;
	/** Null: of every service. */
	serviceId: string | null;
	/** Null: of every service, or the messaging service was deleted. */
	service: { name: string; type: string } | null;
	state: ConsentState;
	source: ConsentSource;
	messageId: string | null;
	at: Date;
	by: string | null;
	note: string | null;
	version: number;
};

export type ConsentFilter = {
	usage?: string | undefined;
	/** In any spelling; needs `usage`. */
	address?: string | undefined;
	/** Null: those of every service. */
	serviceId?: string | null | undefined;
	state?: ConsentState | undefined;
};

/** In the order in which they were first known, newest first. */
export async function findConsents(db: Db, filter: ConsentFilter, page: NewestFirst): Promise<Consent[]> {
	const { usage = "", address, serviceId } = filter;
	const key = address === undefined ? undefined : consentKey(usage, address);
	const equal = [
		["customer_consents.usage", filter.usage],
		["customer_consents.address_key", key],
		["customer_consents.service_id", serviceId === null ? "" : serviceId],
		["customer_consents.state", filter.state],
	] as const;
	let query = consentColumns(db).orderBy("customer_consents.id", "desc").limit(page.limit);
	for (const [column, value] of equal) {
		if (value !== undefined) {
			query = query.where(column, "=", value);
		}
	}
	if (page.after !== undefined) {
		query = query.where("customer_consents.id", "<", page.after);
	}
	return (await query.execute()).map(toConsent);
}

function consentColumns(db: Db) {
	return db
		.selectFrom("customer_consents")
		.leftJoin("messaging_services", "messaging_services.id", "customer_consents.service_id")
		.selectAll("customer_consents")
		.select(["messaging_services.name as service_name", "messaging_services.type as service_type"]);
}

type Row = Awaited<ReturnType<ReturnType<typeof consentColumns>["execute"]>>[number];

function toConsent(row: Row): Consent {
	const { service_name: name, service_type: type } = row;
	return {
		id: row.id,
		usage: row.usage,
		address: row.address,
		serviceId: row.service_id === "" ? null : row.service_id,
		service: name === null || type === null ? null : { name, type },
		state: row.state,
		source: row.source,
		messageId: row.message_id,
		at: new Date(row.said_at),
		by: row.said_by,
		note: row.note,
		version: row.version,
	};
}

/** False: it was changed or removed meanwhile. */
export async function deleteConsent(tx: Tx, { id, version }: Pick<Consent, "id" | "version">): Promise<boolean> {
	const { numDeletedRows } = await tx
		.deleteFrom("customer_consents")
		.where("id", "=", id)
		.where("version", "=", version)
		.executeTakeFirstOrThrow();
	return numDeletedRows > 0n;
}
