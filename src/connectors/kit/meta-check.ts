// The check of a product of Meta: each token and its app, the App Secret, what the tokens may do, the senders, and where the
// app's webhook leads. What a sender is, and what only one product has, comes from the connector.
// The resources are from memory of the Graph API's reference; the connectors' READMEs say so.
//   GET /{app id}/subscriptions   Bearer {app id}|{app secret}
//     {"data":[{"object":"page","callback_url":"https://…","active":true,"fields":[{"name":"messages","version":"v25.0"}]}]}
//   GET /debug_token?input_token=…   {"data":{"is_valid":true,"type":"PAGE","profile_id":"…","expires_at":0,"scopes":["…"]}}

import type { CheckStep, Tools } from "../contract.ts";
import { askEach, askInOrder, failed, leadsTo, noted, passed, shownUrl } from "./check-steps.ts";
import { asArray, asObject, asText } from "./http.ts";
import { appSecretMissing, appSecretWrong, type Graph, graphOver, type MetaAccess } from "./meta-questions.ts";

export type MetaSender = { id: string; token: string | undefined };
export type AskedSender = { id: string; token: string; about: string };

/** What Meta tells of a token. `targets`: the objects that the product's permission is given for; undefined: all. */
export type TokenFacts = {
	type: string | undefined;
	profileId: string | undefined;
	targets: readonly string[] | undefined;
};

export type MetaProduct = {
	/** "page", "number" */
	senderWord: string;
	/** The permission for sending. */
	scope: string;
	webhook: { object: string; needed: readonly string[]; wanted: readonly string[] };
	judgeToken(facts: TokenFacts, sender: AskedSender): CheckStep | undefined;
	askSender(graph: Graph, sender: AskedSender): Promise<readonly CheckStep[]>;
	/** Where a sender's events go, if elsewhere than the app's. Known once the senders were asked. */
	overrideOf?(sender: AskedSender): string | undefined;
	/** Whether the app gets the events of this sender. */
	askSubscription(graph: Graph, sender: AskedSender, appId: string): Promise<readonly CheckStep[]>;
};

type Fields = Readonly<Record<string, unknown>>;
type Course = {
	graph: Graph;
	access: MetaAccess;
	product: MetaProduct;
	senders: readonly AskedSender[];
	now: Date;
	webhookUrl: string;
	appId: string;
	subscription: Fields | undefined;
};

/** @param access `secrets` holds every secret of the service */
export function checkMeta(
	access: MetaAccess & { senders: readonly MetaSender[] },
	product: MetaProduct,
	our: { webhookUrl: string },
	tools: Tools,
): Promise<readonly CheckStep[]> {
	const senders = access.senders.flatMap(({ id, token }) =>
		token === undefined ? [] : [{ id, token, about: `${product.senderWord} ${id}` }],
	);
	const graph = graphOver(access, tools);
	const course: Course = {
		graph,
		access,
		product,
		senders,
		now: tools.now(),
		...our,
		appId: "",
		subscription: undefined,
	};
	return askInOrder([
		() => askTokens(course),
		() => askApp(course),
		() => askEach(senders, (sender) => askPermissions(course, sender)),
		() => askEach(senders, (sender) => product.askSender(graph, sender)),
		() => judgeWebhook(course),
		() => askEach(senders, (sender) => product.askSubscription(graph, sender, course.appId)),
	]);
}

/** Which app each token belongs to. One service is one app: its secret signs for all senders. */
async function askTokens(course: Course): Promise<readonly CheckStep[]> {
	const apps = new Map<string, AskedSender>();
	const steps = await askEach(course.senders, async (sender) => {
		const told = await course.graph({ step: "credentials", path: "app", ...sender });
		if (!told.ok) {
			return [told.step];
		}
		const appId = asText(told.fields["id"]) ?? "";
		apps.set(appId, sender);
		return [passed("credentials", `Meta accepts the access token (${sender.about}); it belongs to the app ${appId}.`)];
	});
	const [first, second] = [...apps];
	course.appId = first?.[0] ?? "";
	if (first === undefined || second === undefined) {
		return steps;
	}
	const evidence = `The tokens of ${first[1].about} and ${second[1].about} belong to different Meta apps.`;
	const advice = "Make a service of its own for each app: the App Secret is the app's.";
	return [...steps, failed("credentials", "senders_of_two_apps", evidence, advice)];
}

/** Proves the App Secret, and brings the webhooks of the app. */
async function askApp(course: Course): Promise<readonly CheckStep[]> {
	const { graph, access, appId, product } = course;
	const { appSecret } = access;
	if (appSecret === undefined) {
		const { code, says, advice } = appSecretMissing;
		return [failed("credentials", code, `${says}.`, advice)];
	}
	const token = `${appId}|${appSecret}`;
	const told = await graph({ step: "credentials", path: `${appId}/subscriptions`, token, about: `app ${appId}` });
	if (!told.ok) {
		const { code, says, advice } = appSecretWrong;
		return [told.step.code === "token_invalid" ? failed("credentials", code, `${says} ${appId}.`, advice) : told.step];
	}
	const webhooks = asArray(told.fields["data"]).map(asObject);
	course.subscription = webhooks.find((webhook) => webhook?.["object"] === product.webhook.object);
	return [passed("credentials", `The App Secret is that of the app ${appId}.`)];
}

const soonMs = 7 * 24 * 3_600_000; // A week: time to find the person who may generate a token.

async function askPermissions(course: Course, sender: AskedSender): Promise<readonly CheckStep[]> {
	const { graph, access, product, appId, now } = course;
	const token = `${appId}|${access.appSecret ?? ""}`;
	const query = { input_token: sender.token };
	const told = await graph({ step: "scope", path: "debug_token", token, about: sender.about, query });
	if (!told.ok) {
		return [told.step];
	}
	const facts = asObject(told.fields["data"]) ?? {};
	const { scope } = product;
	if (!asArray(facts["scopes"]).includes(scope)) {
		const evidence = `The access token of ${sender.about} lacks the permission ${scope}.`;
		return [failed("scope", "permission_missing", evidence, `Generate a token with the permission ${scope}.`)];
	}
	const problem = product.judgeToken(tokenFacts(facts, scope), sender);
	if (problem !== undefined) {
		return [problem];
	}
	const endsMs = Number(facts["expires_at"] ?? 0) * 1000; // 0: never.
	return [
		endsMs > 0 && endsMs - now.getTime() < soonMs
			? noted(
					"scope",
					"token_expires_soon",
					`The access token of ${sender.about} expires on ${new Date(endsMs).toISOString().slice(0, 10)}.`,
					"Generate a new one before; that of a system user need not expire.",
				)
			: passed("scope", `The access token of ${sender.about} has the permission ${scope}.`),
	];
}

function tokenFacts(facts: Fields, scope: string): TokenFacts {
	const granted = asArray(facts["granular_scopes"]).map(asObject);
	const targets = granted.find((entry) => entry?.["scope"] === scope)?.["target_ids"];
	return {
		type: asText(facts["type"]),
		profileId: asText(facts["profile_id"]),
		targets: Array.isArray(targets) ? targets.map(String) : undefined,
	};
}

function judgeWebhook(course: Course): readonly CheckStep[] {
	const { subscription, product, webhookUrl } = course;
	const { object, needed, wanted } = product.webhook;
	const enter = `Enter ${webhookUrl} as Callback URL in the Meta app, with the verify token of this service.`;
	if (subscription === undefined) {
		const evidence = `The Meta app ${course.appId} has no webhook for ${object}.`;
		return [failed("webhook", "webhook_not_registered", evidence, enter)];
	}
	const elsewhere = course.senders.map((sender) => strayed(course, sender)).find((step) => step !== undefined);
	if (elsewhere !== undefined) {
		return [elsewhere];
	}
	if (subscription["active"] === false) {
		const evidence = `Meta has switched off the webhook for ${object}.`;
		return [failed("webhook", "webhook_inactive", evidence, `${enter} Meta then tries it again.`)];
	}
	return [fieldsStep(fieldNames(subscription["fields"]), { needed, wanted }, `The webhook for ${object}`)];
}

function strayed(course: Course, sender: AskedSender): CheckStep | undefined {
	const { product, webhookUrl } = course;
	const override = product.overrideOf?.(sender);
	const url = override ?? asText(course.subscription?.["callback_url"]) ?? "";
	if (leadsTo(webhookUrl, url)) {
		return undefined;
	}
	return override === undefined
		? failed(
				"webhook",
				"webhook_elsewhere",
				`The Meta app sends events to ${shownUrl(url)}, not to this service.`,
				`Enter ${webhookUrl} as Callback URL in the Meta app, with the verify token of this service.`,
			)
		: failed(
				"webhook",
				"webhook_overridden",
				`Events of ${sender.about} go to ${shownUrl(url)}: an address of its own that stands before the app's.`,
				`Remove the override of the callback URL, or set it to ${webhookUrl}.`,
			);
}

/** A field that is only wanted costs receipts or edits, not messages. */
export function fieldsStep(
	subscribed: readonly string[],
	{ needed, wanted }: { needed: readonly string[]; wanted: readonly string[] },
	what: string,
): CheckStep {
	const lacked = needed.filter((field) => !subscribed.includes(field));
	const missed = wanted.filter((field) => !subscribed.includes(field));
	const advice = (fields: readonly string[]) => `Subscribe to ${fields.join(", ")} as well.`;
	if (lacked.length > 0) {
		const evidence = `${what} does not bring ${lacked.join(", ")}.`;
		return failed("webhook", "webhook_fields_missing", evidence, advice([...lacked, ...missed]));
	}
	return missed.length > 0
		? noted("webhook", "webhook_fields_incomplete", `${what} does not bring ${missed.join(", ")}.`, advice(missed))
		: passed("webhook", `${what} leads to this service and brings all fields.`);
}

/** Names alone, or names with the version they are sent in. */
function fieldNames(fields: unknown): readonly string[] {
	return asArray(fields).flatMap((field) => asText(field) ?? asText(asObject(field)?.["name"]) ?? []);
}
