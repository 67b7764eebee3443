// Finds out how a fixture was signed, by trying the known ways with the secret of its service until one gives the same
// signature. With the way in hand the kit signs requests of its own: forged ones, and nonsense under a good signature.

import { createHash, createHmac } from "node:crypto";
import type { RawRequest } from "#connectors/contract.ts";
import type { Fixture } from "./fixtures.ts";
import { secretsOf } from "./subject.ts";

export type Scheme = { header: string; sign(raw: RawRequest, secret: string): RawRequest };

type Pieces = readonly (string | Uint8Array)[];
type Composition = (raw: RawRequest) => Pieces;
type Way = { algorithm: string; encoding: "hex" | "base64"; compose: Composition };

/** The way in which the fixture was signed; undefined when none of the known ones was used. */
export function schemeOf(fixture: Fixture, proofHeaders: readonly string[]): Scheme | undefined {
	for (const header of proofHeaders) {
		const value = fixture.raw.headers.get(header) ?? "";
		const prefix = /^[a-z0-9]+=(?=[^=])/.exec(value)?.[0] ?? "";
		const others = proofHeaders.filter((name) => name !== header);
		const way = waysOf(others).find((candidate) =>
			secretsOf(fixture.service).some((secret) => prefix + macOf(fixture.raw, candidate, secret) === value),
		);
		if (way !== undefined) {
			return { header, sign: (raw, secret) => signed(raw, { header, prefix, way, secret }) };
		}
	}
	return undefined;
}

function waysOf(headers: readonly string[]): readonly Way[] {
	return compositions(headers).flatMap((compose) =>
		["sha1", "sha256"].flatMap((algorithm) =>
			(["hex", "base64"] as const).map((encoding) => ({ algorithm, encoding, compose })),
		),
	);
}

function compositions(headers: readonly string[]): readonly Composition[] {
	const valueOf = (raw: RawRequest, name: string): string => raw.headers.get(name) ?? "";
	return [
		(raw) => [raw.body],
		(raw) => [bare(raw.url), sortedForm(raw)],
		...headers.flatMap((first): Composition[] => [
			(raw) => [raw.body, `.${valueOf(raw, first)}`],
			(raw) => [`${valueOf(raw, first)}.`, raw.body],
			...headers
				.filter((second) => second !== first)
				.map((second): Composition => (raw) => [raw.body, `.${valueOf(raw, first)}.${valueOf(raw, second)}`]),
		]),
	];
}

function macOf(raw: RawRequest, { algorithm, encoding, compose }: Way, secret: string): string {
	const mac = createHmac(algorithm, secret);
	for (const piece of compose(raw)) {
		mac.update(piece);
	}
	return mac.digest(encoding);
}

type Signing = { header: string; prefix: string; way: Way; secret: string };

function signed(raw: RawRequest, { header, prefix, way, secret }: Signing): RawRequest {
	const hash = createHash("sha256").update(raw.body).digest("hex");
	const hashed = { ...raw, url: raw.url.replace(/(bodySHA256=)[0-9a-f]{64}/, `$1${hash}`) };
	const headers = new Headers([...raw.headers]);
	headers.set(header, prefix + macOf(hashed, way, secret));
	return { ...hashed, headers };
}

function bare(url: string): string {
	return url.replace(/#.*$/, "");
}

/** Names and values of a form, both sorted, each value once; empty for any other body. */
function sortedForm(raw: RawRequest): string {
	if (raw.headers.get("content-type")?.startsWith("application/x-www-form-urlencoded") !== true) {
		return "";
	}
	const fields = new URLSearchParams(Buffer.from(raw.body).toString("utf8"));
	return [...new Set(fields.keys())]
		.toSorted()
		.flatMap((name) => [...new Set(fields.getAll(name))].toSorted().map((value) => name + value))
		.join("");
}
