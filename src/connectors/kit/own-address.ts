// An address of ours that a message names for its receipts, for providers that put no credentials on calls to it. It carries
// a proof of its own: HMAC-SHA256 of our attempt id under the secret of the account, which nobody else can make.
// …/sms/<type>/<service>?attempt=<attempt id>&proof=<64 hex digits>

import { type AttemptId, isId } from "#domain/ids.ts";
import type { OutboundMessage } from "#domain/messages.ts";
import type { RawRequest } from "../contract.ts";
import { hmac, matchesAny } from "./signature.ts";

/** How a form shows calls to such an address. */
export const callToOwnAddress = {
	url: "{webhookUrl}?attempt=…&proof=…",
	namedBy: "message",
	headers: [],
	otherProof: "the proof in the address",
} as const;

/** Without a secret there is no proof in it, and a call to it needs the HTTP user. */
export function ownAddress(
	{ webhookUrl, attemptId }: Pick<OutboundMessage, "webhookUrl" | "attemptId">,
	secret: string | undefined,
): string {
	const proof = secret === undefined || secret === "" ? "" : `&proof=${proofOf(attemptId, secret)}`;
	return `${webhookUrl}${webhookUrl.includes("?") ? "&" : "?"}attempt=${attemptId}${proof}`;
}

function proofOf(attemptId: string, secret: string): string {
	return hmac("sha256", secret, "hex", `delivery report of ${attemptId}`);
}

/** The attempt that the address names, proven or not: for who was let in otherwise. */
export function attemptInAddress({ url }: RawRequest): AttemptId | undefined {
	const [attempt = "", ...more] = queryOf(url).getAll("attempt");
	return isId(attempt) && more.length === 0 ? (attempt as AttemptId) : undefined;
}

/** Whether the address proves the attempt that it names. */
export function isOwnAddress(req: RawRequest, secrets: readonly string[]): boolean {
	const attemptId = attemptInAddress(req);
	const [proof = "", ...more] = queryOf(req.url).getAll("proof");
	return (
		attemptId !== undefined &&
		more.length === 0 &&
		/^[0-9a-f]{64}$/.test(proof) &&
		matchesAny(proof, secrets, (secret) => proofOf(attemptId, secret))
	);
}

/** The attempt whose address this is; undefined: it is no such address, or its proof is not ours. */
export function provenAttempt(req: RawRequest, secrets: readonly string[]): AttemptId | undefined {
	return isOwnAddress(req, secrets) ? attemptInAddress(req) : undefined;
}

function queryOf(url: string): URLSearchParams {
	return new URLSearchParams(/\?([^#]*)/.exec(url)?.[1] ?? "");
}
