// Would this service work? Each access key is asked for a token and for the apps that it sees in this region; each app of the
// service is looked for among them, with its channels and its webhooks. Reads only.
// GET /v1/projects/{project}/apps answers {"apps":[{"id":"01EB37…","channel_credentials":[{"channel":"SMS","state":{…}}]}]},
// GET …/apps/{app}/webhooks {"webhooks":[{"target":"https://…","target_type":"HTTP","secret":"…","triggers":[…]}]}; as
// documented at https://developers.sinch.com/docs/conversation/api-reference/, checked 2026-11-26.

import type { CheckStep, Tools } from "../contract.ts";
import { freshToken, type FreshToken } from "../kit/check-token.ts";
import { askEach, askInOrder, failed, foremost, passed, toldBy } from "../kit/check-steps.ts";
import { asArray, asObject } from "../kit/http.ts";
import { channelStep } from "./check-channels.ts";
import { webhookStep } from "./check-webhooks.ts";
import { type Fields, textAt } from "./fields.ts";
import { toClient } from "./outbound.ts";
import { regionOf, regions, type SinchApp, type SinchConversationConfig } from "./form.ts";

type Our = { webhookUrl: string };
/** An access key, and how many apps of the service send with it. */
type KeyOfApps = { tokenUrl: string; keyId: string; keySecret: string | undefined; apps: number };
/** What one access key sees of the project; `trouble`: why it sees nothing. */
type View = { key: KeyOfApps; accessToken: string; apps: readonly Fields[]; trouble?: CheckStep };
/** An app of the service: as it was entered, and as Sinch shows it to its key. */
type SeenApp = { app: SinchApp; accessToken: string; fields: Fields | undefined };

export async function check(config: SinchConversationConfig, our: Our, tools: Tools): Promise<readonly CheckStep[]> {
	const views = await Promise.all(keysOf(config).map((key) => look(key, config, tools)));
	const apps = config.apps.map((app) => seenIn(views, app));
	const troubles = foremost(views.flatMap(({ trouble }) => trouble ?? []));
	const isLost = troubles.every(({ step }) => step === "region");
	const elsewhere = isLost ? await elsewhereStep(apps, config, tools) : undefined;
	if (elsewhere !== undefined || troubles.length > 0) {
		return elsewhere === undefined ? troubles : [elsewhere];
	}
	const keys = views.map(({ key }) => key.keyId).join(", ");
	return askInOrder([
		() => [
			passed("region", `Sinch knows the project ${config.projectId ?? ""} in this region, and it has apps.`),
			passed("credentials", `Sinch takes the access key ${keys}.`),
			passed("scope", `The access key ${keys} may read the apps of the project.`),
		],
		() => askEach(apps, ({ app, fields }) => Promise.resolve([senderStep(app, fields, config)])),
		() => askEach(apps, async ({ app, accessToken }) => [await webhookOf(app, accessToken, { config, our, tools })]),
	]);
}

/** Apps may share a key. */
function keysOf({ apps, tokenUrl }: SinchConversationConfig): readonly KeyOfApps[] {
	const keys = Map.groupBy(apps, ({ keyId, keySecret }) => JSON.stringify([keyId, keySecret]));
	return [...keys.values()].map(([{ keyId, keySecret } = { keyId: "", keySecret: undefined }, ...others]) => ({
		tokenUrl,
		keyId,
		keySecret,
		apps: others.length + 1,
	}));
}

async function look(key: KeyOfApps, config: SinchConversationConfig, tools: Tools): Promise<View> {
	const token = await tokenFor(key, tools);
	if (!token.ok) {
		return { key, accessToken: "", apps: [], trouble: token.step };
	}
	const { accessToken } = token;
	const told = toldBy("Sinch", "credentials", await ask("/apps", accessToken, config, tools));
	const trouble = told.ok ? refusalOf(told.status, told.fields, { key, config }) : told.step;
	const apps = told.ok ? listIn(told.fields, "apps") : [];
	return trouble === undefined ? { key, accessToken, apps } : { key, accessToken, apps, trouble };
}

function tokenFor({ tokenUrl, keyId, keySecret, apps }: KeyOfApps, tools: Tools): Promise<FreshToken> {
	if (keySecret === undefined) {
		const evidence = `The key ${keyId} has no secret here, so ${apps} app(s) receive and cannot send.`;
		const advice = "Enter the secret of the access key, or take the entry out.";
		return Promise.resolve({ ok: false, step: failed("credentials", "key_secret_missing", evidence, advice) });
	}
	return freshToken(toClient(tokenUrl, keyId, keySecret), tokenAdvice, tools);
}

const tokenAdvice = {
	onRefusal: "Copy Key ID and secret again from Settings > Access keys of the project, or make a new key.",
	onAddress: "Leave Authentication URL empty, or enter https://auth.sinch.com/oauth2/token.",
};

function ask(path: string, accessToken: string, { sendUrl }: SinchConversationConfig, tools: Tools) {
	return tools.http({
		method: "GET",
		url: sendUrl.replace(/\/messages:send$/, path),
		headers: { authorization: `Bearer ${accessToken}`, accept: "application/json" },
	});
}

function listIn(fields: Fields, name: string): readonly Fields[] {
	return asArray(fields[name])
		.map(asObject)
		.filter((entry) => entry !== undefined);
}

type Who = { key: KeyOfApps; config: SinchConversationConfig };

const asMadeIn = "Name in Service Connection the region in which the apps were made: us, eu or br.";

/** Why the answer lists no apps; undefined when it does. */
function refusalOf(status: number, fields: Fields, { key: { keyId }, config }: Who): CheckStep | undefined {
	const project = `the project ${config.projectId ?? ""}`;
	switch (status) {
		case 401:
			return failed(
				"credentials",
				"token_refused",
				`Sinch refuses a fresh access token of the key ${keyId} (HTTP 401).`,
				"See that Authentication URL is the token endpoint of Sinch; then make a new access key.",
			);
		case 403:
			return failed(
				"scope",
				"access_denied",
				`The access key ${keyId} may not use the Conversation API for ${project} (HTTP 403).`,
				"Make the key in the project that Service Connection names, and see whether the account is blocked.",
			);
		case 404:
			return failed(
				"region",
				"project_unknown",
				`Sinch does not know ${project} in this region (HTTP 404).`,
				`Copy the project ID again. ${asMadeIn}`,
			);
		default:
			return unlisted(status, fields, project);
	}
}

function unlisted(status: number, fields: Fields, project: string): CheckStep | undefined {
	if (!Array.isArray(fields["apps"])) {
		return failed(
			"region",
			"not_the_conversation_api",
			`Service Connection answers the question for apps with HTTP ${status} and no list of them.`,
			"Enter the complete send URL of the Conversation API as Service Connection.",
		);
	}
	return fields["apps"].length > 0
		? undefined
		: failed("region", "no_app_in_region", `In this region ${project} has no app.`, asMadeIn);
}

function seenIn(views: readonly View[], app: SinchApp): SeenApp {
	const view = views.find(({ key }) => key.keyId === app.keyId && key.keySecret === app.keySecret);
	const fields = view?.apps.find((candidate) => textAt(candidate, "id") === app.appId);
	return { app, accessToken: view?.accessToken ?? "", fields };
}

/** An app that its key does not see here, but in another region; asked only where Service Connection names a region. */
async function elsewhereStep(
	apps: readonly SeenApp[],
	config: SinchConversationConfig,
	tools: Tools,
): Promise<CheckStep | undefined> {
	const here = regionOf(config.sendUrl);
	const unseen = apps.find(({ fields, accessToken }) => fields === undefined && accessToken !== "");
	if (here === undefined || unseen === undefined) {
		return undefined;
	}
	const { appId } = unseen.app;
	for (const region of regions.filter((other) => other !== here)) {
		const there = { ...config, sendUrl: config.sendUrl.replace(`//${here}.`, `//${region}.`) };
		const told = toldBy("Sinch", "region", await ask("/apps", unseen.accessToken, there, tools));
		if (told.ok && listIn(told.fields, "apps").some((app) => textAt(app, "id") === appId)) {
			return failed(
				"region",
				"other_region",
				`The app ${appId} is in the region ${region}, and Service Connection names ${here}.`,
				`Begin Service Connection with https://${region}.conversation.api.sinch.com, or copy the App ID of an app in ${here}.`,
			);
		}
	}
	return undefined;
}

function senderStep({ appId, keyId }: SinchApp, fields: Fields | undefined, config: SinchConversationConfig) {
	return fields === undefined
		? failed(
				"sender",
				"app_unknown",
				`The access key ${keyId} sees no app ${appId} in this project and region.`,
				"Copy the App ID again; an app of another region or project needs a service of its own.",
			)
		: channelStep(appId, fields, config.smsSender);
}

type At = { config: SinchConversationConfig; our: Our; tools: Tools };

async function webhookOf({ appId }: SinchApp, accessToken: string, { config, our, tools }: At): Promise<CheckStep> {
	const answer = await ask(`/apps/${encodeURIComponent(appId)}/webhooks`, accessToken, config, tools);
	const told = toldBy("Sinch", "webhook", answer);
	if (!told.ok) {
		return told.step;
	}
	return told.status === 200
		? webhookStep(appId, listIn(told.fields, "webhooks"), { config, webhookUrl: our.webhookUrl })
		: failed(
				"webhook",
				"webhooks_hidden",
				`Sinch does not show the webhooks of the app ${appId} (HTTP ${told.status}).`,
				"Compare the webhook of the app in the dashboard with the webhook page of this service.",
			);
}
