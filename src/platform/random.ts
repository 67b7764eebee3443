// Chance as a value that is handed in: secure by default, seeded in tests and simulations.

import { randomBytes } from "node:crypto";

export type Random = {
	/** Unpredictable bytes. */
	bytes(size: number): Uint8Array;
	/** A number in [0, 1). For jitter, never for secrets. */
	fraction(): number;
};

export const systemRandom: Random = {
	bytes: (size) => randomBytes(size),
	fraction: () => randomBytes(6).readUIntBE(0, 6) / 2 ** 48,
};

/** 256 bits as URL-safe text: for tokens, nonces of ours and generated passwords. */
export function newSecret(random: Random): string {
	return Buffer.from(random.bytes(32)).toString("base64url");
}
