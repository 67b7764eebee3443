// What can be wrong with a Facebook page beyond what can be wrong with any product of Meta.

import type { CheckStepName } from "#connectors/contract.ts";
import type { FacebookSimulator } from "#simulators/facebook.ts";
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
	"webhook", // The subscription of the page.
	"publicUrl",
];

const ofThePage: readonly CheckFault<FacebookSimulator>[] = [
	{
		name: "the token is a person's",
		step: "scope",
		code: "not_a_page_token",
		arrange({ simulator }) {
			simulator.setUp.tokenType = "USER";
			simulator.setUp.profileId = undefined;
		},
	},
	{
		name: "the token is another page's",
		step: "scope",
		code: "token_of_another_page",
		arrange({ simulator }) {
			simulator.setUp.profileId = "104857600000009";
		},
	},
	{
		name: "the permission was given for other pages only",
		step: "scope",
		code: "permission_not_for_page",
		arrange({ simulator }) {
			simulator.setUp.targets = ["104857600000009"];
		},
	},
	{
		name: "the page was deleted",
		step: "sender",
		code: "page_unknown",
		arrange({ simulator }) {
			simulator.setUp.pageName = undefined;
		},
	},
	{
		name: "the page is not published",
		step: "sender",
		code: "page_not_published",
		arrange({ simulator }) {
			simulator.setUp.isPublished = false;
		},
	},
	{
		name: "the app is not subscribed to the page",
		step: "webhook",
		code: "page_not_subscribed",
		arrange({ simulator }) {
			simulator.setUp.subscribedFields = undefined;
		},
	},
	{
		name: "the subscription of the page brings no messages",
		step: "webhook",
		code: "page_fields_missing",
		arrange({ simulator }) {
			simulator.setUp.subscribedFields = ["feed"];
		},
	},
];

export const faults: readonly CheckFault<FacebookSimulator>[] = [...metaFaults, ...ofThePage];

export const notes: readonly CheckFault<FacebookSimulator>[] = [
	...metaNotes,
	{
		name: "the app lacks a field that receipts need",
		step: "webhook",
		code: "webhook_fields_incomplete",
		arrange({ simulator }) {
			simulator.setUp.webhooks = simulator.setUp.webhooks.map((webhook) => ({ ...webhook, fields: ["messages"] }));
		},
	},
	{
		name: "the token may not tell what is subscribed",
		step: "webhook",
		code: "subscription_not_told",
		arrange({ simulator }) {
			simulator.setUp.scopes = ["pages_messaging"];
		},
	},
];
