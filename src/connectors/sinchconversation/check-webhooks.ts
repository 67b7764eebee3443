// The webhooks of an app, as registered at Sinch, against what this service expects. Sinch shows their secrets, which are
// compared and never repeated. Pure.

import type { CheckStep } from "../contract.ts";
import { failed, leadsTo, passed, shownUrl } from "../kit/check-steps.ts";
import { asArray } from "../kit/http.ts";
import { sameText } from "../kit/signature.ts";
import { type Fields, textAt } from "./fields.ts";
import type { SinchConversationConfig } from "./form.ts";

type Expected = { config: SinchConversationConfig; webhookUrl: string };

export function webhookStep(appId: string, webhooks: readonly Fields[], { config, webhookUrl }: Expected): CheckStep {
	if (config.webhookSecrets.length === 0) {
		return failed(
			"webhook",
			"webhook_secret_missing",
			"The service has no secret token, so every callback is refused.",
			"Enter the secret token of the webhooks as the authentication webhook.",
		);
	}
	const ours = webhooks.find((webhook) => leadsTo(webhookUrl, textAt(webhook, "target") ?? ""));
	return ours === undefined ? missing(appId, webhooks, webhookUrl) : judge(appId, ours, config.webhookSecrets);
}

function missing(appId: string, webhooks: readonly Fields[], webhookUrl: string): CheckStep {
	const targets = webhooks.map((webhook) => textAt(webhook, "target") ?? "");
	const near = targets.find((target) => essenceOf(target) === essenceOf(webhookUrl));
	if (near !== undefined) {
		return failed(
			"webhook",
			"webhook_address_differs",
			`The app ${appId} has a webhook to ${shownUrl(near)}, which is nearly ${webhookUrl}.`,
			`Change the target of that webhook to exactly ${webhookUrl}.`,
		);
	}
	return failed(
		"webhook",
		"webhook_missing",
		`The app ${appId} has ${webhooks.length} webhook(s), and none to ${webhookUrl}.`,
		`Add a webhook to the app: target type HTTP, target ${webhookUrl}, and the secret token of this service.`,
	);
}

/** What is left of an address without scheme, port, query, a slash at its end and the case of its letters. */
function essenceOf(address: string): string {
	const url = URL.parse(address);
	return `${url?.hostname ?? ""}${url?.pathname.replace(/\/+$/, "") ?? ""}`.toLowerCase();
}

/** Nothing reaches a person without the first, nobody learns what became of a message without the second. */
const triggers = [
	["MESSAGE_INBOUND", "trigger_inbound_missing", "messages of contacts"],
	["MESSAGE_DELIVERY", "trigger_delivery_missing", "delivery reports"],
] as const;

function judge(appId: string, webhook: Fields, secrets: readonly string[]): CheckStep {
	if (textAt(webhook, "target_type") === "DISMISS") {
		return failed(
			"webhook",
			"webhook_dismissed",
			`The webhook of the app ${appId} has the target type DISMISS: Sinch calls nobody.`,
			"Set the target type of the webhook to HTTP.",
		);
	}
	const secret = textAt(webhook, "secret");
	if (secret === undefined) {
		return failed(
			"webhook",
			"webhook_unsigned",
			`The webhook of the app ${appId} has no secret token, so Sinch signs nothing and every callback is refused.`,
			"Enter the secret token of this service in the webhook at Sinch.",
		);
	}
	if (!secrets.some((known) => sameText(known, secret))) {
		return failed(
			"webhook",
			"webhook_secret_differs",
			`The webhook of the app ${appId} has another secret token than this service, so every callback is refused.`,
			"Enter the same secret token in the webhook at Sinch and in the authentication webhook.",
		);
	}
	const subscribed = asArray(webhook["triggers"]);
	const lacking = triggers.find(([trigger]) => !subscribed.includes(trigger));
	return lacking === undefined
		? passed(
				"webhook",
				`The app ${appId} calls this service${isPrevious(secret, secrets) ? ", still with the previous secret token" : ""}.`,
			)
		: failed(
				"webhook",
				lacking[1],
				`The webhook of the app ${appId} lacks the trigger ${lacking[0]}, so no ${lacking[2]} arrive.`,
				`Add the trigger ${lacking[0]} to the webhook.`,
			);
}

function isPrevious(secret: string, [current = ""]: readonly string[]): boolean {
	return !sameText(current, secret);
}
