// Changes a genuine request in the ways a forger would: bits, cuts, additions, other spellings of the proof, headers
// twice, foreign keys, other character sets. Whether the result is still genuine is for the reference to say.

import { createHash } from "node:crypto";
import type { Random } from "#platform/random.ts";
import type { Sign } from "./signing.ts";
import { below, headerOf, oneOf, type Wire, withHeader } from "./wire.ts";

export type Subject = {
	/** The header with the proof, and all headers that the proof covers or belongs to. */
	proof: string;
	proofs: readonly [string, ...string[]];
	/** A secret that counts, and one of another service. */
	secret: string;
	otherSecret: string;
	sign: Sign | undefined;
};

/** Undefined: this change cannot be made to this request. */
export type Mutation = (wire: Wire, subject: Subject, random: Random) => Wire | undefined;

export const mutations: Readonly<Record<string, Mutation>> = {
	bodyBit: (wire, _subject, random) => withBody(wire, flipped(wire.body, random)),
	bodyCut: (wire, _subject, random) => withBody(wire, wire.body.slice(0, below(random, wire.body.length))),
	bodyHead: (wire, _subject, random) => withBody(wire, wire.body.slice(1 + below(random, wire.body.length))),
	bodyTail: (wire, _subject, random) => withBody(wire, joined(wire.body, oneOf(random, tails))),
	bodyFront: (wire, _subject, random) => withBody(wire, joined(oneOf(random, fronts), wire.body)),
	bodySwap: (wire, _subject, random) => withBody(wire, swapped(wire.body, random)),
	bodyGap: (wire, _subject, random) => withBody(wire, inserted(wire.body, random)),
	bodyEmpty: (wire) => withBody(wire, new Uint8Array()),
	bodyTwice: (wire) => withBody(wire, joined(wire.body, wire.body)),
	bodyLookAlike: (wire, _subject, random) => withBody(wire, Buffer.from(lookAlike(textOf(wire.body), random), "utf8")),
	bodyCharset: (wire, _subject, random) => transcoded(wire, random),
	bodySpelled: (wire, _subject, random) => respelled(wire, random),
	proofBit: (wire, subject, random) =>
		changed(wire, oneOf(random, subject.proofs), (text) => flippedText(text, random)),
	proofCut: (wire, subject, random) =>
		changed(wire, oneOf(random, subject.proofs), (text) => text.slice(0, below(random, text.length))),
	proofTail: (wire, subject, random) =>
		changed(wire, oneOf(random, subject.proofs), (text) => text + oneOf(random, proofTails)),
	proofFront: (wire, subject, random) =>
		changed(wire, oneOf(random, subject.proofs), (text) => oneOf(random, proofFronts) + text),
	proofCase: (wire, subject, random) => changed(wire, oneOf(random, subject.proofs), (text) => otherCase(text, random)),
	proofTwin: (wire, subject, random) => changed(wire, subject.proof, (text) => base64Twin(text, random)),
	proofBase64Url: (wire, { proof }) => changed(wire, proof, (text) => text.replaceAll("+", "-").replaceAll("/", "_")),
	proofUnpadded: (wire, { proof }) => changed(wire, proof, (text) => text.replace(/=+$/, "")),
	proofSpace: (wire, subject, random) => changed(wire, oneOf(random, subject.proofs), (text) => spaced(text, random)),
	proofPrefix: (wire, { proof }, random) =>
		changed(wire, proof, (text) => oneOf(random, algorithmPrefixes) + text.replace(/^sha256=|^Basic /, "")),
	proofLookAlike: (wire, { proof }, random) =>
		changed(wire, proof, (text) => Buffer.from(lookAlike(text, random), "utf8").toString("latin1")),
	proofGone: (wire, { proofs }, random) => dropped(wire, oneOf(random, proofs)),
	proofEmpty: (wire, { proofs }, random) => withHeader(wire, oneOf(random, proofs), ""),
	proofRenamed: (wire, { proofs }, random) => renamed(wire, oneOf(random, proofs)),
	proofDoubled: (wire, { proofs }, random) => doubled(wire, oneOf(random, proofs), random),
	proofJoined: (wire, { proofs }, random) =>
		changed(wire, oneOf(random, proofs), (text) => `${text}${oneOf(random, [",", ", ", ";", " "])}${text}`),
	headerBit: (wire, subject, random) => otherHeader(wire, subject, random),
	headerMore: (wire, _subject, random) => ({ ...wire, headers: [...wire.headers, oneOf(random, strangers)] }),
	pathBit: (wire, _subject, random) => withPath(wire, flippedText(wire.path, random)),
	pathCut: (wire, _subject, random) => withPath(wire, wire.path.slice(0, 1 + below(random, wire.path.length - 1))),
	pathTail: (wire, _subject, random) => withPath(wire, wire.path + oneOf(random, pathTails)),
	pathSpelled: (wire, _subject, random) => withPath(wire, escapedOnce(wire.path, random)),
	method: (wire, _subject, random) => ({ ...wire, method: oneOf(random, ["GET", "POST", "PUT", "post", "PATCH", ""]) }),
	foreignKey: (wire, { sign, otherSecret }) => sign?.(wire, otherSecret),
	nearKey: (wire, { sign, secret }, random) => sign?.(wire, oneOf(random, nearKeys(secret))),
	emptyKey: (wire, { sign }) => sign?.(wire, ""),
	otherAlgorithm: (wire, { sign, secret }, random) => sign?.(wire, secret, oneOf(random, slips)),
	signedThenChanged: (wire, { sign, otherSecret }, random) => {
		const body = flipped(wire.body, random);
		return body === undefined ? undefined : sign?.({ ...wire, body }, otherSecret);
	},
};

export const mutationNames = Object.keys(mutations);

const tails = [" ", "\n", "\r\n", "\u0000", "&", "&x=1", "=", "{}", "]", "ÿ"].map(bytesOf) as [Uint8Array];
const fronts = [" ", "\n", "\ufeff", "\u0000", "&", "x=1&", "[", "//"].map(bytesOf) as [Uint8Array];
const proofTails: readonly [string, ...string[]] = ["=", "==", "0", "A", ",", ";", "\t0", "%00", '"', "\u00a0", "=A"];
const proofFronts: readonly [string, ...string[]] = ["=", "0", "sha1=", "sha256=", '"', "\u00a0", "A", ",", "v1="];
const algorithmPrefixes: readonly [string, ...string[]] = [
	"",
	"sha1=",
	"SHA256=",
	"sha256:",
	"sha-256=",
	"sha512=",
	"Bearer ",
];
const pathTails: readonly [string, ...string[]] = [
	"?",
	"&",
	"/",
	"%20",
	"?a=b",
	"&a=b",
	"#",
	"#rc=5",
	";x",
	".",
	"%2e",
];
const slips = [
	{ algorithm: "sha1" },
	{ algorithm: "sha256", encoding: "base64" },
	{ algorithm: "sha1", encoding: "hex" },
	{ algorithm: "md5" },
	{ algorithm: "sha512" },
	{ algorithm: "sha1", prefix: "sha1=" },
	{ algorithm: "sha1", prefix: "sha256=", encoding: "hex" },
	{ prefix: "sha1=" },
] as const;
const strangers: readonly [readonly [string, string], ...(readonly [string, string])[]] = [
	["x-forwarded-host", "evil.example"],
	["x-forwarded-proto", "http"],
	["x-hub-signature", "sha1=0000000000000000000000000000000000000000"],
	["x-twilio-signature", "AAAAAAAAAAAAAAAAAAAAAAAAAAA="],
	["x-sinch-webhook-signature", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="],
	["x-hub-signature-256", `sha256=${"0".repeat(64)}`],
	["content-type", "text/plain"],
	["authorization", "Basic eDp5"],
];

function bytesOf(text: string): Uint8Array {
	return Buffer.from(text, "utf8");
}

function textOf(bytes: Uint8Array): string {
	return Buffer.from(bytes).toString("utf8");
}

function joined(...pieces: readonly Uint8Array[]): Uint8Array {
	return Buffer.concat(pieces);
}

function withBody(wire: Wire, body: Uint8Array | undefined): Wire | undefined {
	return body === undefined ? undefined : { ...wire, body };
}

function withPath(wire: Wire, path: string): Wire {
	return { ...wire, path };
}

function flipped(body: Uint8Array, random: Random): Uint8Array | undefined {
	if (body.length === 0) {
		return undefined;
	}
	const copy = Buffer.from(body);
	const at = below(random, copy.length);
	copy[at] = (copy[at] ?? 0) ^ (1 << below(random, 8));
	return copy;
}

function swapped(body: Uint8Array, random: Random): Uint8Array {
	const copy = Buffer.from(body);
	const at = below(random, copy.length - 1);
	[copy[at], copy[at + 1]] = [copy[at + 1] ?? 0, copy[at] ?? 0];
	return copy;
}

function inserted(body: Uint8Array, random: Random): Uint8Array {
	const at = below(random, body.length);
	const taken = below(random, 3);
	return joined(body.slice(0, at), random.bytes(below(random, 4)), body.slice(at + taken));
}

const lookAlikes: readonly (readonly [string, string])[] = [
	["a", "а"],
	["e", "е"],
	["o", "ο"],
	["0", "０"],
	["1", "１"],
	["=", "＝"],
	["A", "Ａ"],
	["s", "ѕ"],
	["i", "ı"],
	["é", "e\u0301"],
];

function lookAlike(text: string, random: Random): string {
	const [plain = "", strange = ""] = lookAlikes[below(random, lookAlikes.length)] ?? [];
	return text.replace(plain, strange);
}

/** Says another character set, writes in it, or both. */
function transcoded(wire: Wire, random: Random): Wire {
	const charset = oneOf(random, ["utf-16le", "iso-8859-1", "utf-8", "us-ascii", "utf-7"]);
	const encoding = oneOf(random, ["utf16le", "latin1", "utf8"] as const);
	const type = (headerOf(wire, "content-type") ?? "").split(";", 1)[0] ?? "";
	const said = withHeader(wire, "content-type", `${type}; charset=${charset}`);
	return { ...said, body: Buffer.from(textOf(wire.body), encoding) };
}

/** The same value in other words: JSON written anew, a form in another order or with other escapes. */
function respelled(wire: Wire, random: Random): Wire {
	const text = textOf(wire.body);
	if (!text.startsWith("{") && !text.startsWith("[")) {
		const pairs = text.split("&");
		const spellings = [
			pairs.toReversed().join("&"),
			text.replaceAll("+", "%20"),
			text.replaceAll("%2B", "%2b"),
			text.replace("a", "%61"),
			pairs.concat(pairs.slice(0, 1)).join("&"),
			pairs.slice(1).join("&"),
			`${text}&`,
		] as const;
		return { ...wire, body: bytesOf(oneOf(random, spellings)) };
	}
	const value: unknown = JSON.parse(text);
	const spellings = [
		JSON.stringify(value, undefined, 2),
		`${text} `,
		text.replace(":", " :"),
		text.replaceAll("/", "\\/"),
		text.replace("a", "\\u0061"),
		text.replaceAll(/[^ -~]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`),
	] as const;
	return { ...wire, body: bytesOf(oneOf(random, spellings)) };
}

function changed(wire: Wire, name: string, change: (text: string) => string): Wire | undefined {
	const value = headerOf(wire, name);
	return value === undefined ? undefined : withHeader(wire, name, change(value));
}

/** Stays what HTTP carries in a header or an address: visible characters. */
function flippedText(text: string, random: Random): string {
	const at = below(random, text.length);
	const code = text.charCodeAt(at) ^ (1 << below(random, 8));
	const isCarried = code >= 0x21 && code <= 0xff && code !== 0x7f;
	return text.slice(0, at) + String.fromCharCode(isCarried ? code : 0x78) + text.slice(at + 1);
}

function otherCase(text: string, random: Random): string {
	const at = below(random, text.length);
	const one = text.charAt(at);
	const turned = one === one.toUpperCase() ? one.toLowerCase() : one.toUpperCase();
	return oneOf(random, [text.toUpperCase(), text.toLowerCase(), text.slice(0, at) + turned + text.slice(at + 1)]);
}

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Another last letter that stands for the same bytes (RFC 4648 section 3.5), or any other. */
function base64Twin(text: string, random: Random): string {
	const [, start = "", last = "", padding = ""] = /^(.*)([A-Za-z0-9+/])(={0,2})$/.exec(text) ?? [];
	return `${start}${letters.charAt(letters.indexOf(last) ^ (1 + below(random, 3)))}${padding}`;
}

function spaced(text: string, random: Random): string {
	const at = below(random, text.length + 1);
	return text.slice(0, at) + oneOf(random, [" ", "\t", "  ", "\u00a0"]) + text.slice(at);
}

function dropped(wire: Wire, name: string): Wire {
	return { ...wire, headers: wire.headers.filter(([given]) => given !== name) };
}

function renamed(wire: Wire, name: string): Wire {
	const headers = wire.headers.map((line) => (line[0] === name ? ([`x-${name}`, line[1]] as const) : line));
	return { ...wire, headers };
}

/** The header twice: the same, or a right and a wrong one in either order. */
function doubled(wire: Wire, name: string, random: Random): Wire | undefined {
	const value = headerOf(wire, name);
	if (value === undefined) {
		return undefined;
	}
	const wrong = flippedText(value, random);
	const [first, second] = oneOf(random, [
		[value, value],
		[value, wrong],
		[wrong, value],
		["", value],
		[value, ""],
	]);
	const rest = dropped(wire, name).headers;
	return { ...wire, headers: [[name, first], ...rest, [name, second]] };
}

function otherHeader(wire: Wire, { proofs }: Subject, random: Random): Wire | undefined {
	const others = wire.headers.filter(([name]) => !proofs.includes(name));
	const [name] = others[below(random, others.length)] ?? [];
	return name === undefined ? undefined : changed(wire, name, (text) => flippedText(text, random));
}

function escapedOnce(path: string, random: Random): string {
	const at = 1 + below(random, path.length - 1);
	return `${path.slice(0, at)}%${path.charCodeAt(at).toString(16)}${path.slice(at + 1)}`;
}

function nearKeys(secret: string): readonly [string, ...string[]] {
	const hash = createHash("sha256").update(secret).digest("hex");
	return [
		`${secret} `,
		` ${secret}`,
		`${secret}\n`,
		secret.slice(0, -1),
		secret.toUpperCase(),
		`${secret}${secret}`,
		hash,
	];
}
