// Signed tokens of providers (JWT, RFC 7519) by keys that they publish (JWK, RFC 7517). One algorithm, RS256, whatever the
// token says of itself: no "none", no HMAC with a public key as its secret. One spelling. Pure.

import { createPublicKey, verify } from "node:crypto";
import { asArray, asObject, asText, readJson } from "./http.ts";

/** A public key as it is kept between rounds of upkeep. `endorsements`: what the provider lets it sign for. */
export type JwtKey = { kid: string; n: string; e: string; endorsements?: readonly string[] };
export type Claims = Readonly<Record<string, unknown>>;

export type JwtReading = {
	keys: readonly JwtKey[];
	now: Date;
	/** Issuer, audience and whatever else must be as expected. Asked before any key is looked for. */
	isOurs(claims: Claims): boolean;
	/** Whether this key may have signed these claims. Default: any of `keys` may. */
	mayHaveSigned?(key: JwtKey): boolean;
};

/** `unready`: of a key that we do not have (yet). `stale`: genuine, but outside of its time. */
export type JwtVerdict = { ok: true; claims: Claims } | { ok: false; why: "mismatch" | "unready" | "stale" };

const tokenCharactersMax = 16_384; // Microsoft's have about 1,500.
const skewSeconds = 300; // As the Bot Framework says, and as is usual.

export function verifyJwt(token: string, { keys, now, isOurs, mayHaveSigned = () => true }: JwtReading): JwtVerdict {
	const read = readJwt(token);
	if (read === undefined || !isOurs(read.claims)) {
		return { ok: false, why: "mismatch" };
	}
	const named = keys.filter(({ kid }) => kid === read.kid);
	if (named.length === 0) {
		return { ok: false, why: "unready" };
	}
	if (!named.some((key) => mayHaveSigned(key) && isSignedBy(key, read))) {
		return { ok: false, why: "mismatch" };
	}
	return isTimely(read.claims, now) ? { ok: true, claims: read.claims } : { ok: false, why: "stale" };
}

type Read = { kid: string; claims: Claims; signed: string; signature: Uint8Array };

function readJwt(token: string): Read | undefined {
	const parts = token.length <= tokenCharactersMax ? token.split(".") : [];
	const [header, claims, signature] = parts.map(fromBase64Url);
	if (parts.length !== 3 || header === undefined || claims === undefined || signature === undefined) {
		return undefined;
	}
	const kid = kidIn(asObject(readJson(header)) ?? {});
	const body = asObject(readJson(claims));
	return kid === undefined || body === undefined
		? undefined
		: { kid, claims: body, signed: parts.slice(0, 2).join("."), signature };
}

/** Undefined also for a header that we do not take. */
function kidIn(header: Claims): string | undefined {
	const { alg, typ } = header;
	const isPlain = typ === undefined || (typeof typ === "string" && /^(?:at\+)?jwt$/i.test(typ));
	// `crit` names what a reader must understand (RFC 7515 section 4.1.11); we understand none of it.
	return alg === "RS256" && isPlain && !("crit" in header) ? asText(header["kid"]) : undefined;
}

/** Undefined for any other spelling than the one that encoding the same bytes gives (RFC 4648 section 5). */
function fromBase64Url(text: string): Uint8Array | undefined {
	const bytes = Buffer.from(text, "base64url");
	return text !== "" && bytes.toString("base64url") === text ? bytes : undefined;
}

function isSignedBy({ n, e }: JwtKey, { signed, signature }: Read): boolean {
	try {
		const key = createPublicKey({ key: { kty: "RSA", n, e }, format: "jwk" });
		return verify("RSA-SHA256", Buffer.from(signed, "ascii"), key, signature);
	} catch {
		return false; // A key that is none has signed nothing.
	}
}

function isTimely({ exp, nbf = 0 }: Claims, now: Date): boolean {
	const seconds = now.getTime() / 1000;
	return (
		typeof exp === "number" && typeof nbf === "number" && seconds < exp + skewSeconds && seconds >= nbf - skewSeconds
	);
}

const keysMax = 100; // Microsoft's lists have about ten; the Bot Framework's forty.
const modulusBytes = { min: 256, max: 1024 }; // 2048 bits and more (NIST SP 800-131A); no end without a bound.

/** The RSA keys for signatures of a key set (RFC 7517 section 5), without anything that we do not need. */
export function readKeySet(body: Uint8Array): readonly JwtKey[] {
	return asArray(asObject(readJson(body))?.["keys"])
		.flatMap((value) => readKey(value) ?? [])
		.slice(0, keysMax);
}

export function readKey(value: unknown): JwtKey | undefined {
	const key = asObject(value) ?? {};
	const [kid, n, e] = ["kid", "n", "e"].map((name) => asText(key[name]));
	if (kid === undefined || n === undefined || e === undefined || !isForUs(key) || !isSound({ kid, n, e })) {
		return undefined;
	}
	const endorsements = asArray(key["endorsements"]).filter((word) => typeof word === "string");
	return endorsements.length === 0 ? { kid, n, e } : { kid, n, e, endorsements: endorsements.slice(0, 50) };
}

/** A field that is absent forbids nothing; a kept key has none of them. */
function isForUs({ kty = "RSA", use = "sig", alg = "RS256" }: Claims): boolean {
	return kty === "RSA" && use === "sig" && alg === "RS256";
}

function isSound({ kid, n, e }: JwtKey): boolean {
	const modulus = fromBase64Url(n)?.length ?? 0;
	return kid.length <= 200 && modulus >= modulusBytes.min && modulus <= modulusBytes.max && isExponent(e);
}

/** Odd, and more than one: with one, anybody signs (RFC 8017 section 3.1). */
function isExponent(e: string): boolean {
	const bytes = [...(fromBase64Url(e) ?? [])];
	return bytes.length <= 8 && (bytes.at(-1) ?? 0) % 2 === 1 && (bytes.length > 1 || (bytes[0] ?? 0) > 1);
}
