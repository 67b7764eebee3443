// The older API knows nothing but sending. It is asked for a send without sender, recipient and text, which can send nothing:
// what it objects to tells whether it takes the user. That it looks at the user first is not documented.

import type { CheckStep, HttpAnswer, Tools } from "../contract.ts";
import { failed, passed, toldBy } from "../kit/check-steps.ts";
import { bodyText } from "../kit/http.ts";
import type { SinchSmsConfig } from "./form.ts";

export async function checkBasic(config: SinchSmsConfig, tools: Tools): Promise<readonly CheckStep[]> {
	const { id = "", secret = "" } = config.account ?? {};
	const query = new URLSearchParams({ username: id, password: secret });
	const url = `${config.sendUrl ?? ""}?${query.toString()}`;
	return stepsOf(await tools.http({ method: "GET", url, headers: { accept: "text/plain" } }), id);
}

function stepsOf(answer: HttpAnswer, user: string): readonly CheckStep[] {
	const status = answer.kind === "answered" ? answer.status : 0;
	const words = answer.kind === "answered" ? bodyText(answer.body) : "";
	if (status === 400 && /missing|syntax|invalid/i.test(words)) {
		return [
			passed("region", "The older API of Sinch answers at this address."),
			passed("credentials", `Sinch objects to what an empty message lacks, and not to the user ${user}.`),
			passed("scope", `The account of ${user} is not blocked.`),
		];
	}
	const known = troubleOf(status, words, user);
	if (known !== undefined) {
		return [known];
	}
	const told = toldBy("Sinch", "credentials", answer);
	return told.ok ? [notThisApi(status)] : [told.step.code === "not_the_api" ? notThisApi(status) : told.step];
}

function troubleOf(status: number, words: string, user: string): CheckStep | undefined {
	switch (status) {
		case 203:
			return failed(
				"credentials",
				"credentials_not_seen",
				"Sinch says that user name and password are missing, though they were sent.",
				"See whether a proxy on the way takes the query out of addresses.",
			);
		case 307:
			return failed("credentials", "throttled", `The account of ${user} sends too fast.`, "Check again in a minute.");
		case 401:
			return unauthorised(words, user);
		case 402:
			return failed(
				"scope",
				"account_blocked",
				`Sinch has blocked the account of ${user}.`,
				"Talk to the account manager of Sinch; messages wait meanwhile.",
			);
		case 403:
			return failed("scope", "access_denied", `The user ${user} may not send (HTTP 403).`, "Ask the account manager.");
		default:
			return undefined;
	}
}

function unauthorised(words: string, user: string): CheckStep {
	if (/not found/i.test(words)) {
		return failed("credentials", "user_unknown", `Sinch knows no user ${user}.`, "Copy the user name again.");
	}
	if (/password/i.test(words)) {
		return failed("credentials", "password_refused", `The password of ${user} is another one.`, "Enter it again.");
	}
	return failed(
		"credentials",
		"user_refused",
		`Sinch does not let ${user} in from here (HTTP 401).`,
		"Give Sinch the address from which this server calls, or enter user name and password again.",
	);
}

function notThisApi(status: number): CheckStep {
	return failed(
		"region",
		"not_the_older_api",
		`Service Connection answers HTTP ${status}, which the older API of Sinch does not say to an empty message.`,
		"Enter host and port of the account details, such as https://http-eu1.clxcommunications.com:3801.",
	);
}
