// AES-256-GCM with a random 96-bit nonce (NIST SP 800-38D): nonce, ciphertext and 128-bit tag in one piece of bytes.

import { createCipheriv, createDecipheriv } from "node:crypto";
import type { Random } from "./random.ts";

const nonceBytes = 12;
const tagBytes = 16;
export const keyBytes = 32;
export const overheadBytes = nonceBytes + tagBytes;

export function encrypt(key: Uint8Array, clear: Uint8Array, bound: Uint8Array, random: Random): Uint8Array {
	const nonce = random.bytes(nonceBytes);
	const cipher = createCipheriv("aes-256-gcm", key, nonce);
	cipher.setAAD(bound);
	return Buffer.concat([nonce, cipher.update(clear), cipher.final(), cipher.getAuthTag()]);
}

/** The clear bytes, or undefined when key, bound data or a single bit is another one. */
export function decrypt(key: Uint8Array, sealed: Uint8Array, bound: Uint8Array): Uint8Array | undefined {
	if (sealed.length < overheadBytes) {
		return undefined;
	}
	const end = sealed.length - tagBytes;
	const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, nonceBytes), { authTagLength: tagBytes });
	decipher.setAAD(bound);
	decipher.setAuthTag(sealed.subarray(end));
	const clear = decipher.update(sealed.subarray(nonceBytes, end));
	try {
		decipher.final();
	} catch {
		return undefined; // OpenSSL's only complaint here is a tag that does not fit.
	}
	return clear;
}
