// What can be wrong with a WhatsApp number beyond what can be wrong with any product of Meta.

import type { CheckStepName } from "#connectors/contract.ts";
import type { WhatsAppSimulator } from "#simulators/whatsapp.ts";
import { metaFaults, metaNotes } from "./meta.ts";
import type { CheckFault } from "./stage.ts";

export const steps: readonly CheckStepName[] = [
	"address",
	"dns",
	"tls",
	"clock",
	"credentials", // The token.
	"credentials", // The App Secret.
	"scope",
	"sender",
	"webhook", // Of the app.
	"webhook", // The subscription of the account.
	"publicUrl",
];

type NumberState = NonNullable<WhatsAppSimulator["setUp"]["number"]>;

function numberFault(name: string, code: string, changes: Partial<NumberState>): CheckFault<WhatsAppSimulator> {
	return {
		name,
		step: "sender",
		code,
		arrange({ simulator: { setUp } }) {
			if (setUp.number === undefined) {
				throw new Error("The simulated number does not exist.");
			}
			setUp.number = { ...setUp.number, ...changes };
		},
	};
}

function blockFault(kind: string, code: string): CheckFault<WhatsAppSimulator> {
	return {
		name: `sending is blocked by the ${kind}`,
		step: "sender",
		code,
		arrange({ simulator }) {
			simulator.setUp.blocked = [kind];
		},
	};
}

const ofTheNumber: readonly CheckFault<WhatsAppSimulator>[] = [
	{
		name: "the tokens belong to two apps",
		step: "credentials",
		code: "senders_of_two_apps",
		arrange({ service, simulator }) {
			const { token } = simulator.setUp.foreignToken;
			service.authentications.push({ authenticationId: "106540352242999", secrets: [token] });
		},
	},
	{
		name: "the app demands a proof that is switched off",
		step: "credentials",
		code: "proof_demanded",
		arrange({ simulator }) {
			simulator.setUp.demandsProof = true;
		},
	},
	{
		name: "the Phone number ID does not exist",
		step: "sender",
		code: "number_unknown",
		arrange({ simulator }) {
			simulator.setUp.number = undefined;
		},
	},
	numberFault("the number is banned", "number_banned", { status: "BANNED" }),
	numberFault("the number was deleted", "number_deleted", { status: "DELETED" }),
	numberFault("the number is disconnected", "number_disconnected", { status: "DISCONNECTED" }),
	numberFault("the number is not yet connected", "number_pending", { status: "PENDING" }),
	numberFault("the number is restricted", "number_restricted", { status: "RESTRICTED" }),
	numberFault("the number is not on the Cloud API", "number_not_registered", { platformType: "NOT_APPLICABLE" }),
	numberFault("the display name was declined", "name_declined", { nameStatus: "DECLINED" }),
	numberFault("the display name has expired", "name_expired", { nameStatus: "EXPIRED" }),
	blockFault("PHONE_NUMBER", "number_blocked"),
	blockFault("WABA", "account_blocked"),
	blockFault("BUSINESS", "business_blocked"),
	blockFault("APP", "app_blocked"),
	{
		name: "the number has a webhook of its own",
		step: "webhook",
		code: "webhook_overridden",
		arrange({ simulator }) {
			simulator.setUp.overrides = { phone_number: "https://another.example/hook" };
		},
	},
	{
		name: "another app gets the account's events",
		step: "webhook",
		code: "account_not_subscribed",
		arrange({ simulator }) {
			simulator.setUp.subscribedApps = [simulator.setUp.foreignToken.appId];
		},
	},
];

export const faults: readonly CheckFault<WhatsAppSimulator>[] = [...metaFaults, ...ofTheNumber];

export const notes: readonly CheckFault<WhatsAppSimulator>[] = [
	...metaNotes,
	{
		name: "the token may not look at the number",
		step: "sender",
		code: "number_not_told",
		arrange({ simulator }) {
			simulator.setUp.scopes = ["whatsapp_business_messaging"];
		},
	},
	{
		name: "the app demands a proof and gets it",
		step: "credentials",
		code: "ok",
		arrange({ service, simulator }) {
			simulator.setUp.demandsProof = true;
			service.settings["proveAppSecret"] = true;
		},
	},
	{
		name: "the app leads elsewhere, but the number to us",
		step: "webhook",
		code: "ok",
		arrange({ simulator, webhookUrl }) {
			const [webhook] = simulator.setUp.webhooks;
			if (webhook !== undefined) {
				webhook.callbackUrl = "https://another.example/hook";
			}
			simulator.setUp.overrides = { phone_number: webhookUrl };
		},
	},
];
