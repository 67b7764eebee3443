// Would this service work? No harmless question is known, so each account gives an order without sender, recipient and
// content, which can send nothing: what is objected to tells whether the account is taken. Proposed, as the protocol is.

import type { CheckStep, Tools } from "../contract.ts";
import { failed, foremost, noted, passed, refusal, toldBy } from "../kit/check-steps.ts";
import { basicOf } from "../kit/oauth2.ts";
import { addressing } from "./addressing.ts";
import type { HubAccount, Social365Config } from "./form.ts";

export async function check(
	config: Social365Config,
	our: { webhookUrl: string },
	tools: Tools,
): Promise<readonly CheckStep[]> {
	const found = await Promise.all(config.accounts.map((account) => troubleWith(account, config, tools)));
	const troubles = foremost(found.flatMap((step) => step ?? []));
	if (troubles.length > 0) {
		return troubles;
	}
	const ids = config.accounts.map(({ id }) => id).join(", ");
	const sender = senderStep(config);
	const before = [
		passed("region", "The interface of SAP answers at this address."),
		passed("credentials", `SAP objects to what an empty order lacks, and not to the account ${ids}.`),
		passed("scope", `SAP does not say that the account ${ids} may not send.`),
		sender,
	];
	return sender.ok ? [...before, webhookStep(our.webhookUrl)] : before;
}

/** Undefined: the account is taken, and the order is not. */
async function troubleWith(
	{ id, username, secrets }: HubAccount,
	{ sendUrl }: Social365Config,
	tools: Tools,
): Promise<CheckStep | undefined> {
	const [secret] = secrets;
	if (secret === undefined) {
		const evidence = `The account ${id} has no password here, so it receives and cannot send.`;
		return failed("credentials", "password_missing", evidence, "Enter its password, or take the entry out.");
	}
	const answer = await tools.http({
		method: "POST",
		url: sendUrl ?? "",
		headers: {
			authorization: `Basic ${basicOf(username, secret)}`,
			"x-account-id": id,
			"content-type": "application/json",
			accept: "application/json",
		},
		body: "{}",
	});
	const told = toldBy("SAP", "credentials", answer);
	return told.ok ? statusTrouble(told.status, Object.keys(told.fields).length > 0, id) : told.step;
}

const rightAddress = "Enter the address of the landscape's interface as Service Connection.";

/** An objection comes as JSON; a page with the same status is somebody else's. */
function statusTrouble(status: number, isJson: boolean, id: string): CheckStep | undefined {
	switch (status) {
		case 400:
			return isJson ? undefined : elsewhere(status);
		case 401:
			return failed(
				"credentials",
				"account_refused",
				`SAP refuses user name or password of the account ${id} (HTTP 401).`,
				"Enter user name, account ID and password again.",
			);
		case 403:
			return failed(
				"scope",
				"access_denied",
				`The user may not send for the account ${id} (HTTP 403).`,
				"Ask the support of the account.",
			);
		case 404:
		case 405:
			return elsewhere(status);
		case 410:
			return failed("region", "address_gone", "This address is gone for good (HTTP 410).", rightAddress);
		default:
			return status < 300 ? elsewhere(status) : refusal("SAP", "credentials", status);
	}
}

function elsewhere(status: number): CheckStep {
	const evidence = `Service Connection answers an empty order with HTTP ${status}, as SAP would not.`;
	return failed("region", "not_social365", evidence, rightAddress);
}

function senderStep(config: Social365Config): CheckStep {
	if (config.sender === "") {
		return passed("sender", "No sender is set, so each message has to name one.");
	}
	return addressing({ to: "+447700900123" }, config).ok
		? passed("sender", `Messages come from ${config.sender} where they name no sender.`)
		: failed(
				"sender",
				"sender_unusable",
				`The sender ${config.sender} is none of an account of this service.`,
				"Enter channel, sender and account, as in wechat:gh_123@10001.",
			);
}

function webhookStep(webhookUrl: string): CheckStep {
	return noted(
		"webhook",
		"webhook_not_shown",
		"SAP does not tell which addresses it calls for messages of contacts.",
		`Ask the support of each account whether they are forwarded to ${webhookUrl}.`,
	);
}
