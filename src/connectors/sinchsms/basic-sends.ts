// Our messages as calls of the older API, which takes everything in the query of a GET. The password travels there because
// no other way is documented; what is kept of an exchange has no query.
// As documented at https://developers.sinch.com/docs/sms/other/sms-other-http-basic, checked 2026-11-24, for example
// GET /sendsms?username=user&password=pass&from=CLX&to=46700123456&text=Test  answers 202 12c306e85bc5d9e4e52211c741e21277

import type { OutboundMessage } from "#domain/messages.ts";
import type { RemoteId } from "#domain/ids.ts";
import { isGsm7 } from "#domain/text-splitting.ts";
import type { HttpAnswer, HttpCall, Outcome } from "../contract.ts";
import { bodyText } from "../kit/http.ts";
import { withoutPlus } from "../kit/phone.ts";
import { outcomeOf } from "./answers.ts";
import { basicRule } from "./codes.ts";
import type { SinchSmsConfig } from "./form.ts";
import { ownAddress } from "../kit/own-address.ts";

const everyReport = "31"; // The sum of all bits of dlr-mask.
/** The escapes that Sinch fills in; `basic-callbacks.ts` reads them. */
const escapes = "&type=%d&state=%s&error=%e&id=%i";

export function toBasicRequest(message: OutboundMessage, config: SinchSmsConfig, now: Date): HttpCall {
	const minutesLeft = Math.floor((message.validUntil.getTime() - now.getTime()) / 60_000);
	const { account } = config;
	const query = new URLSearchParams({
		username: account?.id ?? "",
		password: account?.secret ?? "",
		from: withoutPlus(message.ourAddress),
		to: withoutPlus(message.contactAddress),
		text: message.text,
		// Without a charset it is ISO-8859-1 or UTF-16BE, depending on the coding.
		charset: "UTF-8",
		coding: isGsm7(message.text) ? "0" : "2",
		validity: String(Math.max(minutesLeft, 1)),
		id: message.attemptId,
	});
	if (config.deliveryReport !== "none" && config.namesCallbackUrl) {
		query.set("dlr-mask", everyReport);
		query.set("dlr-url", `${ownAddress(message, account?.secret)}${escapes}`);
	}
	return { method: "GET", url: `${config.sendUrl ?? ""}?${query.toString()}`, headers: { accept: "text/plain" } };
}

export function toBasicOutcome(answer: HttpAnswer, now: Date, hidden: readonly string[] = []): Outcome {
	return outcomeOf(answer, {
		now,
		hidden,
		accepted: ({ status, body }) => (status === 202 ? acceptanceOf(bodyText(body).trim()) : undefined),
		ruleOf: ({ status }, words) => basicRule(status, words.text),
	});
}

function acceptanceOf(id: string): Outcome | undefined {
	return /^[0-9A-Fa-f]{32}$/.test(id) ? { kind: "accepted", remoteIds: [id as RemoteId] } : undefined;
}
