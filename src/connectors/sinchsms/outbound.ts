// Sending and asking, in either mode: glue between the pure parts and the way out.

import type { OutboundMessage } from "#domain/messages.ts";
import type { Outcome, Tools } from "../contract.ts";
import { toBasicOutcome, toBasicRequest } from "./basic-sends.ts";
import { readLookup, toLookup, toOutcome, toRequest } from "./batches.ts";
import { cannotSend, type SinchSmsConfig } from "./form.ts";

export async function send(message: OutboundMessage, config: SinchSmsConfig, tools: Tools): Promise<Outcome> {
	const obstacle = cannotSend(config);
	if (obstacle !== undefined) {
		return { kind: "retry", code: "credentials", detail: obstacle };
	}
	const refusal = refusalOf(message);
	if (refusal !== undefined) {
		return refusal;
	}
	const hidden = [message.text, ...config.accountSecrets, ...config.webhookSecrets];
	if (config.mode === "basic") {
		const answer = await tools.http(toBasicRequest(message, config, tools.now()));
		return toBasicOutcome(answer, tools.now(), hidden);
	}
	const answer = await tools.http(toRequest(message, config, tools.now()));
	return toOutcome(answer, tools.now(), hidden);
}

/** What need not be asked: no answer could be a yes. */
function refusalOf({ text, attachments, template }: OutboundMessage): Outcome | undefined {
	if (attachments.length > 0 || template !== undefined) {
		return { kind: "rejected", code: "content", detail: "An SMS carries neither attachments nor a template." };
	}
	return text === "" ? { kind: "rejected", code: "content", detail: "The message is empty." } : undefined;
}

const cannotTell: Outcome = {
	kind: "unknown",
	code: "unreachable",
	detail: "The older API of Sinch cannot be asked about a message.",
};

export async function lookup(
	message: OutboundMessage,
	attemptedAt: Date,
	config: SinchSmsConfig,
	tools: Tools,
): Promise<Outcome> {
	return config.mode === "basic" || cannotSend(config) !== undefined
		? cannotTell
		: readLookup(await tools.http(toLookup(message, attemptedAt, config)), message);
}
