// How products of Sinch sign a callback: HMAC-SHA256 under the webhook secret over the raw body, a nonce and the time.
// As documented at https://developers.sinch.com/docs/conversation/callbacks/, checked 2026-11-24.
// x-sinch-webhook-signature: base64(HMAC-SHA256(secret, body + "." + nonce + "." + Unix seconds))

import type { RawRequest, Verdict, WebhookHeader } from "../contract.ts";
import { hmac, matchesAny } from "./signature.ts";

const headerName = "x-sinch-webhook-signature";

export const sinchSignatureHeaders: readonly WebhookHeader[] = [
	{ name: headerName, value: "Base64 of the HMAC-SHA-256 under the secret over body, dot, nonce, dot and timestamp" },
	{ name: `${headerName}-nonce`, value: "A text that is used once" },
	{ name: `${headerName}-timestamp`, value: "Unix time in seconds" },
	{ name: `${headerName}-algorithm`, value: "HmacSHA256" },
];

const windowSeconds = 300; // Ours; the provider only says "acceptable".

/** All four headers must be there. A time outside the window counts only when the signature is right. */
export function verifySinchSignature(req: RawRequest, secrets: readonly string[], now: Date): Verdict {
	const header = (part: string): string => req.headers.get(`${headerName}${part}`) ?? "";
	const [signature, nonce, timestamp, algorithm] = ["", "-nonce", "-timestamp", "-algorithm"].map(header);
	if (!signature || !nonce || !timestamp || !algorithm) {
		return { ok: false, why: "missing" };
	}
	const isWellShaped =
		algorithm === "HmacSHA256" &&
		/^[A-Za-z0-9+/]{43}=$/.test(signature) &&
		/^[\x21-\x7e]{1,200}$/.test(nonce) &&
		/^\d{1,11}$/.test(timestamp);
	const sign = (secret: string): string => hmac("sha256", secret, "base64", req.body, `.${nonce}.${timestamp}`);
	if (!isWellShaped || !matchesAny(signature, secrets, sign)) {
		return { ok: false, why: "mismatch" };
	}
	const ageSeconds = now.getTime() / 1000 - Number(timestamp);
	return Math.abs(ageSeconds) > windowSeconds ? { ok: false, why: "stale" } : { ok: true, nonce };
}
