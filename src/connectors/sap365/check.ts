// Would this service work? Neither interface has a question that is known to be harmless, so each is given an order without
// recipient and text, which can send nothing: what is objected to tells whether the account is taken. That credentials are
// looked at first is not documented.

import type { CheckStep, HttpAnswer, HttpCall, Tools } from "../contract.ts";
import { freshToken } from "../kit/check-token.ts";
import { failed, noted, passed, refusal, toldBy } from "../kit/check-steps.ts";
import { basicOf } from "../kit/oauth2.ts";
import { type Sap365Config, tokenClientOf } from "./form.ts";
import { codeIn } from "./push.ts";

export async function check(
	config: Sap365Config,
	our: { webhookUrl: string },
	tools: Tools,
): Promise<readonly CheckStep[]> {
	const trouble = config.settings.mode === "push" ? await pushTrouble(config, tools) : await apiTrouble(config, tools);
	if (trouble !== undefined) {
		return [trouble];
	}
	const id = config.account?.id ?? "";
	return [
		passed("region", "The interface of SAP answers at this address."),
		passed("credentials", `SAP objects to what an empty order lacks, and not to ${id}.`),
		passed("scope", `SAP does not say that ${id} may not send.`),
		noted(
			"webhook",
			"webhook_not_shown",
			"SAP does not tell which addresses it calls for messages of contacts.",
			`Ask the support of the account whether they are forwarded to ${our.webhookUrl}.`,
		),
	];
}

function toEmptyPush({ sendUrl, account }: Sap365Config): HttpCall {
	return {
		method: "POST",
		url: sendUrl ?? "",
		headers: { authorization: `Basic ${basicOf(account?.id ?? "", account?.secrets[0] ?? "")}` },
		body: ["Version=2.0", "[MSISDN]", "[MESSAGE]", "[SETUP]", "[END]"].join("\n"),
	};
}

const unavailable = ["5001", "5002", "5003", "5004", "5005", "5006", "8000"];

async function pushTrouble(config: Sap365Config, tools: Tools): Promise<CheckStep | undefined> {
	const answer = await tools.http(toEmptyPush(config));
	const code = answer.kind === "answered" && answer.status === 400 ? codeIn(answer.body) : undefined;
	if (code === "600F") {
		return accountRefused(config, "600F");
	}
	if (code !== undefined && unavailable.includes(code)) {
		return failed(
			"credentials",
			"server_unavailable",
			`SAP cannot take messages at the moment (${code}).`,
			"Check again in a few minutes; messages wait meanwhile.",
		);
	}
	return code !== undefined && /^60[0-9A-F]{2}$/.test(code) ? undefined : statusTrouble(answer, config, pushAddress);
}

function accountRefused({ account }: Sap365Config, said: string): CheckStep {
	return failed(
		"credentials",
		"account_refused",
		`SAP refuses the account ${account?.id ?? ""} or its password (${said}).`,
		"Enter account name and password again; the name stands twice in the address, too.",
	);
}

type Place = { code: string; advice: string };

const pushAddress: Place = {
	code: "not_the_push",
	advice: "Enter the address with its cluster, such as https://sms-pp.sapmobileservices.com/cmn.",
};
const apiAddress: Place = {
	code: "not_live_link",
	advice: "Enter the address of Live Link 365, such as https://livelink.sapmobileservices.com/api.",
};

/** What is wrong by the status alone; never undefined: the answer is not the objection that was waited for. */
function statusTrouble(answer: HttpAnswer, config: Sap365Config, place: Place): CheckStep {
	const told = toldBy("SAP", "credentials", answer);
	if (!told.ok) {
		return told.step;
	}
	const id = config.account?.id ?? "";
	switch (told.status) {
		case 401:
			return accountRefused(config, "HTTP 401");
		case 403:
			return failed("scope", "access_denied", `${id} may not send (HTTP 403).`, "Ask the support of the account.");
		case 410:
			return failed("region", "address_gone", "This address is gone for good (HTTP 410).", place.advice);
		case 404:
		case 405:
			return elsewhere(told.status, place);
		default:
			return told.status <= 400 ? elsewhere(told.status, place) : refusal("SAP", "credentials", told.status);
	}
}

function elsewhere(status: number, { code, advice }: Place): CheckStep {
	return failed(
		"region",
		code,
		`Service Connection answers an empty order with HTTP ${status}, as SAP does not.`,
		advice,
	);
}

const tokenAdvice = {
	onRefusal: "Copy app key and app secret again from the settings of the Live Link 365 account.",
	onAddress: "Leave Authentication URL empty, or enter the token endpoint of Live Link 365.",
};

async function apiTrouble(config: Sap365Config, tools: Tools): Promise<CheckStep | undefined> {
	const token = await freshToken(tokenClientOf(config), tokenAdvice, tools);
	if (!token.ok) {
		return token.step;
	}
	const answer = await tools.http({
		method: "POST",
		url: config.sendUrl ?? "",
		headers: {
			authorization: `Bearer ${token.accessToken}`,
			"content-type": "application/json",
			accept: "application/json",
		},
		body: "{}",
	});
	const told = toldBy("SAP", "credentials", answer);
	if (told.ok && told.status === 401) {
		return failed(
			"credentials",
			"token_refused",
			"Live Link 365 refuses a fresh access token (HTTP 401).",
			"See that Authentication URL belongs to the Service Connection, then make a new app key.",
		);
	}
	// The API's errors are JSON; a page with the same status is somebody else's.
	const isObjection = told.ok && told.status === 400 && Object.keys(told.fields).length > 0;
	return isObjection ? undefined : statusTrouble(answer, config, apiAddress);
}
