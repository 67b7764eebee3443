// The address that a message names for its delivery reports. Sinch puts no credentials on calls to it, so it carries a
// proof of its own: HMAC-SHA256 of our attempt id under the secret of the account, which nobody else can make.
// …/sms/sinchsms/<service>?attempt=<attempt id>&proof=<64 hex digits>. Ours; the provider only repeats the address.

import { type AttemptId, isId } from "#domain/ids.ts";
import type { OutboundMessage } from "#domain/messages.ts";
import type { RawRequest } from "../contract.ts";
import { hmac, matchesAny } from "../kit/signature.ts";
import type { SinchSmsConfig } from "./form.ts";

export function ownAddress({ webhookUrl, attemptId }: OutboundMessage, secret: string): string {
	return `${webhookUrl}${webhookUrl.includes("?") ? "&" : "?"}attempt=${attemptId}&proof=${proofOf(attemptId, secret)}`;
}

function proofOf(attemptId: string, secret: string): string {
	return hmac("sha256", secret, "hex", `delivery report of ${attemptId}`);
}

/** The attempt whose address this is; undefined: it is no such address, or its proof is not ours. */
export function attemptOfAddress(req: RawRequest, { accountSecrets }: SinchSmsConfig): AttemptId | undefined {
	const query = new URLSearchParams(/\?([^#]*)/.exec(req.url)?.[1] ?? "");
	const [attempt = "", ...moreAttempts] = query.getAll("attempt");
	const [proof = "", ...moreProofs] = query.getAll("proof");
	const isWellShaped = isId(attempt) && /^[0-9a-f]{64}$/.test(proof) && moreAttempts.length + moreProofs.length === 0;
	return isWellShaped && matchesAny(proof, accountSecrets, (secret) => proofOf(attempt, secret))
		? (attempt as AttemptId)
		: undefined;
}
