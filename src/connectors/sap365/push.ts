// A message as the body of an HTTP push, lines of Name=Value in sections, and what the page that answers it means.
// 200: <HTML>…#Message Receive correctly<br>ORDERID=1149607999<br>… · 400: a page with a line that begins with a code.

import type { OutboundMessage } from "#domain/messages.ts";
import type { RemoteId } from "#domain/ids.ts";
import type { HttpAnswer, HttpCall, Outcome } from "../contract.ts";
import { markOf } from "../kit/attempt-mark.ts";
import { bodyText } from "../kit/http.ts";
import { basicOf } from "../kit/oauth2.ts";
import { ownAddress } from "../kit/own-address.ts";
import { outcomeOf } from "./answers.ts";
import type { Sap365Config } from "./form.ts";
import { withCount } from "./parts.ts";
import { toWritten } from "./text-transfer.ts";
import { validityOf } from "./validity.ts";

const ackTypes = { message: "Message", order: "Order", none: "None" } as const;

export function toPushRequest(message: OutboundMessage, config: Sap365Config, now: Date): HttpCall {
	const { settings, account } = config;
	const secret = account?.secrets[0];
	const { dcs, text } = toWritten(message.text, settings);
	const asks = settings.acknowledgements !== "none";
	const lines = [
		"Version=2.0",
		`Subject=${markOf(message.attemptId)}`,
		"[MSISDN]",
		`List=${message.contactAddress}`,
		"[MESSAGE]",
		`Text=${text}`,
		"[SETUP]",
		`OriginatingAddress=${message.ourAddress}`,
		`DCS=${dcs}`,
		"SplitText=yes",
		`AckType=${ackTypes[settings.acknowledgements]}`,
		`MobileNotification=${settings.handsetReceipts && asks ? "Yes" : "No"}`,
		...(asks && settings.namesCallbackUrl
			? [`AckReplyAddress=${withCount(ownAddress(message, secret), message.text, settings)}`]
			: []),
		`ValidityPeriod=${validityOf(message.validUntil, now)}`,
		"[END]",
	];
	return {
		method: "POST",
		url: config.sendUrl ?? "",
		// No Content-Type: the clients that work send none, or one that is not true.
		headers: { authorization: `Basic ${basicOf(account?.id ?? "", secret ?? "")}` },
		body: settings.charset === "utf-8" ? lines.join("\n") : Buffer.from(lines.join("\n"), "latin1"),
	};
}

const idsMax = 100; // Far more than a text of ten short messages has.

export function toPushOutcome(answer: HttpAnswer, now: Date): Outcome {
	return outcomeOf(answer, now, {
		name: "SAP",
		ids: (body) =>
			[...bodyText(body).matchAll(/\bORDERID\s*[=:]\s*([A-Za-z0-9-]{1,100})(?![A-Za-z0-9-])/gi)]
				.slice(0, idsMax)
				.map(([, id = ""]) => id as RemoteId),
		code: codeIn,
	});
}

/** The first line of the page, without its tags, that begins with four hexadecimal digits. */
export function codeIn(body: Uint8Array): string | undefined {
	const lines = bodyText(body).replaceAll(/<[^<>]{0,200}>/g, "\n");
	return /^[ \t#]*(?:0x)?([0-9A-F]{4})(?![0-9A-Za-z])/im.exec(lines)?.[1]?.toUpperCase();
}
