// What an authenticator app computes (RFC 6238, RFC 4226 section 5.3), written once more for the tests: it shares no code
// with the product.

import { createHmac } from "node:crypto";

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** @param secret base32 */
export function codeAt(secret: string, at: Date): string {
	const step = Buffer.alloc(8);
	step.writeBigUInt64BE(BigInt(Math.floor(at.getTime() / 30_000)));
	const mac = createHmac("sha1", bytesOf(secret)).update(step).digest();
	const offset = (mac.at(-1) ?? 0) & 15;
	return String((mac.readUInt32BE(offset) & 0x7f_ff_ff_ff) % 1_000_000).padStart(6, "0");
}

/** None of those that are accepted at that moment. */
export function wrongCodeAt(secret: string, at: Date): string {
	const near = [-30_000, 0, 30_000].map((ms) => codeAt(secret, new Date(at.getTime() + ms)));
	return ["000000", "111111", "222222", "333333"].find((code) => !near.includes(code)) ?? "";
}

function bytesOf(secret: string): Buffer {
	const bits = Array.from(secret, (letter) => alphabet.indexOf(letter).toString(2).padStart(5, "0")).join("");
	return Buffer.from((bits.match(/.{8}/g) ?? []).map((octet) => Number.parseInt(octet, 2)));
}
