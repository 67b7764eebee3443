// Tokens of 256 random bits: what the holder gets, and what is stored of it.

import { createHash, timingSafeEqual } from "node:crypto";

export const apiTokenPrefix = "parley_";

/** SHA-256: enough for 256 random bits, nothing to guess. */
export function tokenHash(token: string): Uint8Array {
	return createHash("sha256").update(token, "utf8").digest();
}

export function equalBytes(one: Uint8Array, other: Uint8Array): boolean {
	return one.length === other.length && timingSafeEqual(one, other);
}

/** What `/users/{id}/machinePassword` stores: bound to the user, under a key outside the database. */
export function machineSecretMac(
	mac: (purpose: string, ...pieces: readonly string[]) => Uint8Array,
	userId: string,
	secret: string,
): Uint8Array {
	return mac("machine password", userId, secret);
}
