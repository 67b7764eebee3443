// Time-based one-time codes (RFC 6238: SHA-1, six digits, steps of 30 s), as every authenticator app knows them.

import { Secret, TOTP } from "otpauth";

const seedBytes = 20; // 160 bits, RFC 4226 section 4, R6.
const stepSeconds = 30;
/** How many steps a clock may differ, either way. */
const stepsAside = 1;

export function newSeed(random: { bytes(size: number): Uint8Array }): Uint8Array {
	return Uint8Array.from(random.bytes(seedBytes));
}

/** What a person types into the app, and the address a QR code holds. */
export function enrolment(
	seed: Uint8Array,
	names: { issuer: string; login: string },
): { secret: string; otpauthUri: string } {
	const totp = codesOf(seed, { issuer: names.issuer, label: names.login });
	return { secret: totp.secret.base32, otpauthUri: totp.toString() };
}

/** The step whose code this is; undefined: none of those that are near. */
export function stepOf(seed: Uint8Array, code: string, now: Date): number | undefined {
	if (!/^[0-9]{6}$/.test(code)) {
		return undefined; // The library throws for six characters that are not six bytes.
	}
	const timestamp = now.getTime();
	const totp = codesOf(seed, {});
	const aside = totp.validate({ token: code, timestamp, window: stepsAside });
	return aside === null ? undefined : totp.counter({ timestamp }) + aside;
}

function codesOf(seed: Uint8Array, names: { issuer?: string; label?: string }): TOTP {
	const secret = new Secret({ buffer: Uint8Array.from(seed).buffer }); // A copy: the buffer behind `seed` may be a larger one.
	return new TOTP({ ...names, secret, algorithm: "SHA1", digits: 6, period: stepSeconds });
}
