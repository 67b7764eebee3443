// Messaging services and their authentications as rows. Secrets are sealed bytes here; `service-secrets.ts` seals and
// opens them. Every change raises the service's version, also a change of its authentications.

import type { AuthenticationEntryId, ServiceId } from "#domain/ids.ts";
import type { Selectable } from "kysely";
import type { Tables } from "./schema.ts";
import type { Db, Tx } from "./storage.ts";
import { isUniqueViolation } from "./unique.ts";

export type Direction = "outgoing" | "incoming" | "both";
export type IncomingMode = "observe" | "warn" | "enforce";

/** What an administrator enters, secrets aside. */
export type ServiceFields = {
	name: string;
	enabled: boolean;
	serviceConnection: string;
	authenticationUrl: string | null;
	authenticationScope: string | null;
	incomingMode: IncomingMode;
	/** By type; defaults not filled in. */
	settings: Readonly<Record<string, unknown>>;
};

export type MessagingService = ServiceFields & {
	id: ServiceId;
	type: string;
	/** Set when the provider closed the door for good; cleared by the next change of the service. */
	stoppedReason: string | null;
	version: number;
	createdAt: Date;
	updatedAt: Date;
	/** In the order they were entered. */
	authentications: readonly AuthenticationEntry[];
};

export type AuthenticationEntry = {
	id: AuthenticationEntryId;
	authenticationId: string;
	direction: Direction;
	secret: SealedSecret | null;
	/** The secret before, while a rotation lasts. */
	previous: { sealed: Uint8Array; validUntil: Date } | null;
	/** When the secret was last set or cleared. */
	changedAt: Date | null;
};

export type SealedSecret = {
	sealed: Uint8Array;
	/** Where the secret may be sent, as it was when it was set; null for incoming ones, which are sent nowhere. */
	origin: string | null;
	/** Four hex digits of a keyed hash: tells two secrets apart, tells nothing else. */
	fingerprint: string;
};

export async function findService(db: Db, id: string): Promise<MessagingService | undefined> {
	const [service] = await readServices(db, { only: [id] });
	return service;
}

export type ServiceSelection = { only?: "every" | readonly string[]; type?: string };

/** Ordered by name. Configuration is small (the form bounds it), so there are no pages here. */
export function listServices(db: Db, selection: ServiceSelection = {}): Promise<MessagingService[]> {
	return readServices(db, selection);
}

const idsPerQuery = 1000; // Both databases take several times as many bound values.

async function readServices(db: Db, { only = "every", type }: ServiceSelection): Promise<MessagingService[]> {
	if (only !== "every" && only.length > idsPerQuery) {
		const all = await readServices(db, { only: "every", ...(type === undefined ? {} : { type }) });
		const wanted = new Set(only);
		return all.filter(({ id }) => wanted.has(id));
	}
	if (only !== "every" && only.length === 0) {
		return [];
	}
	const services = await db
		.selectFrom("messaging_services")
		.selectAll()
		.$if(only !== "every", (query) => query.where("id", "in", only as readonly string[]))
		.$if(type !== undefined, (query) => query.where("type", "=", type ?? ""))
		.orderBy("name_key")
		.orderBy("id")
		.execute();
	const entries = await db
		.selectFrom("authentications")
		.selectAll()
		.$if(only !== "every", (query) => query.where("service_id", "in", only as readonly string[]))
		.orderBy("position")
		.execute();
	const entriesOf = Map.groupBy(entries, (entry) => entry.service_id);
	return services.map((row) => toService(row, entriesOf.get(row.id) ?? []));
}

type ServiceRow = Selectable<Tables["messaging_services"]>;
type EntryRow = Selectable<Tables["authentications"]>;

function toService(row: ServiceRow, entries: readonly EntryRow[]): MessagingService {
	return {
		id: row.id as ServiceId,
		type: row.type,
		name: row.name,
		enabled: row.enabled === 1,
		serviceConnection: row.service_connection,
		authenticationUrl: row.authentication_url,
		authenticationScope: row.authentication_scope,
		incomingMode: row.incoming_mode,
		settings: JSON.parse(row.settings) as Record<string, unknown>,
		stoppedReason: row.stopped_reason,
		version: row.version,
		createdAt: new Date(row.created_at),
		updatedAt: new Date(row.updated_at),
		authentications: entries.map(toEntry),
	};
}

function toEntry(row: EntryRow): AuthenticationEntry {
	const { secret, secret_fingerprint: fingerprint, previous_secret: previous, previous_valid_until: until } = row;
	return {
		id: row.id as AuthenticationEntryId,
		authenticationId: row.authentication_id,
		direction: row.direction,
		secret: secret === null ? null : { sealed: secret, origin: row.secret_origin, fingerprint: fingerprint ?? "" },
		previous: previous === null || until === null ? null : { sealed: previous, validUntil: new Date(until) },
		changedAt: row.changed_at === null ? null : new Date(row.changed_at),
	};
}

/** Names are compared without regard to case, and Unicode's look-alike forms are one (NFKC). */
export function serviceNameKey(name: string): string {
	return name.normalize("NFKC").toLowerCase();
}

/** After anything but `written` the caller rolls back: PostgreSQL takes nothing more in a transaction that met a taken name. */
export type Written = "written" | "name taken" | "changed meanwhile";

export async function insertService(
	tx: Tx,
	service: ServiceFields & Pick<MessagingService, "id" | "type" | "authentications">,
	now: Date,
): Promise<Written> {
	const at = now.getTime();
	const { id } =
		(await tx
			.insertInto("messaging_services")
			.values({
				id: service.id,
				type: service.type,
				...toColumns(service),
				stopped_reason: null,
				version: 1,
				created_at: at,
				updated_at: at,
			})
			.onConflict((conflict) => conflict.columns(["type", "name_key"]).doNothing())
			.returning("id")
			.executeTakeFirst()) ?? {};
	if (id === undefined) {
		return "name taken";
	}
	await insertEntries(tx, service.id, service.authentications);
	return "written";
}

/** Replaces fields and authentications of the version read before; a stop by the provider ends with it. */
export async function updateService(
	tx: Tx,
	service: ServiceFields & Pick<MessagingService, "id" | "version" | "authentications">,
	now: Date,
): Promise<Written> {
	try {
		const { numUpdatedRows } = await tx
			.updateTable("messaging_services")
			.set({
				...toColumns(service),
				stopped_reason: null,
				version: service.version + 1,
				updated_at: now.getTime(),
			})
			.where("id", "=", service.id)
			.where("version", "=", service.version)
			.executeTakeFirstOrThrow();
		if (numUpdatedRows !== 1n) {
			return "changed meanwhile";
		}
	} catch (error) {
		if (isUniqueViolation(error)) {
			return "name taken";
		}
		throw error;
	}
	await tx.deleteFrom("authentications").where("service_id", "=", service.id).execute();
	await insertEntries(tx, service.id, service.authentications);
	return "written";
}

/** With its authentications. False: it has another version by now, or is gone. */
export async function deleteService(tx: Tx, service: { id: string; version: number }): Promise<boolean> {
	const { numDeletedRows } = await tx
		.deleteFrom("messaging_services")
		.where("id", "=", service.id)
		.where("version", "=", service.version)
		.executeTakeFirstOrThrow();
	return numDeletedRows === 1n;
}

function toColumns(fields: ServiceFields) {
	return {
		name: fields.name,
		name_key: serviceNameKey(fields.name),
		enabled: fields.enabled ? (1 as const) : (0 as const),
		service_connection: fields.serviceConnection,
		authentication_url: fields.authenticationUrl,
		authentication_scope: fields.authenticationScope,
		incoming_mode: fields.incomingMode,
		settings: JSON.stringify(fields.settings),
	};
}

async function insertEntries(tx: Tx, serviceId: string, entries: readonly AuthenticationEntry[]): Promise<void> {
	if (entries.length === 0) {
		return;
	}
	await tx
		.insertInto("authentications")
		.values(entries.map((entry, position) => ({ service_id: serviceId, position, ...toEntryColumns(entry) })))
		.execute();
}

function toEntryColumns(entry: AuthenticationEntry) {
	return {
		id: entry.id,
		authentication_id: entry.authenticationId,
		direction: entry.direction,
		...toSecretColumns(entry.secret),
		previous_secret: entry.previous?.sealed ?? null,
		previous_valid_until: entry.previous?.validUntil.getTime() ?? null,
		changed_at: entry.changedAt?.getTime() ?? null,
	};
}

function toSecretColumns(secret: SealedSecret | null) {
	return {
		secret: secret?.sealed ?? null,
		secret_origin: secret?.origin ?? null,
		secret_fingerprint: secret?.fingerprint ?? null,
	};
}

/** The provider closed the door for good (HTTP 410). The next change of the service opens it again. */
export async function stopService(tx: Tx, id: string, reason: string, now: Date): Promise<void> {
	await tx
		.updateTable("messaging_services")
		.set((eb) => ({ stopped_reason: reason, version: eb("version", "+", 1), updated_at: now.getTime() }))
		.where("id", "=", id)
		.execute();
}
