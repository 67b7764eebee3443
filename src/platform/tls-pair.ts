// The certificate and the key of a listener, read from their files and tried before they are used. What is wrong is told by
// the name of the setting, never by what the files hold.

import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { createSecureContext } from "node:tls";

/** As the settings name them. */
export type TlsFiles = { certificateFile: string; keyFile: string };

export type TlsPair = {
	/** PEM: the certificate, and those that lead to a known authority. */
	certificate: string;
	key: string;
	/** Whom it names. */
	names: string;
	/** When the first of the certificates in the file ends. */
	validUntil: Date;
};

export type ReadTlsPair = { ok: true; pair: TlsPair } | { ok: false; why: string };

export const tlsVersionMin = "TLSv1.2";
const fileBytesMax = 1_048_576;

export function readTlsPair({ certificateFile, keyFile }: TlsFiles): ReadTlsPair {
	const certificate = textOf(certificateFile);
	const key = textOf(keyFile);
	if (!certificate.ok) {
		return { ok: false, why: `tls.certificateFile ${certificate.why}.` };
	}
	return key.ok ? toPair(certificate.text, key.text) : { ok: false, why: `tls.keyFile ${key.why}.` };
}

type TextOf = { ok: true; text: string } | { ok: false; why: string };

function textOf(file: string): TextOf {
	try {
		return statSync(file).size > fileBytesMax
			? { ok: false, why: "names a file of more than 1 MiB" }
			: { ok: true, text: readFileSync(file, "latin1") };
	} catch (error) {
		const code = error instanceof Error ? String((error as NodeJS.ErrnoException).code) : "";
		const why = code === "ENOENT" ? "names a file that does not exist" : `names a file that cannot be read (${code})`;
		return { ok: false, why };
	}
}

function toPair(certificate: string, key: string): ReadTlsPair {
	const chain = certificatesIn(certificate);
	const [own] = chain ?? [];
	if (chain === undefined || own === undefined) {
		return { ok: false, why: "tls.certificateFile names a file without a readable certificate in PEM." };
	}
	const whyKey = whyKeyIsWrong(key, own);
	if (whyKey !== undefined) {
		return { ok: false, why: `tls.keyFile ${whyKey}.` };
	}
	try {
		createSecureContext({ cert: certificate, key, minVersion: tlsVersionMin });
	} catch (error) {
		const reason = error instanceof Error ? String((error as NodeJS.ErrnoException).code ?? "") : "";
		return { ok: false, why: `tls.certificateFile and tls.keyFile name a pair that TLS refuses (${reason}).` };
	}
	const ends = chain.map(({ validToDate }) => validToDate.getTime());
	return {
		ok: true,
		pair: { certificate, key, names: namesOf(own), validUntil: new Date(Math.min(...ends)) },
	};
}

/** Undefined: one of them does not parse. */
function certificatesIn(text: string): X509Certificate[] | undefined {
	const blocks = text.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
	try {
		return blocks.map((block) => new X509Certificate(block));
	} catch {
		return undefined; // Told as a file without a readable certificate.
	}
}

function whyKeyIsWrong(text: string, certificate: X509Certificate): string | undefined {
	if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(text)) {
		return "names a key with a passphrase; give it without one, readable by its owner only";
	}
	try {
		return certificate.checkPrivateKey(createPrivateKey(text))
			? undefined
			: "names a key that does not belong to the certificate of tls.certificateFile";
	} catch {
		return "names a file without a readable private key in PEM"; // The parser's words could quote the key.
	}
}

function namesOf({ subjectAltName, subject }: X509Certificate): string {
	return (subjectAltName ?? subject).replaceAll("\n", ", ");
}
