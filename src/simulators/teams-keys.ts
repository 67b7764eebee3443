// The key pairs of the simulated Microsoft and of the simulated account, and what is made with them: a self-signed
// certificate in DER (X.690, RFC 5280), signed tokens (RFC 7519), and encrypted contents of notifications.

import {
	constants,
	createCipheriv,
	createHmac,
	generateKeyPairSync,
	type KeyObject,
	publicEncrypt,
	sign,
	X509Certificate,
} from "node:crypto";
import type { Random } from "#platform/random.ts";

export type KeyPair = { publicKey: KeyObject; privateKey: KeyObject };

const made: KeyPair[] = [];

/** Key pairs take a while to make, so all simulators of a process have the same. */
export function keyPair(number: 0 | 1): KeyPair {
	while (made.length <= number) {
		made.push(generateKeyPairSync("rsa", { modulusLength: 2048 }));
	}
	return made[number] as KeyPair;
}

/** Private key and certificate in PEM, as an administrator pastes them. */
export function pemOf({ privateKey, publicKey }: KeyPair, from: Date, until: Date): string {
	const der = certificateOf({ privateKey, publicKey }, from, until);
	const lines = (der.toString("base64").match(/.{1,64}/g) ?? []).join("\n");
	const key = String(privateKey.export({ type: "pkcs8", format: "pem" }));
	return `${key}-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}

const sha256WithRsa = sequence(Buffer.from("06092a864886f70d01010b", "hex"), Buffer.from("0500", "hex"));

function certificateOf({ privateKey, publicKey }: KeyPair, from: Date, until: Date): Buffer {
	const version = element(0xa0, element(0x02, Buffer.of(2)));
	const name = sequence(
		element(0x31, sequence(Buffer.from("0603550403", "hex"), element(0x0c, Buffer.from("parley")))),
	);
	const validity = sequence(timeOf(from), timeOf(until));
	const key = publicKey.export({ type: "spki", format: "der" });
	const toBeSigned = sequence(version, element(0x02, Buffer.of(1)), sha256WithRsa, name, validity, name, key);
	const signature = sign("RSA-SHA256", toBeSigned, privateKey);
	return sequence(toBeSigned, sha256WithRsa, element(0x03, Buffer.concat([Buffer.of(0), signature])));
}

/** UTCTime, for years before 2050 (RFC 5280 section 4.1.2.5.1). */
function timeOf(time: Date): Buffer {
	const digits = time.toISOString().replaceAll(/[-:T]|\.\d+/g, "");
	return element(0x17, Buffer.from(digits.slice(2)));
}

function sequence(...parts: readonly Buffer[]): Buffer {
	return element(0x30, Buffer.concat(parts));
}

function element(tag: number, content: Buffer): Buffer {
	const { length } = content;
	const head = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
	return Buffer.concat([Buffer.of(tag, ...head), content]);
}

export type Claims = Readonly<Record<string, unknown>>;

/** `endorsements` are the Bot Framework's. */
export function jwksOf({ publicKey }: KeyPair, kid: string, endorsements?: readonly string[]): object {
	const key = { ...publicKey.export({ format: "jwk" }), use: "sig", kid };
	return { keys: [endorsements === undefined ? key : { ...key, endorsements }] };
}

export function tokenOf(claims: Claims, { privateKey }: KeyPair, kid: string): string {
	const parts = [{ typ: "JWT", alg: "RS256", kid, x5t: kid }, claims].map((part) =>
		Buffer.from(JSON.stringify(part)).toString("base64url"),
	);
	const signature = sign("RSA-SHA256", Buffer.from(parts.join(".")), privateKey);
	return [...parts, signature.toString("base64url")].join(".");
}

/** As Graph encrypts for `encryptionCertificate`: Base64 of DER. */
export function encrypted(text: string, certificate: string, random: Random): Readonly<Record<string, string>> {
	const { publicKey, fingerprint } = new X509Certificate(Buffer.from(certificate, "base64"));
	const key = Buffer.from(random.bytes(32));
	const cipher = createCipheriv("aes-256-cbc", key, key.subarray(0, 16));
	const data = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
	const padding = constants.RSA_PKCS1_OAEP_PADDING;
	return {
		data: data.toString("base64"),
		dataSignature: createHmac("sha256", key).update(data).digest("base64"),
		dataKey: publicEncrypt({ key: publicKey, padding, oaepHash: "sha1" }, key).toString("base64"),
		encryptionCertificateThumbprint: fingerprint.replaceAll(":", ""),
	};
}

/** Whether it is the certificate that a subscription may name. */
export function isCertificate(text: string): boolean {
	try {
		const { publicKey } = new X509Certificate(Buffer.from(text, "base64"));
		return publicKey.asymmetricKeyType === "rsa" && !/PRIVATE/.test(Buffer.from(text, "base64").toString("latin1"));
	} catch {
		return false; // The caller refuses it.
	}
}

/** The keys are at the host that was asked. */
export function metadataAt(origin: string): object {
	return { issuer: `${origin}/{tenantid}/v2.0`, jwks_uri: `${origin}/common/discovery/keys` };
}
