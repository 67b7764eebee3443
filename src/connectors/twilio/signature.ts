// Does a request come from Twilio? HMAC-SHA1 under the auth token over the URL that Twilio was given and every form
// parameter, sorted; a JSON body is covered by its hash in the URL. SHA-1 is Twilio's choice, not ours.
// As documented at https://www.twilio.com/docs/usage/webhooks/webhooks-security, checked 2026-11-24.

import { createHash } from "node:crypto";
import { hmac, matchesAny, sameText } from "../kit/signature.ts";
import type { RawRequest, Verdict } from "../contract.ts";
import type { TwilioConfig } from "./form.ts";

/** Parameters in the order of the request; a name may occur more than once. */
export type Parameters = readonly (readonly [name: string, value: string])[];

function decodeComponent(encoded: string): string | undefined {
	try {
		return decodeURIComponent(encoded.replaceAll("+", " "));
	} catch (error) {
		if (error instanceof URIError) {
			return undefined;
		}
		throw error;
	}
}

/**
 * Parameters of a form or a query (WHATWG URL section 5.1), or undefined when it is none. Stricter than
 * `URLSearchParams`, which mends bad escapes and drops empty pairs: what cannot be told apart must not be signed.
 */
export function readParameters(encoded: string): Parameters | undefined {
	if (encoded === "") {
		return [];
	}
	const parameters: (readonly [string, string])[] = [];
	for (const pair of encoded.split("&")) {
		const equals = pair.indexOf("=");
		const name = decodeComponent(equals === -1 ? pair : pair.slice(0, equals));
		const value = equals === -1 ? "" : decodeComponent(pair.slice(equals + 1));
		if (name === undefined || name === "" || value === undefined) {
			return undefined;
		}
		parameters.push([name, value]);
	}
	return parameters;
}

const strictDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function readForm(body: Uint8Array): Parameters | undefined {
	try {
		return readParameters(strictDecoder.decode(body));
	} catch (error) {
		if (error instanceof TypeError) {
			return undefined; // Not UTF-8 (WHATWG Encoding section 8.1).
		}
		throw error;
	}
}

/** The query as it arrived, without the question mark and without a fragment. */
export function queryOf(url: string): string {
	const bare = withoutFragment(url);
	const question = bare.indexOf("?");
	return question === -1 ? "" : bare.slice(question + 1);
}

function withoutFragment(url: string): string {
	const hash = url.indexOf("#");
	return hash === -1 ? url : url.slice(0, hash);
}

/** What a request carries: parameters of its query, and a form or something else in the body. */
export type Carried =
	| { kind: "query"; query: Parameters }
	| { kind: "form"; query: Parameters; form: Parameters }
	| { kind: "json"; query: Parameters; body: Uint8Array };

export function readRequest(req: RawRequest): Carried | undefined {
	const query = readParameters(queryOf(req.url));
	if (query === undefined) {
		return undefined;
	}
	if (req.method === "GET") {
		return { kind: "query", query };
	}
	if (req.method !== "POST") {
		return undefined;
	}
	const contentType = (req.headers.get("content-type") ?? "").split(";", 1)[0]?.trim().toLowerCase();
	if (contentType !== "application/x-www-form-urlencoded") {
		return { kind: "json", query, body: req.body };
	}
	const form = readForm(req.body);
	return form === undefined ? undefined : { kind: "form", query, form };
}

/** Names sorted by code unit; values of a repeated name once each, sorted: as Twilio's own library for Node does. */
function signedParameters(form: Parameters): string {
	const values = Map.groupBy(form, ([name]) => name);
	return [...values.keys()]
		.toSorted()
		.map((name) => [...new Set(values.get(name)?.map(([, value]) => value))].toSorted().map((value) => name + value))
		.flat()
		.join("");
}

type UrlPieces = { scheme: string; host: string; port: string; rest: string };

function piecesOf(url: string): UrlPieces | undefined {
	const match = /^(https?:\/\/)(?:[^/?@]*@)?(\[[^\]/?]*\]|[^:/?[]*)(:\d*)?(.*)$/is.exec(withoutFragment(url));
	return match === null
		? undefined
		: { scheme: match[1] ?? "", host: match[2] ?? "", port: match[3] ?? "", rest: match[4] ?? "" };
}

/** `user:password@` as it may stand in the address that Twilio was given: in clear, or with escapes. Empty: without. */
function userInfos(authorization: string | null): readonly string[] {
	const basic = /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(authorization ?? "")?.[1];
	if (basic === undefined) {
		return [""];
	}
	const pair = Buffer.from(basic, "base64").toString("utf8");
	const escaped = pair.split(":").map((piece) => encodeURIComponent(piece.toWellFormed()));
	return [...new Set(["", `${pair}@`, `${escaped.join(":")}@`])];
}

/**
 * The spellings of our URL that Twilio may have signed: with and without a port (its libraries try both), with and
 * without the HTTP user. Scheme, host and path are the configured ones in all of them.
 */
function candidates(req: RawRequest): readonly string[] {
	const pieces = piecesOf(req.url);
	if (pieces === undefined) {
		return [];
	}
	const standardPort = pieces.scheme.toLowerCase() === "https://" ? ":443" : ":80";
	const ports = new Set([pieces.port, "", pieces.port === "" ? standardPort : pieces.port]);
	return userInfos(req.headers.get("authorization")).flatMap((userInfo) =>
		[...ports].map((port) => pieces.scheme + userInfo + pieces.host + port + pieces.rest),
	);
}

/** Whether the hash in the (signed) URL is the body's. */
function coversBody(query: Parameters, body: Uint8Array): boolean {
	const given = query.filter(([name]) => name === "bodySHA256").map(([, value]) => value);
	const [only] = given;
	return given.length === 1 && only !== undefined && sameText(only, createHash("sha256").update(body).digest("hex"));
}

const shape = /^[A-Za-z0-9+/]{27}=$/; // Base64 of the 20 bytes of SHA-1.

export function verify(req: RawRequest, config: TwilioConfig): Verdict {
	const given = req.headers.get("x-twilio-signature");
	if (given === null) {
		return { ok: false, why: "missing" };
	}
	const carried = readRequest(req);
	if (!shape.test(given) || carried === undefined) {
		return { ok: false, why: "mismatch" };
	}
	if (carried.kind === "json" && !coversBody(carried.query, carried.body)) {
		return { ok: false, why: "mismatch" };
	}
	const parameters = carried.kind === "form" ? signedParameters(carried.form) : "";
	const matches = candidates(req).map((url) =>
		matchesAny(given, config.signingSecrets, (secret) => hmac("sha1", secret, "base64", url, parameters)),
	);
	return matches.includes(true) ? { ok: true } : { ok: false, why: "mismatch" };
}
