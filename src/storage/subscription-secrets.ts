// What is secret of event subscriptions: the key that signs, and the values of headers. Header values are bound to the
// origin they may be sent to: whoever changes the address to another host has to know them.

import { type Place, SealBroken, type SecretBox, SecretsLocked } from "#platform/secret-box.ts";
import type { SubscriptionTables } from "./schema-subscriptions.ts";
import type { Db, Tx } from "./storage.ts";

export type HeaderValues = Readonly<Record<string, string>>;
type Row = SubscriptionTables["event_subscriptions"];
export type SealedSecrets = Pick<Row, "id" | "url" | "secret" | "previous_secret" | "previous_valid_until" | "headers">;

export const sealedColumns = ["id", "url", "secret", "previous_secret", "previous_valid_until", "headers"] as const;

const placeOf = (rowId: string, column: "secret" | "previous_secret"): Place => ({
	table: "event_subscriptions",
	column,
	rowId,
});

function headersPlace({ id, url }: { id: string; url: string }): Place {
	return { table: "event_subscriptions", column: "headers", rowId: id, boundTo: new URL(url).origin };
}

export function sealSigningSecret(box: SecretBox, id: string, secret: string): Uint8Array {
	return box.seal(secret, placeOf(id, "secret"));
}

/** Null where there are none. */
export function sealHeaders(box: SecretBox, to: { id: string; url: string }, values: HeaderValues): Uint8Array | null {
	return Object.keys(values).length === 0 ? null : box.seal(JSON.stringify(values), headersPlace(to));
}

/** Throws `SealBroken` where they were sealed for another origin. */
export function openHeaders(
	box: SecretBox,
	to: { id: string; url: string },
	{ headers }: Pick<SealedSecrets, "headers">,
): HeaderValues {
	return headers === null ? {} : (JSON.parse(box.openText(headers, headersPlace(to))) as HeaderValues);
}

/** The secret of now first, then the one before while it counts. */
export function openSigningSecrets(box: SecretBox, sealed: SealedSecrets, now: Date): string[] {
	const current = box.openText(sealed.secret, placeOf(sealed.id, "secret"));
	const { previous_secret: previous, previous_valid_until: until } = sealed;
	return previous === null || (until ?? 0) <= now.getTime()
		? [current]
		: [current, box.openText(previous, placeOf(sealed.id, "previous_secret"))];
}

export async function readSealed(db: Db, id: string): Promise<SealedSecrets | undefined> {
	return db.selectFrom("event_subscriptions").select(sealedColumns).where("id", "=", id).executeTakeFirst();
}

/** Names of subscriptions whose secrets do not open. */
export async function brokenSubscriptions(db: Db, box: SecretBox, now: Date): Promise<string[]> {
	const rows = await db
		.selectFrom("event_subscriptions")
		.select([...sealedColumns, "name"])
		.orderBy("name")
		.execute();
	return rows.filter((row) => !opens(box, row, now)).map(({ name }) => name);
}

function opens(box: SecretBox, sealed: SealedSecrets, now: Date): boolean {
	try {
		openSigningSecrets(box, sealed, now);
		openHeaders(box, sealed, sealed);
		return true;
	} catch (error) {
		if (error instanceof SealBroken || error instanceof SecretsLocked) {
			return false;
		}
		throw error;
	}
}

/** Another secret from now on; the one before counts until `previousUntil`. Null: at once no more. */
export async function rotateSigningSecret(
	tx: Tx,
	box: SecretBox,
	sealed: SealedSecrets,
	change: { secret: string; previousUntil: Date | null; at: Date },
): Promise<void> {
	const { id } = sealed;
	const previous = change.previousUntil === null ? null : resealed(box, sealed);
	await tx
		.updateTable("event_subscriptions")
		.set((eb) => ({
			secret: sealSigningSecret(box, id, change.secret),
			previous_secret: previous,
			previous_valid_until: previous === null ? null : (change.previousUntil?.getTime() ?? null),
			version: eb("version", "+", 1),
			updated_at: change.at.getTime(),
		}))
		.where("id", "=", id)
		.execute();
}

/** Null where it does not open any more: there is nothing to sign with. */
function resealed(box: SecretBox, { id, secret }: SealedSecrets): Uint8Array | null {
	try {
		return box.seal(box.openText(secret, placeOf(id, "secret")), placeOf(id, "previous_secret"));
	} catch (error) {
		if (error instanceof SealBroken) {
			return null;
		}
		throw error;
	}
}
