// Whether a Twilio account would work: its credentials, its senders, and where their webhooks lead. Only GETs, which
// change nothing; README.md says which of them are from memory.
//   GET /2010-04-01/Accounts/AC….json                      {"status":"active","type":"Full",…}
//   GET /2010-04-01/Accounts/AC…/IncomingPhoneNumbers.json {"incoming_phone_numbers":[{"sms_url":"…",…}]}

import { asText } from "../kit/http.ts";
import {
	askInOrder,
	failed,
	leadsTo,
	noted,
	passed,
	type Question,
	refusal,
	shownUrl,
	type Told,
	toldBy,
} from "../kit/check-steps.ts";
import type { CheckStep, CheckStepName, Tools } from "../contract.ts";
import { type Asked, accountUrl, basic, type Credentials, messagingUrl, type TwilioApi } from "./resources.ts";
import type { TwilioConfig } from "./form.ts";
import { type Sender, sendersOfAccount, sendersOfService, unreadable } from "./senders.ts";

type Our = { webhookUrl: string };

export async function check(config: TwilioConfig, our: Our, tools: Tools): Promise<readonly CheckStep[]> {
	const { user, accountSid, origin } = config;
	if (user?.secret === undefined || accountSid === undefined || origin === undefined) {
		return [];
	}
	const sending = { id: user.id, secret: user.secret };
	const ask: Asked = async (step, url, as = sending) =>
		toldBy("Twilio", step, await tools.http({ method: "GET", url, headers: basic(as) }));
	const api: TwilioApi = { origin, accountSid, ask };
	const questions: readonly Question[] = [
		() => [region(origin)],
		() => (sending.id === accountSid ? account(api, sending, ofAccount) : key(api)),
		() => signing(api, config),
		...(config.messagingServiceSid === undefined
			? plainQuestions(api, config, our)
			: serviceQuestions(api, config, { ...our, serviceSid: config.messagingServiceSid })),
	];
	return askInOrder(questions);
}

// https://www.twilio.com/docs/global-infrastructure: product, then edge and region, or the region alone.
const regionalHost = /^api(?:\.(?:[a-z-]+\.)?([a-z]{2}\d))?\.twilio\.com$/;

function region(origin: string): CheckStep {
	const { hostname } = new URL(origin);
	if (!/(?:^|\.)twilio\.com$/.test(hostname)) {
		return passed("region", `${hostname} is not a host of Twilio's own; it names no region.`);
	}
	const found = regionalHost.exec(hostname);
	return found === null
		? failed(
				"region",
				"region_unknown",
				`${hostname} is not a host of Twilio's API.`,
				"Use https://api.twilio.com, or api.<edge>.<region>.twilio.com for an account outside the United States.",
			)
		: passed("region", `${hostname} serves the region ${found[1] ?? "us1"}; credentials of another one are refused.`);
}

type AccountWords = { refused: string; says: string; advice: string };
const ofAccount: AccountWords = {
	refused: "credentials_refused",
	says: "Twilio refuses the auth token of",
	advice: "Copy Account SID and auth token from the Twilio Console once more; each region has its own token.",
};
const ofSigning: AccountWords = {
	refused: "signing_token_refused",
	says: "The entry webhook does not hold the auth token of",
	advice: "Copy the auth token of the account into the entry webhook; with another one no webhook is genuine.",
};

const inactive: Readonly<Record<string, [code: string, advice: string]>> = {
	suspended: ["account_suspended", "Look for the reason in the Twilio Console; often the balance is used up."],
	closed: ["account_closed", "Enter another account; a closed one cannot be opened again."],
};

async function account({ accountSid, origin, ask }: TwilioApi, as: Credentials, words: AccountWords) {
	const told = await ask("credentials", `${origin}/2010-04-01/Accounts/${accountSid}.json`, as);
	if (!told.ok) {
		return [told.step];
	}
	if (told.status === 401) {
		return [failed("credentials", words.refused, `${words.says} ${accountSid}.`, words.advice)];
	}
	if (told.status !== 200) {
		return [refusedIn("credentials", told, accountSid)];
	}
	const status = asText(told.fields["status"]) ?? "";
	const [code, advice] = inactive[status] ?? [];
	if (code !== undefined && advice !== undefined) {
		return [failed("credentials", code, `The account ${accountSid} is ${status}.`, advice)];
	}
	return [
		told.fields["type"] === "Trial"
			? noted(
					"credentials",
					"trial_account",
					`${accountSid} is a trial account: it sends to verified numbers only.`,
					"Upgrade the account before real contacts are written to.",
				)
			: passed("credentials", `Twilio knows ${accountSid} and its auth token.`),
	];
}

/** A key may not read the account itself, so it is tried on what it is for. */
async function key({ ask, accountSid, origin }: TwilioApi): Promise<readonly CheckStep[]> {
	const told = await ask("credentials", `${accountUrl({ origin, accountSid })}/Messages.json?PageSize=1`);
	if (!told.ok) {
		return [told.step];
	}
	if (told.status === 401) {
		const advice = "Copy SID and secret of the key once more; a key of another account or region is refused as well.";
		return [failed("credentials", "key_refused", `Twilio refuses the API key for ${accountSid}.`, advice)];
	}
	if (told.status === 403) {
		const advice = "Let the restricted key read and create messages, or make a standard key.";
		return [failed("scope", "key_not_permitted", "The API key may not read messages.", advice)];
	}
	return [
		told.status === 200
			? passed("credentials", `Twilio knows the API key of ${accountSid}.`)
			: refusedIn("credentials", told, accountSid),
	];
}

function refusedIn(step: CheckStepName, { status, fields }: Extract<Told, { ok: true }>, sid: string): CheckStep {
	if (status === 404) {
		const advice = "Correct the SID, or Service Connection: the account may live in another region.";
		return failed(step, "account_unknown", `Twilio knows no account ${sid}.`, advice);
	}
	const code = typeof fields["code"] === "number" ? `error ${fields["code"]}` : "";
	return refusal("Twilio", step, status, code);
}

/** Twilio signs with the auth token of the account, whatever sending uses. */
function signing(api: TwilioApi, { signingSecrets, user }: TwilioConfig) {
	const [secret] = signingSecrets;
	if (secret === undefined) {
		const says = "There is no auth token of the account, so every webhook call is refused.";
		return [
			failed("credentials", "signing_token_missing", says, "Add the entry webhook with the account's auth token."),
		];
	}
	return user?.id === api.accountSid ? [] : account(api, { id: api.accountSid, secret }, ofSigning);
}

function plainQuestions(api: TwilioApi, config: TwilioConfig, our: Our): readonly Question[] {
	let senders: readonly Sender[] | undefined;
	return [
		async () => {
			const found = await sendersOfAccount(api);
			senders = found.ok ? found.senders : undefined;
			return [found.ok ? senderStep(found.senders, api.accountSid) : found.step];
		},
		() => (senders === undefined ? [] : webhooksOf(senders, our)),
		() => (config.statusCallbacks ? [] : [noCallbacks]),
	];
}

function senderStep(senders: readonly Sender[], accountSid: string): CheckStep {
	if (senders.length === 0) {
		const advice = "Get a number or another sender in the Twilio Console.";
		return failed("sender", "no_sender", `The account ${accountSid} has no number to send from.`, advice);
	}
	const able = senders.filter(({ sends }) => sends);
	return able.length === 0
		? failed(
				"sender",
				"sender_without_messages",
				`None of the ${senders.length} numbers of the account can send messages.`,
				"Get a number with the capability SMS, or send through a Messaging Service.",
			)
		: passed("sender", `The account has ${able.length} senders, for example ${able[0]?.name ?? ""}.`);
}

const noCallbacks = noted(
	"webhook",
	"no_status_callbacks",
	"Ask for status callbacks is off and there is no Messaging Service that could have one of its own.",
	"Switch the setting on, or nobody learns whether messages arrive.",
);

/** At least one sender must lead to us: the others may belong to another program. */
function webhooksOf(senders: readonly Sender[], { webhookUrl }: Our): readonly CheckStep[] {
	const able = senders.filter(({ sends }) => sends);
	const urls = able.map(({ url }) => url).filter((url) => url !== undefined);
	const ours = urls.filter((url) => leadsTo(webhookUrl, url));
	const enter = `Enter ${webhookUrl}#rc=5&rp=all for “A message comes in” at each number of this service.`;
	const [first] = urls;
	if (first === undefined) {
		const evidence = "No sender of the account has a webhook for incoming messages.";
		return [failed("webhook", "webhook_missing", evidence, enter)];
	}
	if (ours.length === 0) {
		const evidence = `Incoming messages go to ${shownUrl(first)}, not to this service.`;
		return [failed("webhook", "webhook_elsewhere", evidence, enter)];
	}
	return ours.every(hasRetries)
		? [passed("webhook", `${ours.length} of ${able.length} senders lead to this service.`)]
		: [noted("webhook", "webhook_without_retries", "Twilio would not repeat a call that failed.", enter)];
}

function hasRetries(url: string): boolean {
	return new URLSearchParams(URL.parse(url)?.hash.slice(1)).has("rc");
}

type OurService = Our & { serviceSid: string };

function serviceQuestions(api: TwilioApi, config: TwilioConfig, our: OurService): readonly Question[] {
	let service: Readonly<Record<string, unknown>> | undefined;
	return [
		async () => {
			const told = await api.ask("sender", messagingUrl(api.origin, `v1/Services/${our.serviceSid}`));
			if (!told.ok || told.status !== 200) {
				return [told.ok ? noService(told, our.serviceSid) : told.step];
			}
			service = told.fields;
			return [await serviceSenders(api, our.serviceSid)];
		},
		() => (service === undefined ? [] : serviceWebhook(api, service, our)),
		() => (service === undefined || config.statusCallbacks ? [] : [callbackOf(service, our)]),
	];
}

function noService({ status }: Extract<Told, { ok: true }>, serviceSid: string): CheckStep {
	if (status !== 404) {
		return unreadable(status, "Messaging Services");
	}
	const advice = "Correct the Messaging Service SID in the settings; it must belong to the same account.";
	return failed("sender", "messaging_service_unknown", `There is no Messaging Service ${serviceSid}.`, advice);
}

async function serviceSenders(api: TwilioApi, serviceSid: string): Promise<CheckStep> {
	const found = await sendersOfService(api, serviceSid);
	if (!found.ok) {
		return found.step;
	}
	return found.count === 0
		? failed(
				"sender",
				"messaging_service_empty",
				`The Messaging Service ${serviceSid} has no sender.`,
				"Add a number to its Sender Pool in the Twilio Console.",
			)
		: passed("sender", `The Messaging Service ${serviceSid} has senders.`);
}

async function serviceWebhook(
	api: TwilioApi,
	service: Readonly<Record<string, unknown>>,
	our: OurService,
): Promise<readonly CheckStep[]> {
	if (service["use_inbound_webhook_on_number"] === true) {
		const found = await sendersOfAccount(api);
		return found.ok ? webhooksOf(found.senders, our) : [{ ...found.step, step: "webhook" }];
	}
	const url = asText(service["inbound_request_url"]);
	const enter = `Enter ${our.webhookUrl}#rc=5&rp=all under Integration, “Send a webhook”, of the Messaging Service.`;
	if (url === undefined) {
		const evidence = `The Messaging Service ${our.serviceSid} drops incoming messages.`;
		return [failed("webhook", "service_webhook_missing", evidence, enter)];
	}
	if (!leadsTo(our.webhookUrl, url)) {
		const evidence = `The Messaging Service sends incoming messages to ${shownUrl(url)}, not to this service.`;
		return [failed("webhook", "service_webhook_elsewhere", evidence, enter)];
	}
	return hasRetries(url)
		? [passed("webhook", "The Messaging Service leads to this service.")]
		: [noted("webhook", "webhook_without_retries", "Twilio would not repeat a call that failed.", enter)];
}

/** Only where we name no address of our own with each message. */
function callbackOf(service: Readonly<Record<string, unknown>>, { webhookUrl }: Our): CheckStep {
	const url = asText(service["status_callback"]);
	const advice = `Switch Ask for status callbacks on, or enter ${webhookUrl} as status callback of the Messaging Service.`;
	if (url === undefined) {
		const evidence = "Neither we nor the Messaging Service ask for status callbacks.";
		return failed("webhook", "status_callback_missing", evidence, advice);
	}
	return leadsTo(webhookUrl, url)
		? passed("webhook", "The status callback of the Messaging Service leads to this service.")
		: failed("webhook", "status_callback_elsewhere", `Status callbacks go to ${shownUrl(url)}.`, advice);
}
