// The key ring: the keys that wrap data keys, in a file outside the data directory and the database, readable by its
// owner alone. Losing the file means losing every stored secret, so it is written durably and never overwritten in place.

import { createHmac, createSecretKey, hkdfSync, type KeyObject } from "node:crypto";
import { decrypt, encrypt, keyBytes } from "./aes-gcm.ts";
import type { Clock } from "./clock.ts";
import { type KeyRingContent, createFile, makeContent, readFile, replaceFile, withNewKey } from "./key-ring-file.ts";
import type { Random } from "./random.ts";

export type WrappedKey = { keyRingKeyId: string; wrapped: Uint8Array };

export type KeyRing = {
	readonly currentId: string;
	readonly keyIds: readonly string[];
	wrap(dataKey: Uint8Array): WrappedKey;
	/** Throws `KeyNotOpened` when the key is not in the ring or the wrapped bytes were changed. */
	unwrap(keyRingKeyId: string, wrapped: Uint8Array): Uint8Array;
	/** HMAC-SHA-256 under a key that is separate for each purpose and stays the same when the ring is rotated. */
	mac(purpose: string, ...pieces: readonly (string | Uint8Array)[]): Uint8Array;
	/** The ring with one more key, which is the current one. Nothing is written before `save`. */
	rotated(random: Random, clock: Clock): KeyRing;
	/** The ring without that key. Only for a key that no data key is wrapped with any more. */
	without(keyRingKeyId: string): KeyRing;
	/** Replaces the file: the old or the new ring is on the disk at every moment. */
	save(): void;
};

export type OpenedKeyRing =
	| { ok: true; ring: KeyRing; created: boolean }
	| { ok: false; why: "missing" | "unreadable" | "exposed" | "damaged"; detail: string };

export class KeyNotOpened extends Error {
	override readonly name = "KeyNotOpened";
}

/** @param options `mayCreate` only while nothing sealed exists: a new ring would not open what an old one sealed. */
export function openKeyRing(
	path: string,
	deps: { random: Random; clock: Clock },
	options: { mayCreate: boolean },
): OpenedKeyRing {
	const read = readFile(path);
	if (read.ok) {
		return { ok: true, ring: ringOf(path, read.content, deps.random), created: false };
	}
	if (read.why !== "missing" || !options.mayCreate) {
		return read;
	}
	const content = makeContent(deps.random, deps.clock);
	createFile(path, content);
	return { ok: true, ring: ringOf(path, content, deps.random), created: true };
}

function ringOf(path: string, content: KeyRingContent, random: Random): KeyRing {
	const { current, keys, macKey } = content;
	const keyFor = keysByPurpose(Buffer.from(macKey, "base64"));
	return {
		currentId: current,
		keyIds: keys.map(({ id }) => id),
		wrap(dataKey) {
			const key = keyOf(content, current);
			return { keyRingKeyId: current, wrapped: encrypt(key, dataKey, boundData(current), random) };
		},
		unwrap(keyRingKeyId, wrapped) {
			const dataKey = decrypt(keyOf(content, keyRingKeyId), wrapped, boundData(keyRingKeyId));
			if (dataKey === undefined) {
				throw new KeyNotOpened(`A data key does not open with the key ring's key ${keyRingKeyId}.`);
			}
			return dataKey;
		},
		mac: (purpose, ...pieces) => macOf(keyFor(purpose), pieces),
		rotated: (chance, clock) => ringOf(path, withNewKey(content, chance, clock), random),
		without(keyRingKeyId) {
			if (keyRingKeyId === current) {
				throw new RangeError("the current key of the key ring cannot be taken out");
			}
			return ringOf(path, { ...content, keys: keys.filter(({ id }) => id !== keyRingKeyId) }, random);
		},
		save: () => replaceFile(path, content),
	};
}

function keyOf(content: KeyRingContent, id: string): Uint8Array {
	const entry = content.keys.find((candidate) => candidate.id === id);
	if (entry === undefined) {
		throw new KeyNotOpened(`The key ring has no key ${id}.`);
	}
	return Buffer.from(entry.key, "base64");
}

function boundData(keyRingKeyId: string): Uint8Array {
	return Buffer.from(`parley data key|${keyRingKeyId}`, "utf8");
}

/** A key of its own per purpose, derived once: the audit log asks for its own with every change. */
function keysByPurpose(macKey: Uint8Array): (purpose: string) => KeyObject {
	const known = new Map<string, KeyObject>();
	return (purpose) => {
		const key =
			known.get(purpose) ??
			createSecretKey(Buffer.from(hkdfSync("sha256", macKey, new Uint8Array(0), `parley mac|${purpose}`, keyBytes)));
		known.set(purpose, key);
		return key;
	};
}

/** Each piece is preceded by its length, so that text cannot be shifted over the border between two pieces. */
function macOf(key: KeyObject, pieces: readonly (string | Uint8Array)[]): Uint8Array {
	const mac = createHmac("sha256", key);
	for (const piece of pieces) {
		const bytes = typeof piece === "string" ? Buffer.from(piece, "utf8") : piece;
		const length = Buffer.alloc(4);
		length.writeUInt32BE(bytes.length);
		mac.update(length).update(bytes);
	}
	return mac.digest();
}
