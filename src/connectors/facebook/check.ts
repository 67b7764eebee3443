// Whether the pages of a service would work: published, their tokens theirs, the app subscribed to them. From memory of the
// Graph API's reference; README.md says what is not checked.
//   GET /{page id}?fields=id,name,is_published   {"id":"1048…","name":"Shop","is_published":true}
//   GET /{page id}/subscribed_apps               {"data":[{"id":"<app id>","subscribed_fields":["messages"]}]}

import type { CheckStep, Tools } from "../contract.ts";
import { failed, noted, passed } from "../kit/check-steps.ts";
import { asArray, asObject, asText } from "../kit/http.ts";
import { type AskedSender, checkMeta, fieldsStep, type MetaProduct, type TokenFacts } from "../kit/meta-check.ts";
import type { Graph } from "../kit/meta-questions.ts";
import type { FacebookConfig } from "./form.ts";

const fields = {
	needed: ["messages"],
	wanted: [
		"message_echoes",
		"message_edits",
		"message_reactions",
		"message_deliveries",
		"message_reads",
		"messaging_postbacks",
	],
};

const messenger: MetaProduct = {
	senderWord: "page",
	scope: "pages_messaging",
	webhook: { object: "page", ...fields },
	judgeToken,
	askSender,
	askSubscription,
};

export function check(
	config: FacebookConfig,
	our: { webhookUrl: string },
	tools: Tools,
): Promise<readonly CheckStep[]> {
	const { appSecrets, verifyTokens, pages, serviceConnection } = config;
	const tokens = pages.flatMap(({ token }) => token ?? []);
	const access = {
		product: "Facebook",
		graphApi: serviceConnection,
		appSecret: appSecrets[0],
		proves: true,
		secrets: [...tokens, ...appSecrets, ...verifyTokens],
		senders: pages.map(({ pageId, token }) => ({ id: pageId, token })),
	};
	return checkMeta(access, messenger, our, tools);
}

function judgeToken({ type, profileId, targets }: TokenFacts, { id, about }: AskedSender): CheckStep | undefined {
	const advice = `Generate the access token of the page ${id} itself (Messenger > Settings) and enter it.`;
	if (type !== undefined && type !== "PAGE") {
		const evidence = `The access token of ${about} is not that of a page but of the kind ${type}.`;
		return failed("scope", "not_a_page_token", evidence, advice);
	}
	if (profileId !== undefined && profileId !== id) {
		const evidence = `The access token of ${about} is that of the page ${profileId}.`;
		return failed("scope", "token_of_another_page", evidence, advice);
	}
	return targets === undefined || targets.includes(id)
		? undefined
		: failed(
				"scope",
				"permission_not_for_page",
				`The permission pages_messaging was not given for ${about}.`,
				"Choose this page as well when the permissions are asked for, and generate the token again.",
			);
}

const pageUnknown = {
	code: "page_unknown",
	says: "Meta knows no such page, or the token may not see it",
	advice: "Correct the Page ID; a page that was deleted cannot be used any more.",
};

async function askSender(graph: Graph, sender: AskedSender): Promise<readonly CheckStep[]> {
	const query = { fields: "id,name,is_published" };
	const told = await graph({ step: "sender", path: sender.id, ...sender, query, unknown: pageUnknown });
	if (!told.ok) {
		return [told.step];
	}
	return [
		told.fields["is_published"] === false
			? failed(
					"sender",
					"page_not_published",
					`The ${sender.about} is not published.`,
					"Publish the page: nobody but its own people can write to it.",
				)
			: passed("sender", `The ${sender.about} is ${asText(told.fields["name"]) ?? "without a name"}.`),
	];
}

async function askSubscription(graph: Graph, sender: AskedSender, appId: string): Promise<readonly CheckStep[]> {
	const told = await graph({ step: "webhook", path: `${sender.id}/subscribed_apps`, ...sender });
	if (!told.ok) {
		return [told.step.code === "permission_missing" ? notTold(sender) : told.step];
	}
	const apps = asArray(told.fields["data"]).map(asObject);
	const ours = apps.find((app) => app?.["id"] === appId);
	if (ours === undefined) {
		const evidence = `The Meta app is not subscribed to ${sender.about}: its events go nowhere.`;
		const advice =
			"Add the page to the app (Messenger > Settings > Webhooks); Meta removes it after an hour of failures.";
		return [failed("webhook", "page_not_subscribed", evidence, advice)];
	}
	const found = fieldsStep(
		asArray(ours["subscribed_fields"]).map(String),
		fields,
		`The subscription of ${sender.about}`,
	);
	return [found.ok ? found : { ...found, code: "page_fields_missing" }];
}

function notTold({ about }: AskedSender): CheckStep {
	return noted(
		"webhook",
		"subscription_not_told",
		`The access token may not tell whether the app is subscribed to ${about}.`,
		"Generate the token with the permission pages_manage_metadata as well, and check again.",
	);
}
