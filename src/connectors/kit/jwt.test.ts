import assert from "node:assert/strict";
import { createHmac, generateKeyPairSync, sign } from "node:crypto";
import test from "node:test";
import { seededRandom } from "#test/scene.ts";
import { type Claims, type JwtKey, type JwtReading, readKeySet, verifyJwt } from "./jwt.ts";

const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const stranger = generateKeyPairSync("rsa", { modulusLength: 2048 });
const jwk = publicKey.export({ format: "jwk" });
const key: JwtKey = { kid: "k1", n: String(jwk.n), e: String(jwk.e) };
const now = new Date("2026-01-02T12:00:00Z");
const seconds = now.getTime() / 1000;
const claims: Claims = { iss: "https://issuer.example", aud: "us", nbf: seconds - 60, exp: seconds + 3600 };

const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
type Made = { header?: object; body?: unknown; by?: typeof privateKey; algorithm?: string };

function token({ header = {}, body = claims, by = privateKey, algorithm = "RSA-SHA256" }: Made = {}): string {
	const signed = `${encoded({ typ: "JWT", alg: "RS256", kid: "k1", ...header })}.${encoded(body)}`;
	return `${signed}.${sign(algorithm, Buffer.from(signed), by).toString("base64url")}`;
}

function verdict(text: string, over: Partial<JwtReading> = {}): string {
	const isOurs = ({ iss, aud }: Claims) => iss === "https://issuer.example" && aud === "us";
	const given = verifyJwt(text, { keys: [key], now, isOurs, ...over });
	return given.ok ? "ok" : given.why;
}

test("a genuine token is taken, and its claims come back", () => {
	assert.equal(verdict(token()), "ok");
	assert.equal(verdict(token({ header: { typ: undefined } })), "ok");
	assert.equal(
		verdict(token(), { keys: [{ ...key, n: stranger.publicKey.export({ format: "jwk" }).n ?? "" }, key] }),
		"ok",
	);
	const given = verifyJwt(token(), { keys: [key], now, isOurs: () => true });
	assert.deepEqual(given, { ok: true, claims });
});

test("the algorithm is ours to say", () => {
	const signed = `${encoded({ typ: "JWT", alg: "HS256", kid: "k1" })}.${encoded(claims)}`;
	const pem = String(publicKey.export({ type: "spki", format: "pem" }));
	const macs = [pem, pem.trim(), key.n, ""].map((secret) => createHmac("sha256", secret).update(signed));
	for (const mac of macs) {
		assert.equal(verdict(`${signed}.${mac.digest("base64url")}`), "mismatch");
	}
	for (const alg of ["none", "None", "nOnE", "", "HS256", "RS512", "PS256", "ES256", "rs256", null, 7, ["RS256"]]) {
		assert.equal(verdict(token({ header: { alg } })), "mismatch", String(alg));
	}
	assert.equal(verdict(token({ header: { alg: "none" } }).replace(/[^.]+$/, "")), "mismatch");
	assert.equal(verdict(token({ algorithm: "RSA-SHA512" })), "mismatch");
	assert.equal(verdict(token({ algorithm: "RSA-SHA1" })), "mismatch");
});

test("a key that the token brings, or points to, is none", () => {
	const own = stranger.publicKey.export({ format: "jwk" });
	const by = stranger.privateKey;
	for (const header of [{ jwk: own }, { jku: "https://evil.example/keys" }, { x5u: "https://evil.example" }, {}]) {
		assert.equal(verdict(token({ header, by })), "mismatch");
	}
	assert.equal(verdict(token({ header: { kid: "k2", jwk: own }, by })), "unready");
	for (const kid of ["../../dev/null", "k1' OR '1'='1", "__proto__", "constructor", "K1", " k1"]) {
		assert.equal(verdict(token({ header: { kid } })), "unready", kid);
	}
	for (const kid of [undefined, null, "", 1, ["k1"], { k1: 1 }]) {
		assert.equal(verdict(token({ header: { kid } })), "mismatch", JSON.stringify(kid));
	}
	assert.equal(verdict(token(), { mayHaveSigned: () => false }), "mismatch");
	assert.equal(verdict(token(), { keys: [] }), "unready");
});

test("what a reader must understand and does not, is refused", () => {
	assert.equal(verdict(token({ header: { crit: ["exp"] } })), "mismatch");
	assert.equal(verdict(token({ header: { crit: [] } })), "mismatch");
	assert.equal(verdict(token({ header: { b64: false, crit: ["b64"] } })), "mismatch");
	assert.equal(verdict(token({ header: { typ: "JWE" } })), "mismatch");
	assert.equal(verdict(token({ header: { typ: ["JWT"] } })), "mismatch");
});

test("other claims are asked about before any key is looked for", () => {
	assert.equal(verdict(token({ body: { ...claims, aud: "them" }, header: { kid: "k9" } })), "mismatch");
	for (const body of [null, [], "text", 7, [claims]]) {
		assert.equal(verdict(token({ body }), { isOurs: () => true }), "mismatch", JSON.stringify(body));
	}
});

test("time: with five minutes for the clocks, and no longer", () => {
	const at = (exp: unknown, nbf: unknown = seconds - 60) => verdict(token({ body: { ...claims, exp, nbf } }));
	assert.deepEqual(
		[at(seconds - 299), at(seconds - 300), at(seconds + 3600, seconds + 300), at(seconds + 3600, seconds + 301)],
		["ok", "stale", "ok", "stale"],
	);
	for (const exp of [undefined, null, "9999999999", Number.NaN, {}, []]) {
		assert.equal(at(exp), "stale", JSON.stringify(exp));
	}
	assert.equal(at(seconds + 3600, "soon"), "stale");
	assert.equal(verdict(token({ body: { ...claims, nbf: undefined } })), "ok");
});

test("one spelling, three parts, a sensible length", () => {
	const good = token();
	const [header = "", body = "", signature = ""] = good.split(".");
	const spellings = [
		"",
		"..",
		".",
		header,
		`${header}.${body}`,
		`${header}.${body}.`,
		`.${body}.${signature}`,
		`${good}.`,
		`${good}.${signature}`,
		`${good}=`,
		`${good}==`,
		` ${good}`,
		`${good}\n`,
		`Bearer ${good}`,
		good.replaceAll("-", "+").replaceAll("_", "/"),
		`${header}=.${body}.${signature}`,
		`${header}.${body}.${signature.slice(0, -4)}`,
		`${header}.${body}.${signature}AAAA`,
		`${header.slice(0, 9)} ${header.slice(9)}.${body}.${signature}`,
		token({ body: { ...claims, long: "x".repeat(20_000) } }),
	].filter((text) => text !== good);
	for (const text of spellings) {
		assert.equal(verdict(text), "mismatch", text.slice(0, 80));
	}
});

test("of 5,000 changed tokens none is taken", () => {
	const random = seededRandom(7);
	const good = token();
	const below = (most: number) => Math.floor(random.fraction() * most);
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ ";
	for (let count = 0; count < 5000; count++) {
		const at = below(good.length);
		const letter = letters[below(letters.length)] ?? "";
		const changed = [
			good.slice(0, at) + letter + good.slice(at + 1),
			good.slice(0, at) + letter + good.slice(at),
			good.slice(0, at) + good.slice(at + 1),
		][count % 3];
		if (changed !== undefined && changed !== good) {
			assert.notEqual(verdict(changed), "ok", changed);
		}
	}
});

test("of a key set only what can verify is kept", () => {
	const weak = generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey.export({ format: "jwk" });
	const rsa = { kty: "RSA", kid: "k1", n: jwk.n, e: jwk.e };
	const set = (...keys: readonly unknown[]) => readKeySet(Buffer.from(JSON.stringify({ keys })));
	assert.deepEqual(set({ ...rsa, use: "sig", alg: "RS256", x5c: ["MII"], d: "private" }), [key]);
	assert.deepEqual(set({ ...rsa, endorsements: ["msteams", 7] }), [{ ...key, endorsements: ["msteams"] }]);
	for (const other of [
		{ ...rsa, kty: "EC" },
		{ ...rsa, kty: "oct", k: "c2VjcmV0" },
		{ ...rsa, use: "enc" },
		{ ...rsa, alg: "RS512" },
		{ ...rsa, kid: undefined },
		{ ...rsa, n: `${String(jwk.n)}=` },
		{ ...rsa, e: "AQ" },
		{ ...rsa, e: "Ag" },
		{ ...rsa, e: "" },
		{ ...rsa, n: weak.n },
		null,
		"text",
		[],
	]) {
		assert.deepEqual(set(other), [], JSON.stringify(other));
	}
	assert.equal(set(...Array.from({ length: 300 }, (_, index) => ({ ...rsa, kid: String(index) }))).length, 100);
	for (const body of ["", "null", "{}", '{"keys":{}}', "\u0000"]) {
		assert.deepEqual(readKeySet(Buffer.from(body)), []);
	}
});
