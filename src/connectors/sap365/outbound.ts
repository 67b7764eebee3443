// Sending in either mode: what need not be asked, one attempt, and what came of it. Glue between the pure parts and the way
// out.

import type { OutboundMessage } from "#domain/messages.ts";
import type { Outcome, Tools } from "../contract.ts";
import { callWithToken } from "../kit/oauth2.ts";
import { cannotSend, type Sap365Config, tokenClientOf } from "./form.ts";
import { toLiveLinkOutcome, toLiveLinkRequest } from "./live-link.ts";
import { toPushOutcome, toPushRequest } from "./push.ts";

export async function send(message: OutboundMessage, config: Sap365Config, tools: Tools): Promise<Outcome> {
	const obstacle = cannotSend(config);
	if (obstacle !== undefined) {
		return { kind: "retry", code: "credentials", detail: obstacle };
	}
	const refusal = refusalOf(message);
	if (refusal !== undefined) {
		return refusal;
	}
	if (config.settings.mode === "push") {
		const answer = await tools.http(toPushRequest(message, config, tools.now()));
		return toPushOutcome(answer, tools.now());
	}
	const call = toLiveLinkRequest(message, config, tools.now());
	const sent = await callWithToken(call, tokenClientOf(config), tools, [message.text]);
	return sent.ok ? toLiveLinkOutcome(sent.answer, tools.now()) : sent.outcome;
}

/** What need not be asked: no answer could be a yes. */
export function refusalOf(message: OutboundMessage): Outcome | undefined {
	const { text, attachments, template, ourAddress, contactAddress } = message;
	if (attachments.length > 0 || template !== undefined) {
		return { kind: "rejected", code: "content", detail: "An SMS carries neither attachments nor a template." };
	}
	if (text === "") {
		return { kind: "rejected", code: "content", detail: "The message is empty." };
	}
	// A line break would begin another field of the push, a comma another recipient.
	if (!isOneWord(contactAddress)) {
		return {
			kind: "rejected",
			code: "recipient",
			detail: "The recipient's number has a character that no number has.",
		};
	}
	return isOneWord(ourAddress)
		? undefined
		: { kind: "rejected", code: "config", detail: "The sender has a character that no sender has." };
}

function isOneWord(address: string): boolean {
	return address !== "" && !/[\p{Cc}\u2028\u2029,]/u.test(address);
}
