// Would this service work? The REST API is asked for the last batch of the service plan, and for a dry run of a message,
// which Sinch judges and does not send. The older API has no question at all: see `check-basic.ts`.
// POST /xms/v1/<service plan>/batches/dry_run answers {"number_of_recipients":1,"number_of_messages":1}; as documented at
// https://developers.sinch.com/docs/sms/api-reference/sms/batches, checked 2026-11-26.

import type { AttemptId } from "#domain/ids.ts";
import type { CheckStep, HttpAnswer, Tools } from "../contract.ts";
import { askInOrder, failed, noted, passed, refusal, toldBy } from "../kit/check-steps.ts";
import { asText } from "../kit/http.ts";
import { ownAddress } from "../kit/own-address.ts";
import { withoutPlus } from "../kit/phone.ts";
import { headersOf } from "./batches.ts";
import { checkBasic } from "./check-basic.ts";
import type { SinchSmsConfig } from "./form.ts";

type Our = { webhookUrl: string };
type Fields = Readonly<Record<string, unknown>>;

export async function check(config: SinchSmsConfig, our: Our, tools: Tools): Promise<readonly CheckStep[]> {
	if (config.mode === "basic") {
		return checkBasic(config, tools);
	}
	return askInOrder([
		async () => planSteps(await tools.http(toListCall(config)), config),
		async () => trialSteps(await tools.http(toTrialCall(config, our)), config, our),
	]);
}

function toListCall(config: SinchSmsConfig) {
	return { method: "GET", url: `${config.sendUrl ?? ""}?page_size=1`, headers: headersOf(config) } as const;
}

/** What the list of batches says about region, token and plan. */
function planSteps(answer: HttpAnswer, { account }: SinchSmsConfig): readonly CheckStep[] {
	const told = toldBy("Sinch", "credentials", answer);
	if (!told.ok) {
		return [told.step];
	}
	const plan = `the service plan ${account?.id ?? ""}`;
	const trouble = planTrouble(told.status, told.fields, plan);
	return trouble === undefined
		? [
				passed("region", `Sinch has ${plan} in this region.`),
				passed("credentials", `Sinch takes the API token of ${plan}.`),
				passed("scope", `The batches of ${plan} may be read.`),
			]
		: [trouble];
}

function planTrouble(status: number, fields: Fields, plan: string): CheckStep | undefined {
	switch (status) {
		case 401:
			return failed(
				"credentials",
				"token_refused",
				`Sinch does not take the API token for ${plan} (HTTP 401).`,
				"Copy service plan ID and API token again from the dashboard; keys of a project do not serve here.",
			);
		case 403:
			return denied(fields, plan);
		case 404:
			return failed(
				"region",
				"plan_unknown",
				`Sinch does not know ${plan} at this address (HTTP 404).`,
				"Name in Service Connection the region of the service plan: us, eu, au, br or ca.",
			);
		default:
			return status < 300 ? unlisted(fields) : refusal("Sinch", "credentials", status, codeIn(fields));
	}
}

function unlisted(fields: Fields): CheckStep | undefined {
	return Array.isArray(fields["batches"])
		? undefined
		: failed(
				"region",
				"not_the_sms_api",
				"Service Connection answers the question for batches with something else.",
				"Enter the address of the Sinch SMS API as Service Connection, such as https://eu.sms.api.sinch.com.",
			);
}

function denied(fields: Fields, plan: string): CheckStep {
	return codeIn(fields) === "blocked_account"
		? failed(
				"scope",
				"account_blocked",
				`Sinch has blocked the account of ${plan}.`,
				"Talk to the account manager of Sinch; messages wait meanwhile.",
			)
		: failed(
				"scope",
				"access_denied",
				`The API token may not use ${plan} (HTTP 403 ${codeIn(fields)}).`,
				"Ask the account manager of Sinch what the plan lacks.",
			);
}

/** Sinch's codes are words with underscores; nothing else is repeated. */
function codeIn(fields: Fields): string {
	const code = asText(fields["code"]) ?? "";
	return /^[a-z_]{1,60}$/.test(code) ? code : "";
}

const callbackUrlMax = 2048; // The provider's limit.
const example = "+447700900123"; // Of the range that Ofcom keeps free for fiction.

function callbackUrl({ account, deliveryReport, namesCallbackUrl }: SinchSmsConfig, { webhookUrl }: Our) {
	return deliveryReport !== "none" && namesCallbackUrl
		? ownAddress({ webhookUrl, attemptId: "0".repeat(32) as AttemptId }, account?.secret)
		: undefined;
}

function toTrialCall(config: SinchSmsConfig, our: Our) {
	const callback = callbackUrl(config, our);
	const body = {
		type: "mt_text",
		...(config.sender === undefined ? {} : { from: withoutPlus(config.sender) }),
		to: [example],
		body: "Check",
		delivery_report: config.deliveryReport,
		...(callback === undefined || callback.length > callbackUrlMax ? {} : { callback_url: callback }),
	};
	return {
		method: "POST",
		url: `${config.sendUrl ?? ""}/dry_run`,
		headers: { ...headersOf(config), "content-type": "application/json" },
		body: JSON.stringify(body),
	} as const;
}

/** What the dry run says about the sender, and about where reports would go. */
function trialSteps(answer: HttpAnswer, config: SinchSmsConfig, our: Our): readonly CheckStep[] {
	const told = toldBy("Sinch", "sender", answer);
	if (!told.ok) {
		return [told.step];
	}
	const code = codeIn(told.fields);
	if (code === "blocked_account") {
		return [denied(told.fields, `the service plan ${config.account?.id ?? ""}`)];
	}
	const sender = senderStep(told.status, code, config);
	return sender.ok ? [sender, webhookStep(code, config, our)] : [sender];
}

const aboutReports = "missing_callback_url";
/** The invented recipient is the cause of these, not the service. */
const aboutRecipient = ["illegal_number_type", "llegal_number_type"];

function senderStep(status: number, code: string, { sender }: SinchSmsConfig): CheckStep {
	if (status < 300 || code === aboutReports || aboutRecipient.includes(code)) {
		return passed(
			"sender",
			sender === undefined
				? "No sender is set, so each message has to name one."
				: `Sinch would take a message from ${sender}.`,
		);
	}
	if (code === "unknown_campaign") {
		return failed(
			"sender",
			"sender_without_campaign",
			`The sender ${sender ?? ""} belongs to no campaign of the service plan.`,
			"Assign the number to the campaign in the Sinch dashboard.",
		);
	}
	if (sender === undefined) {
		return status === 400
			? passed("sender", "No sender is set and the service plan has none by default, so each message has to name one.")
			: refusal("Sinch", "sender", status, code);
	}
	return failed(
		"sender",
		"sender_refused",
		`Sinch would not take a message from ${sender} (HTTP ${status} ${code}).`,
		"Enter a number of the service plan, a short code or a name that Sinch has approved in the setting Sender.",
	);
}

function webhookStep(code: string, config: SinchSmsConfig, our: Our): CheckStep {
	const callback = callbackUrl(config, our);
	if (code === aboutReports) {
		return failed(
			"webhook",
			"no_callback_url",
			"The service plan has no callback URL, and messages name none for their reports.",
			`Enter ${our.webhookUrl} as callback URL of the service plan, or let each message name the callback address.`,
		);
	}
	if (callback !== undefined && callback.length > callbackUrlMax) {
		return failed(
			"webhook",
			"callback_url_too_long",
			`The address for reports has ${callback.length} characters; Sinch takes ${callbackUrlMax}.`,
			"Make publicBaseUrl or basePath shorter.",
		);
	}
	const reports = callback === undefined ? "Reports go where the plan says" : "Messages name the address for reports";
	return noted(
		"webhook",
		"webhook_not_shown",
		`${reports}; Sinch does not tell which callback URL the plan has for messages of contacts.`,
		`Compare it in the dashboard with ${our.webhookUrl}.`,
	);
}
