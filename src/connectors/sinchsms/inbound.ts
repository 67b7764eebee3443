// What Sinch tells us, in either mode: who is let in, and who reads it. A service reads what its mode brings; a GET of the
// older API at a service of the REST API is unreadable, and the other way round.

import type { ChannelEvent } from "#domain/messages.ts";
import type { RawRequest, Reply, Verdict, VerifiedRequest } from "../contract.ts";
import { verifySinchSignature } from "../kit/sinch-signature.ts";
import { isBasicReport, readBasicCall } from "./basic-callbacks.ts";
import { isOwnAddress, provenAttempt } from "../kit/own-address.ts";
import { isDeliveryReport, readCallback } from "./callbacks.ts";
import type { SinchSmsConfig } from "./form.ts";

/** Sinch signs for service plans that asked for it; a service with a webhook secret is one of those. */
export function verify(req: RawRequest, config: SinchSmsConfig, now: Date): Verdict | undefined {
	return config.webhookSecrets.length === 0 ? undefined : verifySinchSignature(req, config.webhookSecrets, now);
}

/** Delivery reports only: who knows such an address must not be able to write to us in a contact's name. */
export function isProvenByAddress(req: RawRequest, config: SinchSmsConfig): boolean {
	const isReport = config.mode === "xms" ? isDeliveryReport(req) : isBasicReport(req);
	return isReport && isOwnAddress(req, config.accountSecrets);
}

/** No callback names the service plan: it is known by the service's own address. */
export function accountsNamed(): readonly string[] {
	return [];
}

export function accountsOf({ account }: SinchSmsConfig): readonly string[] {
	return account === undefined ? [] : [account.id];
}

export function parse(req: VerifiedRequest, config: SinchSmsConfig): readonly ChannelEvent[] {
	const attemptId = provenAttempt(req, config.accountSecrets);
	return [config.mode === "xms" ? readCallback(req, attemptId) : readBasicCall(req, attemptId)];
}

export function ack(): Reply {
	return { status: 200 };
}
