// What Graph encrypted for us. https://learn.microsoft.com/graph/change-notifications-with-resource-data, as documented,
// checked 2026-11-26: a symmetric key by RSA-OAEP with SHA-1, HMAC-SHA256 of the data under it, then AES-256-CBC whose IV is
// the first 16 bytes of the key.

import { constants, createDecipheriv, createHmac, privateDecrypt, timingSafeEqual } from "node:crypto";
import { asObject, asText } from "../kit/http.ts";
import type { Certificate } from "./certificate.ts";

/** The bytes, or why they cannot be had. */
export function decrypt(value: unknown, certificates: readonly Certificate[]): Uint8Array | string {
	const content = asObject(value);
	const [data, signature, key] = ["data", "dataSignature", "dataKey"].map((name) => fromBase64(content?.[name]));
	if (data === undefined || signature === undefined || key === undefined) {
		return "The encrypted content is not complete.";
	}
	const named = content?.["encryptionCertificateId"];
	// The one that is named comes first; any other may fit where an administrator entered the same key anew.
	const ordered = certificates.toSorted((one, other) => Number(other.id === named) - Number(one.id === named));
	const symmetric = ordered.flatMap(({ privateKey }) => symmetricKey(key, privateKey) ?? []);
	if (symmetric.length === 0) {
		return "The content is encrypted for a certificate that this service does not have.";
	}
	const fitting = symmetric.find((candidate) => isSealed(data, signature, candidate));
	return fitting === undefined ? "The encrypted content was changed on its way." : opened(data, fitting);
}

function fromBase64(value: unknown): Buffer | undefined {
	const text = asText(value);
	return text !== undefined && /^[A-Za-z0-9+/]+={0,2}$/.test(text) ? Buffer.from(text, "base64") : undefined;
}

const keyBytes = 32;

function symmetricKey(dataKey: Buffer, key: Certificate["privateKey"]): Buffer[] | undefined {
	try {
		const symmetric = privateDecrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha1" }, dataKey);
		return symmetric.length === keyBytes ? [symmetric] : undefined;
	} catch {
		return undefined; // Encrypted for another key.
	}
}

function isSealed(data: Buffer, signature: Buffer, key: Buffer): boolean {
	const expected = createHmac("sha256", key).update(data).digest();
	return signature.length === expected.length && timingSafeEqual(signature, expected);
}

function opened(data: Buffer, key: Buffer): Uint8Array | string {
	try {
		const cipher = createDecipheriv("aes-256-cbc", key, key.subarray(0, 16));
		return Buffer.concat([cipher.update(data), cipher.final()]);
	} catch {
		return "The encrypted content cannot be opened.";
	}
}
