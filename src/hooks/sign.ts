// Signatures after the Standard Webhooks convention (github.com/standard-webhooks/standard-webhooks, spec, 2023-11):
// HMAC-SHA256 over id, timestamp and body, one for each secret that counts. Pure.

import { createHmac } from "node:crypto";

export type Signed = Readonly<Record<"webhook-id" | "webhook-timestamp" | "webhook-signature", string>>;

/** @param secrets `whsec_` and base64 */
export function sign(secrets: readonly string[], { id, at, body }: { id: string; at: Date; body: string }): Signed {
	const timestamp = String(Math.floor(at.getTime() / 1000));
	const signatures = secrets.map((secret) => {
		const mac = createHmac("sha256", Buffer.from(secret.replace(/^whsec_/, ""), "base64"));
		return `v1,${mac.update(`${id}.${timestamp}.${body}`).digest("base64")}`;
	});
	return { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signatures.join(" ") };
}
