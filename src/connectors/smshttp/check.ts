// Would this service work? No question is known that every gateway answers without sending something, so none is asked:
// judged is what is certain from templates and settings. Pure.

import type { CheckStep } from "../contract.ts";
import { askInOrder, failed, noted, passed } from "../kit/check-steps.ts";
import { addressing } from "./addressing.ts";
import type { SmsHttpConfig } from "./form.ts";
import { exampleMessage, toRequest } from "./outbound.ts";
import { placeholdersOf } from "./request-templates.ts";
import type { Placeholder } from "./template.ts";

export function check(config: SmsHttpConfig, our: { webhookUrl: string }): Promise<readonly CheckStep[]> {
	return askInOrder([
		() => [credentialsStep(config, our.webhookUrl)],
		() => [senderStep(config)],
		() => [webhookStep(config, our.webhookUrl)],
	]);
}

function sends({ templates }: SmsHttpConfig, ...names: readonly Placeholder[]): boolean {
	const sent = templates === undefined ? new Set<Placeholder>() : placeholdersOf(templates);
	return names.some((name) => sent.has(name));
}

function credentialsStep(config: SmsHttpConfig, webhookUrl: string): CheckStep {
	const request = toRequest(exampleMessage(config, webhookUrl), config);
	if (!request.ok && request.outcome.kind === "retry") {
		return failed(
			"credentials",
			"credentials_unfit",
			"User or password has a character that cannot be written where the template puts it.",
			"Use a password of plain letters, digits and signs, or put it into another place of the request.",
		);
	}
	if (config.user !== undefined && !sends(config, "user", "password", "basic")) {
		return failed(
			"credentials",
			"credentials_unused",
			"An authentication is entered, and nothing in the request carries it.",
			"Put {{basic}}, or {{user}} and {{password}}, into the request, or take the authentication out.",
		);
	}
	return noted(
		"credentials",
		"credentials_not_asked",
		"The request can be written; whether the gateway takes it, only a message can show.",
		"Send a message to a telephone of your own, and compare the example in the log with the gateway's manual.",
	);
}

const contents = [
	{
		names: ["to", "toNoPlus", "to00"],
		code: "recipient_not_sent",
		evidence: "Nothing in the request names the recipient.",
		advice: "Put {{to}}, {{toNoPlus}} or {{to00}} into the request.",
	},
	{
		names: ["text", "textHexUcs2"],
		code: "text_not_sent",
		evidence: "Nothing in the request carries the text.",
		advice: "Put {{text}} or {{textHexUcs2}} into the request.",
	},
] as const;

function senderStep(config: SmsHttpConfig): CheckStep {
	const lacking = contents.find(({ names }) => !sends(config, ...names));
	if (lacking !== undefined) {
		return failed("sender", lacking.code, lacking.evidence, lacking.advice);
	}
	const { ourAddress } = config.settings;
	if (ourAddress === "") {
		return passed("sender", "No number of ours is set, so each message has to name its sender.");
	}
	return addressing({ to: "+15550100002" }, config).ok
		? passed("sender", `Messages come from ${ourAddress} where they name no sender.`)
		: failed(
				"sender",
				"sender_unusable",
				`Our number ${ourAddress} is no number, short code or name, so messages that name no sender are refused.`,
				"Enter it with + and country code, as a short code, or as a name of up to 11 characters.",
			);
}

function webhookStep(config: SmsHttpConfig, webhookUrl: string): CheckStep {
	const { messageText, receiptStatus } = config.settings;
	if (messageText === "" && receiptStatus === "") {
		return failed(
			"webhook",
			"calls_unreadable",
			"Neither the text of a message nor the status of a receipt has a name, so no call can be read.",
			"Enter the names of Message: text and Receipt: status as the gateway's manual has them.",
		);
	}
	if (sends(config, "dlrUrl") && receiptStatus === "") {
		return failed(
			"webhook",
			"receipt_status_unnamed",
			"Messages ask for receipts, and the status of a receipt has no name.",
			"Enter the name of Receipt: status, or take {{dlrUrl}} out of the request.",
		);
	}
	if (sends(config, "dlrUrl") && (config.user?.passwords ?? []).length === 0) {
		return failed(
			"webhook",
			"receipt_address_unproven",
			"Messages name an address for their receipts that proves nothing, because the service has no password.",
			"Enter an authentication with a password, or have the gateway send its receipts with the HTTP user.",
		);
	}
	return noted(
		"webhook",
		"webhook_not_shown",
		"What addresses the gateway calls, only the gateway knows.",
		`Compare what is entered there with ${webhookUrl}.`,
	);
}
