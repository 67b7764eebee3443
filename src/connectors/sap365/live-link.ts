// A message as a call of Live Link 365, and what its answer means.
// POST /api/v2/sms {"origin":"71630","destination":["+447700900123"],"message":"Hello",…} answers 200
// {"livelinkOrderIds":[{"destination":["+447700900123"],"livelinkOrderId":["1234567890"]}]}, or 201 where the order is made
// and the message not yet sent: both have it, and notifications tell the rest.

import type { OutboundMessage } from "#domain/messages.ts";
import type { HttpAnswer, HttpCall, Outcome } from "../contract.ts";
import { markOf } from "../kit/attempt-mark.ts";
import { ownAddress } from "../kit/own-address.ts";
import { apiErrorIn, orderIdsIn } from "../kit/sap-messaging.ts";
import { outcomeOf } from "./answers.ts";
import type { Sap365Config } from "./form.ts";
import { withCount } from "./parts.ts";
import { isPlain } from "./text-transfer.ts";
import { validityOf } from "./validity.ts";

/** Lacks only its access token. */
export function toLiveLinkRequest(message: OutboundMessage, config: Sap365Config, now: Date): HttpCall {
	const { settings, account } = config;
	const asks = settings.acknowledgements !== "none";
	const url = withCount(ownAddress(message, account?.secrets[0]), message.text, { charset: "utf-8" });
	const callback = settings.callbackShape === "text" ? url : [{ url }];
	const body = {
		origin: message.ourAddress,
		destination: [message.contactAddress],
		message: message.text,
		subject: markOf(message.attemptId),
		...(isPlain(message.text, "utf-8") ? {} : { contentTextEncoding: settings.unicodeCoding }),
		acknowledgement: asks,
		ackType: settings.acknowledgements.toUpperCase(),
		...(asks ? { ackFinalStatus: true, ackInternalStatus: true } : {}),
		mobileNotification: settings.handsetReceipts && asks ? "YES" : "NO",
		validityPeriod: validityOf(message.validUntil, now),
		...(asks && settings.namesCallbackUrl ? { callback } : {}),
	};
	return {
		method: "POST",
		url: config.sendUrl ?? "",
		headers: { "content-type": "application/json", accept: "application/json" },
		body: JSON.stringify(body),
	};
}

export function toLiveLinkOutcome(answer: HttpAnswer, now: Date): Outcome {
	return outcomeOf(answer, now, { name: "Live Link 365", ids: orderIdsIn, code: apiErrorIn });
}
