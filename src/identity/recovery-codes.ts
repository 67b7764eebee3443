// Recovery codes: for who has lost the device. Shown once, stored as keyed hashes, each works once.

import type { Random } from "#platform/random.ts";

const codesAtOnce = 10;
const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"; // Base32 (RFC 4648 section 6): nothing that looks like something else.
const codeLength = 16; // 80 bits.

export function newRecoveryCodes(random: Random): string[] {
	return Array.from({ length: codesAtOnce }, () => {
		const code = Array.from(random.bytes(codeLength), (byte) => letters[byte % letters.length]).join("");
		return code.replace(/(.{4})(?=.)/g, "$1-");
	});
}

/** As it is hashed: whatever case, spaces and hyphens it is entered with. Undefined: this is no recovery code. */
export function plainRecoveryCode(entered: string): string | undefined {
	const plain = entered.replace(/[\s-]/g, "").toUpperCase();
	return /^[A-Z2-7]{16}$/.test(plain) ? plain : undefined;
}

export function recoveryCodeMac(
	mac: (purpose: string, ...pieces: readonly string[]) => Uint8Array,
	userId: string,
	code: string,
): Uint8Array {
	return mac("recovery code", userId, code.replaceAll("-", ""));
}
