// The data keys: they seal, the key ring wraps them. One that does not unwrap means that this is not the key ring the
// database was sealed with; then everything sealed stays locked rather than being replaced.

import type { Clock } from "#platform/clock.ts";
import { KeyNotOpened, type KeyRing, type OpenedKeyRing } from "#platform/key-ring.ts";
import type { Random } from "#platform/random.ts";
import { type SecretBox, secretBox } from "#platform/secret-box.ts";
import type { Db, Storage, Tx } from "./storage.ts";

export type OpenedDataKeys = { ok: true; box: SecretBox } | { ok: false; why: string };

/** Whether anything may be sealed already: then a missing key ring must not be made anew. */
export async function hasDataKeys(db: Db): Promise<boolean> {
	return (await db.selectFrom("data_keys").select("id").limit(1).executeTakeFirst()) !== undefined;
}

/** Unwraps every data key; makes the first one where there is none. */
export async function openDataKeys(
	storage: Storage,
	keyRing: OpenedKeyRing,
	deps: { random: Random; clock: Clock },
): Promise<OpenedDataKeys> {
	if (!keyRing.ok) {
		return { ok: false, why: keyRing.detail };
	}
	const { ring } = keyRing;
	const keys = await storage.write(async (tx) => {
		const known = await readKeys(tx);
		if (known.length > 0) {
			return known;
		}
		await insertFirst(tx, ring, deps);
		return readKeys(tx);
	});
	return toBox(keys, ring, deps.random);
}

type KeyRow = { id: string; key_ring_key_id: string; wrapped: Uint8Array; retired_at: number | null };

/** The newest last. */
function readKeys(tx: Tx): Promise<KeyRow[]> {
	return tx
		.selectFrom("data_keys")
		.select(["id", "key_ring_key_id", "wrapped", "retired_at"])
		.orderBy("created_at")
		.orderBy("id")
		.execute();
}

const firstKeyId = "d1"; // One name, so that of two nodes starting at once only one makes the key.
const keyBytes = 32; // AES-256

async function insertFirst(tx: Tx, ring: KeyRing, { random, clock }: { random: Random; clock: Clock }): Promise<void> {
	const { keyRingKeyId, wrapped } = ring.wrap(random.bytes(keyBytes));
	await tx
		.insertInto("data_keys")
		.values({
			id: firstKeyId,
			key_ring_key_id: keyRingKeyId,
			wrapped,
			created_at: clock.now().getTime(),
			retired_at: null,
		})
		.onConflict((conflict) => conflict.column("id").doNothing())
		.execute();
}

function toBox(rows: readonly KeyRow[], ring: KeyRing, random: Random): OpenedDataKeys {
	const keys = new Map<string, Uint8Array>();
	for (const row of rows) {
		const key = unwrapped(ring, row);
		if (key === undefined) {
			return {
				ok: false,
				why: `The key ring does not open the data key ${row.id}; put back the key ring that belongs to this database.`,
			};
		}
		keys.set(row.id, key);
	}
	const current = rows.findLast((row) => row.retired_at === null);
	return current === undefined
		? { ok: false, why: "Every data key is retired; restore the table data_keys from a backup." }
		: { ok: true, box: secretBox(keys, current.id, random) };
}

function unwrapped(ring: KeyRing, row: KeyRow): Uint8Array | undefined {
	try {
		return ring.unwrap(row.key_ring_key_id, row.wrapped);
	} catch (error) {
		if (error instanceof KeyNotOpened) {
			return undefined; // Told as a locked box.
		}
		throw error;
	}
}
