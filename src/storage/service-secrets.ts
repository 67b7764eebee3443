// Seals and opens the secrets of messaging services. A secret that may be sent is bound to the origins it may be sent to,
// taken from the service as it is now: whoever changes the address, by REST or in the database, gets nothing that opens.

import { SealBroken, type Place, type SecretBox, SecretsLocked } from "#platform/secret-box.ts";
import type { Db } from "./storage.ts";
import { type AuthenticationEntry, type Direction, type MessagingService, listServices } from "./services.ts";

type Connection = Pick<MessagingService, "serviceConnection" | "authenticationUrl">;

/** The origins of Service Connection and Authentication URL: a changed path keeps the secrets, a changed host does not. */
export function secretOrigin({ serviceConnection, authenticationUrl }: Connection): string {
	return `${originOf(serviceConnection)} ${originOf(authenticationUrl ?? "")}`;
}

/** For schemes that the URL standard does not know, `origin` is the same text for every host. */
function originOf(address: string): string {
	const url = URL.parse(address);
	if (url === null) {
		return "";
	}
	return url.origin === "null" ? `${url.protocol}//${url.host.toLowerCase()}` : url.origin;
}

type Slot = "secret" | "previous_secret";

function placeOf(entry: { id: string; direction: Direction }, slot: Slot, connection: Connection): Place {
	const place = { table: "authentications", column: slot, rowId: entry.id };
	return entry.direction === "incoming" ? place : { ...place, boundTo: secretOrigin(connection) };
}

export type SecretTools = {
	box: SecretBox;
	/** Four hex digits that tell two secrets apart. */
	fingerprint(secret: string): string;
};

export function sealSecret(
	tools: SecretTools,
	entry: { id: string; direction: Direction },
	secret: string,
	connection: Connection,
): AuthenticationEntry["secret"] {
	return {
		sealed: tools.box.seal(secret, placeOf(entry, "secret", connection)),
		origin: entry.direction === "incoming" ? null : secretOrigin(connection),
		fingerprint: tools.fingerprint(secret),
	};
}

export function sealPrevious(
	tools: SecretTools,
	entry: { id: string; direction: Direction },
	previous: { secret: string; validUntil: Date },
	connection: Connection,
): AuthenticationEntry["previous"] {
	const sealed = tools.box.seal(previous.secret, placeOf(entry, "previous_secret", connection));
	return { sealed, validUntil: previous.validUntil };
}

/** A messaging service with its secrets in clear: for memory only. */
export type OpenedService = Omit<MessagingService, "authentications"> & {
	authentications: readonly OpenedAuthentication[];
	/** When a previous secret ends next: opened services must not be kept beyond it. */
	secretsChangeAt: Date | undefined;
};

export type OpenedAuthentication = {
	id: string;
	authenticationId: string;
	direction: Direction;
	/** The current one first, then the previous one while it is valid. Empty: none is set, or none opens. */
	secrets: readonly string[];
	/** A secret is stored and does not open: damaged, moved, or the key ring is not there. */
	broken: boolean;
};

export function openService(service: MessagingService, box: SecretBox, now: Date): OpenedService {
	return {
		...service,
		authentications: service.authentications.map((entry) => openEntry(entry, service, box, now)),
		secretsChangeAt: earliest(service.authentications.flatMap((entry) => validPrevious(entry, now)?.validUntil ?? [])),
	};
}

/** Every service, each whatever the state of its secrets. */
export async function openServices(db: Db, box: SecretBox, now: Date): Promise<OpenedService[]> {
	return (await listServices(db)).map((service) => openService(service, box, now));
}

function openEntry(
	entry: AuthenticationEntry,
	connection: Connection,
	box: SecretBox,
	now: Date,
): OpenedAuthentication {
	const sealed: readonly { bytes: Uint8Array | undefined; slot: Slot }[] = [
		{ bytes: entry.secret?.sealed, slot: "secret" },
		{ bytes: validPrevious(entry, now)?.sealed, slot: "previous_secret" },
	];
	const opened = sealed.flatMap(({ bytes, slot }) =>
		bytes === undefined ? [] : [openSealed(box, bytes, placeOf(entry, slot, connection))],
	);
	return {
		id: entry.id,
		authenticationId: entry.authenticationId,
		direction: entry.direction,
		secrets: opened.flatMap((secret) => secret ?? []),
		broken: opened.includes(undefined),
	};
}

/** The current secret in clear, or undefined when none is set or it does not open. */
export function openCurrentSecret(
	entry: AuthenticationEntry,
	connection: Connection,
	box: SecretBox,
): string | undefined {
	const sealed = entry.secret?.sealed;
	return sealed === undefined ? undefined : openSealed(box, sealed, placeOf(entry, "secret", connection));
}

/** The secret before the current one, while it is still accepted. */
export function validPrevious(entry: AuthenticationEntry, now: Date): AuthenticationEntry["previous"] {
	return entry.previous !== null && entry.previous.validUntil > now ? entry.previous : null;
}

function openSealed(box: SecretBox, sealed: Uint8Array, place: Place): string | undefined {
	try {
		return box.openText(sealed, place);
	} catch (error) {
		if (error instanceof SealBroken || error instanceof SecretsLocked) {
			return undefined; // Told as `broken`: the services beside this one must go on.
		}
		throw error;
	}
}

function earliest(dates: readonly Date[]): Date | undefined {
	return dates.toSorted((one, other) => one.getTime() - other.getTime())[0];
}
