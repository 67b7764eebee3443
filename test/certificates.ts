// Certificates as tests need them, signed by themselves: X.509 version 3 (RFC 5280) written in DER by hand, so that no other
// program has to be there.

import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";

export type TestPair = { certificate: string; key: string };
type Wanted = { dns?: readonly string[]; validFrom?: Date; validUntil?: Date };

/** For 127.0.0.1 and the names; an authority by itself, so that a client may trust exactly it. */
export function makeCertificate({
	dns = ["localhost"],
	validFrom = new Date("2020-01-01T00:00:00Z"),
	validUntil = new Date("2048-01-01T00:00:00Z"),
}: Wanted = {}): TestPair {
	const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
	const name = sequence(set(sequence(oid(2, 5, 4, 3), tlv(0x0c, Buffer.from(dns[0] ?? "test")))));
	const signedBy = sequence(oid(1, 2, 840, 10_045, 4, 3, 2)); // ecdsa-with-SHA256
	const facts = sequence(
		tlv(0xa0, integer(2)), // version 3
		integer(validFrom.getTime() % 0x7fffffff),
		signedBy,
		name,
		sequence(time(validFrom), time(validUntil)),
		name,
		publicKey.export({ type: "spki", format: "der" }),
		tlv(0xa3, sequence(isAuthority(), alternativeNames(dns))),
	);
	const signature = tlv(0x03, Buffer.from([0]), sign("sha256", facts, privateKey));
	return { certificate: pem("CERTIFICATE", sequence(facts, signedBy, signature)), key: keyText(privateKey) };
}

export function keyText(key: KeyObject): string {
	return key.export({ type: "pkcs8", format: "pem" }).toString();
}

function isAuthority(): Buffer {
	const yes = tlv(0x01, Buffer.from([0xff]));
	return sequence(oid(2, 5, 29, 19), yes, tlv(0x04, sequence(yes)));
}

function alternativeNames(dns: readonly string[]): Buffer {
	const names = dns.map((one) => tlv(0x82, Buffer.from(one)));
	return sequence(oid(2, 5, 29, 17), tlv(0x04, sequence(...names, tlv(0x87, Buffer.from([127, 0, 0, 1])))));
}

function pem(label: string, der: Buffer): string {
	const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
	return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join("\n");
}

function tlv(tag: number, ...parts: readonly Uint8Array[]): Buffer {
	const content = Buffer.concat(parts);
	return Buffer.concat([Buffer.from([tag, ...lengthOf(content.length)]), content]);
}

function lengthOf(bytes: number): number[] {
	if (bytes < 0x80) {
		return [bytes];
	}
	return bytes < 0x100 ? [0x81, bytes] : [0x82, bytes >> 8, bytes & 0xff];
}

function sequence(...parts: readonly Uint8Array[]): Buffer {
	return tlv(0x30, ...parts);
}

function set(...parts: readonly Uint8Array[]): Buffer {
	return tlv(0x31, ...parts);
}

function integer(value: number): Buffer {
	const bytes = Buffer.alloc(5);
	bytes.writeUInt32BE(value, 1);
	const first = bytes.findIndex((byte, index) => byte !== 0 || index === 4);
	const isNegative = ((bytes[first] ?? 0) & 0x80) !== 0;
	return tlv(0x02, bytes.subarray(isNegative ? first - 1 : first));
}

function oid(first: number, second: number, ...rest: readonly number[]): Buffer {
	return tlv(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(value: number): number[] {
	const low = value & 0x7f;
	return value < 0x80 ? [low] : [...base128(value >> 7).map((byte) => byte | 0x80), low];
}

/** UTCTime before 2050, GeneralizedTime from then on (RFC 5280 section 4.1.2.5). */
function time(at: Date): Buffer {
	const text = `${at.toISOString().replaceAll(/[-:T]|\.\d+/g, "")}`;
	return at.getUTCFullYear() < 2050 ? tlv(0x17, Buffer.from(text.slice(2))) : tlv(0x18, Buffer.from(text));
}
