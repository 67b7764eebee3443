// What can be wrong with a gateway that is called by HTTP, as far as it is certain without asking it.

import type { CheckStepName } from "#connectors/contract.ts";
import type { CheckFault } from "./stage.ts";

export const nothingToAsk =
	"The gateway is whatever an administrator describes. It has one request, the one that sends; all else would be a guess.";

export const steps: readonly CheckStepName[] = [
	...(["address", "dns", "tls", "clock"] as const),
	...(["credentials", "sender", "webhook", "publicUrl"] as const),
];

export const faults: readonly CheckFault[] = [
	{
		name: "the request asks for credentials that are not there",
		step: "credentials",
		code: "incomplete",
		arrange({ service }) {
			service.authentications = [];
		},
	},
	{
		name: "the password cannot stand in a header",
		step: "credentials",
		code: "credentials_unfit",
		arrange({ service }) {
			service.settings["headers"] = ["X-Api-Key: {{password}}"];
			service.authentications = service.authentications.map((entry) => ({ ...entry, secrets: ["pässwort-für-alle"] }));
		},
	},
	{
		name: "nothing carries the credentials",
		step: "credentials",
		code: "credentials_unused",
		arrange({ service }) {
			service.settings["headers"] = [];
		},
	},
	{
		name: "nothing names the recipient",
		step: "sender",
		code: "recipient_not_sent",
		arrange({ service }) {
			service.settings["body"] = "text={{text}}";
		},
	},
	{
		name: "nothing carries the text",
		step: "sender",
		code: "text_not_sent",
		arrange({ service }) {
			service.settings["body"] = "to={{to}}";
		},
	},
	{
		name: "our number is none",
		step: "sender",
		code: "sender_unusable",
		arrange({ service }) {
			service.settings["ourAddress"] = "the number of our shop";
		},
	},
	{
		name: "no call can be read",
		step: "webhook",
		code: "calls_unreadable",
		arrange({ service }) {
			Object.assign(service.settings, { messageText: "", receiptStatus: "" });
		},
	},
	{
		name: "receipts are asked for, and their status has no name",
		step: "webhook",
		code: "receipt_status_unnamed",
		arrange({ service }) {
			service.settings["receiptStatus"] = "";
		},
	},
	{
		name: "receipts come to an address without a proof",
		step: "webhook",
		code: "receipt_address_unproven",
		arrange({ service }) {
			service.settings["headers"] = ["X-Api-User: {{user}}"];
			service.authentications = service.authentications.map((entry) => ({ ...entry, secrets: [] }));
		},
	},
];

export const notes: readonly CheckFault[] = [
	{
		name: "only a message shows whether the gateway takes the credentials",
		step: "credentials",
		code: "credentials_not_asked",
		arrange: () => {},
	},
	{ name: "webhooks are not shown", step: "webhook", code: "webhook_not_shown", arrange: () => {} },
	{
		name: "with a number of ours",
		step: "sender",
		code: "ok",
		arrange({ service }) {
			service.settings["ourAddress"] = "+447700900123";
		},
	},
];
