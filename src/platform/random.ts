// Chance as a value that is handed in: secure by default, seeded in tests and simulations.

import { randomBytes } from "node:crypto";

export type Random = {
	/** Unpredictable bytes. */
	bytes(size: number): Uint8Array;
	/** A number in [0, 1). For jitter, never for secrets. */
	fraction(): number;
};

export const systemRandom: Random = {
	bytes: drawFromPool,
	fraction: () => Buffer.from(drawFromPool(6)).readUIntBE(0, 6) / 2 ** 48,
};

// One call of the system for many small wishes: every request needs several ids, and a call costs as much as an HMAC.
const poolBytes = 8192;
let pool = Buffer.alloc(0);
let drawn = 0;

/** Bytes that nobody was given before. */
function drawFromPool(size: number): Uint8Array {
	if (size > poolBytes / 8) {
		return randomBytes(size);
	}
	if (drawn + size > pool.length) {
		pool = randomBytes(poolBytes);
		drawn = 0;
	}
	drawn += size;
	return pool.subarray(drawn - size, drawn);
}

/** 256 bits as URL-safe text: for tokens, nonces of ours and generated passwords. */
export function newSecret(random: Random): string {
	return Buffer.from(random.bytes(32)).toString("base64url");
}
