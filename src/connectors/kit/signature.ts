// Comparing signatures. The shape is checked first, the re-encoded expected text is compared in constant time, and a
// missing secret is a closed door, never an open one.

import { createHmac, timingSafeEqual } from "node:crypto";

/** Constant-time for texts of one length; a text of another length is compared with a dummy first. */
export function sameText(given: string, expected: string): boolean {
	const left = Buffer.from(given, "utf8");
	const right = Buffer.from(expected, "utf8");
	if (left.length !== right.length) {
		timingSafeEqual(right, right);
		return false;
	}
	return timingSafeEqual(left, right);
}

/** True when `given` is the signature under any of the secrets. Every secret is tried, so time tells nothing. */
export function matchesAny(given: string, secrets: readonly string[], sign: (secret: string) => string): boolean {
	let matched = false;
	for (const secret of secrets) {
		if (secret !== "" && sameText(given, sign(secret))) {
			matched = true;
		}
	}
	return matched;
}

export function hmac(
	algorithm: "sha1" | "sha256",
	secret: string,
	encoding: "hex" | "base64",
	...pieces: readonly (string | Uint8Array)[]
): string {
	const mac = createHmac(algorithm, secret);
	for (const piece of pieces) {
		mac.update(piece);
	}
	return mac.digest(encoding);
}
