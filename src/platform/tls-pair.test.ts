import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { keyText, makeCertificate } from "#test/certificates.ts";
import { readTlsPair } from "./tls-pair.ts";

function filesWith(t: TestContext, certificate: string | undefined, key: string | undefined) {
	const folder = mkdtempSync(join(tmpdir(), "parley-tls-"));
	t.after(() => rmSync(folder, { recursive: true, force: true }));
	const files = { certificateFile: join(folder, "cert.pem"), keyFile: join(folder, "key.pem") };
	if (certificate !== undefined) {
		writeFileSync(files.certificateFile, certificate);
	}
	if (key !== undefined) {
		writeFileSync(files.keyFile, key);
	}
	return files;
}

test("a pair that fits is read, with whom it names and when the first certificate of the chain ends", (t) => {
	const validUntil = new Date("2040-05-06T07:08:09Z");
	const { certificate, key } = makeCertificate({ dns: ["chat.example", "www.chat.example"], validUntil });
	const read = readTlsPair(filesWith(t, certificate, key));
	assert.ok(read.ok);
	assert.deepEqual(read.pair.validUntil, validUntil);
	assert.equal(read.pair.names, "DNS:chat.example, DNS:www.chat.example, IP Address:127.0.0.1");
	const sooner = new Date("2030-01-01T00:00:00Z");
	const chain = certificate + makeCertificate({ validUntil: sooner }).certificate;
	const withChain = readTlsPair(filesWith(t, chain, key));
	assert.deepEqual(withChain.ok && withChain.pair.validUntil, sooner);
});

test("what is wrong is told by the name of the setting, and never by what the files hold", (t) => {
	const { certificate, key } = makeCertificate();
	const other = makeCertificate();
	const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
	const locked = privateKey
		.export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "secret" })
		.toString();
	const cases: [string | undefined, string | undefined, RegExp][] = [
		[undefined, key, /^tls\.certificateFile names a file that does not exist\.$/],
		[certificate, undefined, /^tls\.keyFile names a file that does not exist\.$/],
		["", key, /^tls\.certificateFile .*readable certificate/],
		[key, key, /^tls\.certificateFile .*readable certificate/],
		[certificate.replace(/\n.{20}/, "\nAAAAAAAAAAAAAAAAAAAA"), key, /^tls\.certificateFile .*readable certificate/],
		[certificate, "", /^tls\.keyFile .*readable private key/],
		[certificate, certificate, /^tls\.keyFile .*readable private key/],
		[certificate, key.replace(/\n.{20}/, "\nAAAAAAAAAAAAAAAAAAAA"), /^tls\.keyFile .*readable private key/],
		[certificate, locked, /^tls\.keyFile .*passphrase/],
		[certificate, other.key, /^tls\.keyFile .*does not belong/],
		[certificate, keyText(privateKey), /^tls\.keyFile .*does not belong/],
		["x".repeat(1_048_577), key, /^tls\.certificateFile .*1 MiB/],
	];
	for (const [cert, secret, rule] of cases) {
		const read = readTlsPair(filesWith(t, cert, secret));
		assert.ok(!read.ok, String(rule));
		assert.match(read.why, rule);
		assert.ok(!read.why.includes("BEGIN"));
	}
});
