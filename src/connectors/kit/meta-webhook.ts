// What every product of Meta does at a webhook: it asks for an echo when the address is set up, and signs each call with
// the App Secret of the Meta app. https://developers.facebook.com/docs/messenger-platform/webhooks, checked 2026-11-24.
//   X-Hub-Signature-256: sha256=<HMAC-SHA256 of the raw body under the App Secret>

import type { RawRequest, Reply, Verdict } from "../contract.ts";
import { hmac, matchesAny } from "./signature.ts";

/** The older `X-Hub-Signature` (SHA-1) is not looked at: alone it is a missing signature. No secret: a closed door. */
export function verifyMetaSignature(req: RawRequest, appSecrets: readonly string[]): Verdict {
	const given = req.headers.get("x-hub-signature-256");
	if (given === null || given === "" || appSecrets.length === 0) {
		return { ok: false, why: "missing" };
	}
	if (!/^sha256=[0-9a-f]{64}$/.test(given)) {
		return { ok: false, why: "mismatch" };
	}
	const sign = (secret: string): string => `sha256=${hmac("sha256", secret, "hex", req.body)}`;
	return matchesAny(given, appSecrets, sign) ? { ok: true } : { ok: false, why: "mismatch" };
}

const challengeCharactersMax = 256; // Meta sends a short number; ours to choose.

/** Every GET is a greeting. Nothing of the request is repeated before its token is known to be ours. */
export function metaHandshake(req: RawRequest, verifyTokens: readonly string[]): Reply | undefined {
	if (req.method.toUpperCase() !== "GET") {
		return undefined;
	}
	const query = new URLSearchParams(/\?([^#]*)/.exec(req.url)?.[1] ?? "");
	const mode = onlyOne(query, "hub.mode");
	const token = onlyOne(query, "hub.verify_token");
	const challenge = onlyOne(query, "hub.challenge");
	if (mode === undefined || token === undefined || challenge === undefined) {
		return plain(400, "hub.mode, hub.verify_token and hub.challenge must each be given once.");
	}
	if (mode !== "subscribe" || !matchesAny(token, verifyTokens, (secret) => secret)) {
		return plain(403, "The verify token is not the one of this service.");
	}
	if (challenge.length > challengeCharactersMax || /\p{Cc}/u.test(challenge)) {
		return plain(400, "hub.challenge is too long or holds control characters.");
	}
	return plain(200, challenge);
}

function onlyOne(query: URLSearchParams, name: string): string | undefined {
	const [value, ...others] = query.getAll(name);
	return others.length === 0 && value !== "" ? value : undefined;
}

/** What Meta's own examples answer to a call that was taken. */
export function metaAck(): Reply {
	return plain(200, "EVENT_RECEIVED");
}

function plain(status: number, body: string): Reply {
	return { status, body, contentType: "text/plain" };
}
