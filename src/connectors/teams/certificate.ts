// The key pair under which Graph encrypts what it tells: a PEM text of a private key and its certificate, as an
// administrator pastes it. The certificate goes to Microsoft; the key leaves this process never.

import { createHash, createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";

export type Certificate = {
	/** Names it to Graph, and in each notification. */
	id: string;
	privateKey: KeyObject;
	/** DER in Base64; undefined: only the key is there, so that nothing new can be encrypted with it. */
	der: string | undefined;
	validUntil: Date | undefined;
};

/** `code` is the one that a check shows. */
export type CertificateProblem = { code: "certificate_unreadable" | "certificate_mismatched"; says: string };

const bits = { min: 2048, max: 4096 }; // As documented for encryptionCertificate.

export function readCertificate(secret: string): Certificate | CertificateProblem {
	const privateKey = keyIn(secret);
	if (privateKey === undefined) {
		return unreadable("has no private key that can be read, without a passphrase");
	}
	const size = privateKey.asymmetricKeyDetails?.modulusLength ?? 0;
	if (privateKey.asymmetricKeyType !== "rsa" || size < bits.min || size > bits.max) {
		return unreadable(`has a key that is not RSA with ${bits.min} to ${bits.max} bits`);
	}
	const block = blockOf(secret, "CERTIFICATE");
	if (block === undefined) {
		return { id: "key", privateKey, der: undefined, validUntil: undefined };
	}
	const certificate = certificateIn(block);
	if (certificate === undefined) {
		return unreadable("has a certificate that cannot be read");
	}
	if (!certificate.checkPrivateKey(privateKey)) {
		return { code: "certificate_mismatched", says: "has a certificate of another key" };
	}
	const id = createHash("sha256").update(certificate.raw).digest("hex").slice(0, 32);
	const der = certificate.raw.toString("base64");
	return { id, privateKey, der, validUntil: new Date(certificate.validTo) };
}

function unreadable(says: string): CertificateProblem {
	return { code: "certificate_unreadable", says };
}

/** A field of one line turns line breaks into spaces, or drops them; Base64 does not mind. */
function blockOf(text: string, label: string): string | undefined {
	const found = new RegExp(`-----BEGIN ${label}-----([A-Za-z0-9+/=\\s]{1,20000})-----END ${label}-----`).exec(text);
	const base64 = found?.[1]?.replaceAll(/\s/g, "");
	const lines = base64?.match(/.{1,64}/g)?.join("\n");
	return lines === undefined ? undefined : `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}

function keyIn(text: string): KeyObject | undefined {
	const key = blockOf(text, "PRIVATE KEY") ?? blockOf(text, "RSA PRIVATE KEY");
	try {
		return key === undefined ? undefined : createPrivateKey(key);
	} catch {
		return undefined; // The caller says what is wrong.
	}
}

function certificateIn(block: string): X509Certificate | undefined {
	try {
		return new X509Certificate(block);
	} catch {
		return undefined; // The caller says what is wrong.
	}
}
