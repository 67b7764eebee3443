// Seals what is secret before it is stored. A sealed value opens only at the place it was sealed for: table, column, row
// and, where given, what it is bound to (the origin a credential may be sent to).
// Layout: version (1 byte), length of the data key's id (1 byte), that id, then nonce, ciphertext and tag.

import { decrypt, encrypt } from "./aes-gcm.ts";
import { Problem } from "./problems.ts";
import type { Random } from "./random.ts";

export type Place = { table: string; column: string; rowId: string; boundTo?: string };

export type SecretBox = {
	seal(clear: string | Uint8Array, place: Place): Uint8Array;
	/** Throws `SealBroken` when the value was changed, moved, or sealed with a data key that is not there. */
	openText(sealed: Uint8Array, place: Place): string;
	openBytes(sealed: Uint8Array, place: Place): Uint8Array;
	dataKeyIdOf(sealed: Uint8Array): string;
};

/** A sealed value that does not open. The message names the place, never the value. */
export class SealBroken extends Error {
	override readonly name = "SealBroken";
}

/** The key ring is not there: nothing can be sealed or opened. The HTTP boundary answers 503. */
export class SecretsLocked extends Problem {
	override readonly name = "SecretsLocked";

	constructor() {
		super("secrets_locked", "The key ring is missing or unreadable; stored secrets cannot be used.");
	}
}

const version = 1;

export function secretBox(dataKeys: ReadonlyMap<string, Uint8Array>, currentId: string, random: Random): SecretBox {
	const currentKey = dataKeys.get(currentId);
	if (currentKey === undefined) {
		throw new RangeError("the current data key is not among the data keys");
	}
	const openBytes = (sealed: Uint8Array, place: Place): Uint8Array => {
		const { dataKeyId, content } = split(sealed);
		const key = dataKeys.get(dataKeyId);
		if (key === undefined) {
			throw new SealBroken(`${nameOf(place)} was sealed with a data key that is not known.`);
		}
		const clear = decrypt(key, content, boundData(place, dataKeyId));
		if (clear === undefined) {
			throw new SealBroken(`${nameOf(place)} does not open: it was changed, moved or bound to something else.`);
		}
		return clear;
	};
	return {
		seal(clear, place) {
			const bytes = typeof clear === "string" ? Buffer.from(clear, "utf8") : clear;
			const content = encrypt(currentKey, bytes, boundData(place, currentId), random);
			return Buffer.concat([header(currentId), content]);
		},
		openBytes,
		openText: (sealed, place) => Buffer.from(openBytes(sealed, place)).toString("utf8"),
		dataKeyIdOf: (sealed) => split(sealed).dataKeyId,
	};
}

/** Stands in while the key ring is missing: the product starts, says so, and refuses whatever needs a secret. */
export function lockedSecretBox(): SecretBox {
	const refuse = (): never => {
		throw new SecretsLocked();
	};
	return { seal: refuse, openText: refuse, openBytes: refuse, dataKeyIdOf: (sealed) => split(sealed).dataKeyId };
}

function header(dataKeyId: string): Uint8Array {
	const id = Buffer.from(dataKeyId, "utf8");
	if (id.length === 0 || id.length > 255) {
		throw new RangeError("a data key's id must have 1 to 255 bytes");
	}
	return Buffer.concat([Uint8Array.of(version, id.length), id]);
}

function split(sealed: Uint8Array): { dataKeyId: string; content: Uint8Array } {
	const [givenVersion, idLength = 0] = sealed;
	if (givenVersion !== version || idLength === 0 || sealed.length < 2 + idLength) {
		throw new SealBroken("A sealed value has an unknown layout.");
	}
	const dataKeyId = Buffer.from(sealed.subarray(2, 2 + idLength)).toString("utf8");
	return { dataKeyId, content: sealed.subarray(2 + idLength) };
}

/** JSON, because it keeps the pieces apart whatever characters they hold. */
function boundData(place: Place, dataKeyId: string): Uint8Array {
	const pieces = [version, place.table, place.column, place.rowId, place.boundTo ?? null, dataKeyId];
	return Buffer.from(JSON.stringify(pieces), "utf8");
}

function nameOf(place: Place): string {
	return `The value ${place.table}.${place.column} of row ${place.rowId}`;
}
