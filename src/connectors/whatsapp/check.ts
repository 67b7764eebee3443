// Whether the numbers of a service would work: registered, in good standing, their account's events sent to the app. From
// memory of the Cloud API's reference; README.md says what is not checked.
//   GET /{phone number id}?fields=…   {"id":"1065…","display_phone_number":"+1 555 0783881","status":"CONNECTED",
//     "platform_type":"CLOUD_API","name_status":"APPROVED","webhook_configuration":{"application":"https://…"},
//     "health_status":{"can_send_message":"AVAILABLE","entities":[{"entity_type":"WABA","id":"…","can_send_message":"…"}]}}
//   GET /{account id}/subscribed_apps {"data":[{"whatsapp_business_api_data":{"id":"<app id>","name":"…"}}]}

import type { CheckStep, Tools } from "../contract.ts";
import { failed, noted, passed } from "../kit/check-steps.ts";
import { asArray, asObject, asText } from "../kit/http.ts";
import { type AskedSender, checkMeta, type MetaProduct } from "../kit/meta-check.ts";
import type { Graph } from "../kit/meta-questions.ts";
import type { WhatsAppConfig } from "./form.ts";

type Fields = Readonly<Record<string, unknown>>;

export function check(
	config: WhatsAppConfig,
	our: { webhookUrl: string },
	tools: Tools,
): Promise<readonly CheckStep[]> {
	const { appSecrets, verifyTokens, tokens, numbers, proveAppSecret, serviceConnection } = config;
	const access = {
		product: "WhatsApp",
		graphApi: serviceConnection,
		appSecret: appSecrets[0],
		proves: proveAppSecret,
		secrets: [...tokens, ...appSecrets, ...verifyTokens],
		senders: numbers.map(({ phoneNumberId, token }) => ({ id: phoneNumberId, token })),
	};
	return checkMeta(access, cloudApi(), our, tools);
}

function cloudApi(): MetaProduct {
	const told = new Map<string, Fields>();
	return {
		senderWord: "number",
		scope: "whatsapp_business_messaging",
		webhook: { object: "whatsapp_business_account", needed: ["messages"], wanted: [] },
		judgeToken: () => undefined,
		askSender: async (graph, sender) => {
			const { step, fields } = await askNumber(graph, sender);
			told.set(sender.id, fields);
			return [step];
		},
		overrideOf: ({ id }) => overrideIn(told.get(id)),
		askSubscription: (graph, sender, appId) =>
			askSubscription(graph, sender, { appId, accountId: accountIn(told.get(sender.id)) }),
	};
}

/** An address of the number stands before one of the account, and that before the app's. */
function overrideIn(fields: Fields | undefined): string | undefined {
	const addresses = asObject(fields?.["webhook_configuration"]);
	return asText(addresses?.["phone_number"]) ?? asText(addresses?.["whatsapp_business_account"]);
}

function entitiesIn(fields: Fields | undefined): readonly Fields[] {
	return asArray(asObject(fields?.["health_status"])?.["entities"])
		.map(asObject)
		.filter((entity) => entity !== undefined);
}

/** The number tells its WhatsApp Business Account only among those that its health depends on. */
function accountIn(fields: Fields | undefined): string | undefined {
	const account = entitiesIn(fields).find((entity) => entity["entity_type"] === "WABA");
	return asText(account?.["id"]);
}

const askedFields =
	"id,display_phone_number,verified_name,status,platform_type,name_status,webhook_configuration,health_status";

const numberUnknown = {
	code: "number_unknown",
	says: "Meta knows no such number, or the token may not see it",
	advice: "Enter the Phone number ID (not the number itself), and give the system user access to its account.",
};

async function askNumber(graph: Graph, sender: AskedSender): Promise<{ step: CheckStep; fields: Fields }> {
	const query = { fields: askedFields };
	const told = await graph({ step: "sender", path: sender.id, ...sender, query, unknown: numberUnknown });
	if (!told.ok) {
		const isHidden = told.step.code === "permission_missing";
		return { step: isHidden ? notTold("sender", sender) : told.step, fields: {} };
	}
	const { fields } = told;
	const problem = problemOfState(fields, sender) ?? problemOfHealth(fields, sender);
	const shown = asText(fields["display_phone_number"]) ?? "without a number";
	return { step: problem ?? passed("sender", `The ${sender.about} is ${shown} and may send.`), fields };
}

type Word = [code: string, says: string, advice: string];
const statusWords: Readonly<Record<string, Word>> = {
	BANNED: ["number_banned", "is banned", "Ask for a review in WhatsApp Manager."],
	DELETED: ["number_deleted", "was deleted", "Remove its authentication, or add the number again at Meta."],
	DISCONNECTED: ["number_disconnected", "is disconnected", "Register the number again with the Cloud API."],
	PENDING: ["number_pending", "is not yet connected", "Register the number with the Cloud API."],
	RESTRICTED: ["number_restricted", "is restricted", "Look into WhatsApp Manager for the reason and the end of it."],
};
const nameWords: Readonly<Record<string, Word>> = {
	DECLINED: ["name_declined", "has a display name that Meta declined", "Ask for another display name."],
	EXPIRED: ["name_expired", "has a display name whose approval has expired", "Ask for the display name once more."],
};

function problemOfState(fields: Fields, { about }: AskedSender): CheckStep | undefined {
	const platform = asText(fields["platform_type"]);
	const unready: Word = ["number_not_registered", "is not registered with the Cloud API", "Register the number there."];
	const word =
		statusWords[asText(fields["status"]) ?? ""] ??
		(platform !== undefined && platform !== "CLOUD_API" ? unready : undefined) ??
		nameWords[asText(fields["name_status"]) ?? ""];
	return word === undefined ? undefined : failed("sender", word[0], `The ${about} ${word[1]}.`, word[2]);
}

const entities: Readonly<Record<string, [code: string, name: string]>> = {
	PHONE_NUMBER: ["number_blocked", "the number"],
	WABA: ["account_blocked", "the WhatsApp Business Account"],
	BUSINESS: ["business_blocked", "the business"],
	APP: ["app_blocked", "the Meta app"],
};

function problemOfHealth(fields: Fields, { about }: AskedSender): CheckStep | undefined {
	const blocked = entitiesIn(fields).find((entity) => entity["can_send_message"] === "BLOCKED");
	if (blocked === undefined) {
		return undefined;
	}
	const [code, name] = entities[asText(blocked["entity_type"]) ?? ""] ?? ["sending_blocked", "Meta"];
	const error = asObject(asArray(blocked["errors"])[0]);
	const number = typeof error?.["error_code"] === "number" ? ` (error ${error["error_code"]})` : "";
	const advice = "Open WhatsApp Manager: it says what to do, often about payment or the review of the business.";
	return failed("sender", code, `The ${about} may not send because of ${name}${number}.`, advice);
}

function notTold(step: "sender" | "webhook", { about }: AskedSender): CheckStep {
	return noted(
		step,
		step === "sender" ? "number_not_told" : "subscription_not_told",
		`The access token may not look at the ${step === "sender" ? "state" : "subscription"} of ${about}.`,
		"Generate the token with the permission whatsapp_business_management as well, and check again.",
	);
}

async function askSubscription(
	graph: Graph,
	sender: AskedSender,
	{ appId, accountId }: { appId: string; accountId: string | undefined },
): Promise<readonly CheckStep[]> {
	if (accountId === undefined) {
		return [notTold("webhook", sender)];
	}
	const told = await graph({ step: "webhook", path: `${accountId}/subscribed_apps`, ...sender });
	if (!told.ok) {
		return [told.step.code === "permission_missing" ? notTold("webhook", sender) : told.step];
	}
	const apps = asArray(told.fields["data"]).map(
		(app) => asObject(asObject(app)?.["whatsapp_business_api_data"])?.["id"],
	);
	return [
		apps.includes(appId)
			? passed("webhook", `The account of ${sender.about} sends its events to the app.`)
			: failed(
					"webhook",
					"account_not_subscribed",
					`The app is not subscribed to the WhatsApp Business Account of ${sender.about}: its events do not come.`,
					`Subscribe the app by POST /${accountId}/subscribed_apps with the token of the number.`,
				),
	];
}
