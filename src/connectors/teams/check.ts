// Whether the service would work: a token, who it is for and what it may do, and what we are told. Questions by GET only,
// besides that for a token. Their answers are documented; the numbers of the token endpoint are in codes.ts.

import type { CheckStep, Tools } from "../contract.ts";
import { freshToken } from "../kit/check-token.ts";
import { askInOrder, failed, noted, passed, type Question, refusal, toldBy } from "../kit/check-steps.ts";
import { asArray, asObject, asText } from "../kit/http.ts";
import { quoteOf } from "../kit/quote.ts";
import { tokenFaultIn } from "./codes.ts";
import { type TeamsConfig, tokenClientOf } from "./form.ts";
import { type Fields, nextPage } from "./graph-api.ts";
import { fetchKeys } from "./keys.ts";
import { livingIn, markOf, resourcesOf } from "./subscriptions.ts";

type Our = { webhookUrl: string };
type Asking = { config: TeamsConfig; our: Our; tools: Tools; accessToken: string };

export async function check(config: TeamsConfig, our: Our, tools: Tools): Promise<readonly CheckStep[]> {
	const token = await freshToken(tokenClientOf(config), advice, tools);
	if (!token.ok) {
		return [named(token.step)];
	}
	const asking: Asking = { config, our, tools, accessToken: token.accessToken };
	const known = passed("credentials", "Microsoft gives an access token.");
	const questions = config.mode === "graph" ? ofGraph(asking) : [() => keysOf(asking)];
	return [known, ...(await askInOrder(questions))];
}

const advice = {
	onRefusal: "Enter the client secret and, in the mode graph, the technical user's password once more.",
	onAddress: "Correct Authentication URL, or leave it empty and enter the setting Tenant.",
};

/** The endpoint's number, where its words have one that we know. */
function named(step: CheckStep): CheckStep {
	const fault = tokenFaultIn(step.evidence);
	if (fault?.known === undefined) {
		return step;
	}
	const { code, says, advice: mend } = fault.known;
	const evidence = `Microsoft gives no access token: ${says} (AADSTS${fault.number}).`;
	return failed(code === "scope_refused" ? "scope" : "credentials", code, evidence, mend);
}

function ofGraph(asking: Asking): readonly Question[] {
	return [() => mayRead(asking), () => whoWeAre(asking), () => isTold(asking)];
}

type Failed = { ok: false; status: number; step: CheckStep };
type Asked = { ok: true; fields: Fields } | Failed;

async function ask(path: string, step: CheckStep["step"], { config, tools, accessToken }: Asking): Promise<Asked> {
	const headers = { authorization: `Bearer ${accessToken}`, accept: "application/json" };
	const answer = await tools.http({ method: "GET", url: `${config.base}${path}`, headers });
	const told = toldBy("Microsoft Graph", step, answer);
	if (!told.ok || answer.kind !== "answered") {
		return { ok: false, status: 0, step: told.ok ? refusal("Microsoft Graph", step, 0) : told.step };
	}
	if (told.status >= 200 && told.status <= 299) {
		return { ok: true, fields: told.fields };
	}
	const said = quoteOf(answer.body, [...config.hidden, accessToken]).trim();
	return { ok: false, status: told.status, step: refusal("Microsoft Graph", step, told.status, said) };
}

async function mayRead(asking: Asking): Promise<readonly CheckStep[]> {
	const chats = await ask("/me/chats?$top=1", "scope", asking);
	if (chats.ok) {
		return [passed("scope", "The technical user may read its chats.")];
	}
	return [
		chats.status === 403
			? failed(
					"scope",
					"permission_missing",
					"Microsoft Graph does not let the application read chats for the technical user.",
					"Give it Chat.ReadWrite and ChatMessage.Send as delegated permissions, and grant the administrator's consent.",
				)
			: chats.status === 401
				? failed(
						"scope",
						"token_not_for_graph",
						"Microsoft Graph does not accept the access token: it is for something else.",
						"Leave Authentication Scope empty, or let it name https://graph.microsoft.com.",
					)
				: chats.step,
	];
}

async function whoWeAre(asking: Asking): Promise<readonly CheckStep[]> {
	const me = await ask("/me?$select=id,userPrincipalName", "sender", asking);
	if (!me.ok) {
		const isForbidden = me.status === 403;
		const evidence = "Microsoft Graph does not tell the application who the technical user is.";
		return [
			isForbidden
				? failed("sender", "profile_forbidden", evidence, "Give it User.Read as a delegated permission, with consent.")
				: me.step,
		];
	}
	const name = asText(me.fields["userPrincipalName"])?.toLowerCase();
	return [
		name === asking.config.user?.id
			? passed("sender", `Messages are written by ${name}.`)
			: noted(
					"sender",
					"other_name",
					"Microsoft knows the technical user by another user principal name than the one entered.",
					"Nothing needs to be done unless somebody looks for its messages by that name.",
				),
	];
}

async function isTold(asking: Asking): Promise<readonly CheckStep[]> {
	const { config, tools } = asking;
	const unfit = ofEntries(config, tools.now());
	if (unfit !== undefined && !unfit.ok) {
		return [unfit];
	}
	const keys = await keysOf(asking);
	if (keys.some(({ ok }) => !ok)) {
		return keys;
	}
	const listed = await listSubscriptions(asking);
	if (!listed.ok) {
		return [listed.step];
	}
	return [...(unfit === undefined ? [] : [unfit]), ofSubscriptions(listed.items, asking)];
}

const pagesMax = 5;

async function listSubscriptions(asking: Asking): Promise<{ ok: true; items: readonly unknown[] } | Failed> {
	const items: unknown[] = [];
	let page: string | undefined;
	for (let pages = 0; pages < pagesMax && (pages === 0 || page !== undefined); pages++) {
		const listed = await ask(`/subscriptions${page ?? ""}`, "webhook", asking);
		if (!listed.ok) {
			return listed;
		}
		items.push(...asArray(listed.fields["value"]));
		page = nextPage(listed.fields, asking.config);
	}
	return { ok: true, items };
}

const clientStateMax = 128; // As documented for clientState.
const soonMs = 14 * 86_400_000;

function ofEntries(config: TeamsConfig, now: Date): CheckStep | undefined {
	const [clientState = ""] = config.clientStates;
	if (clientState === "") {
		const evidence = "There is no authentication webhook, so nothing is subscribed to.";
		return failed("webhook", "client_state_missing", evidence, "Add one with a text of your choice as its Password.");
	}
	if (clientState.length > clientStateMax) {
		const evidence = `The client state in the authentication webhook has more than ${clientStateMax} characters.`;
		return failed("webhook", "client_state_too_long", evidence, "Enter a shorter one.");
	}
	const { certificateProblem } = config;
	if (certificateProblem !== undefined) {
		const evidence = `The authentication certificate ${certificateProblem.says}.`;
		return failed("webhook", certificateProblem.code, evidence, "Paste key and certificate as the README shows.");
	}
	return ofCertificate(config, now);
}

function ofCertificate({ certificates }: TeamsConfig, now: Date): CheckStep | undefined {
	const [current] = certificates;
	const remake = "Make a new key and certificate, and let the old one stay valid for an hour.";
	if (current === undefined) {
		const evidence =
			"There is no certificate, so Microsoft only tells that there are messages, and Parley fetches them.";
		return noted("webhook", "certificate_missing", evidence, "Add an authentication certificate to be told at once.");
	}
	if (current.der === undefined || current.validUntil === undefined) {
		const evidence = "The authentication certificate has a private key, but no certificate.";
		return failed("webhook", "certificate_incomplete", evidence, "Paste the certificate behind the key.");
	}
	const leftMs = current.validUntil.getTime() - now.getTime();
	const day = current.validUntil.toISOString().slice(0, 10);
	if (leftMs <= 0) {
		return failed("webhook", "certificate_expired", `The certificate was valid until ${day}.`, remake);
	}
	return leftMs < soonMs
		? noted("webhook", "certificate_expires_soon", `The certificate is valid until ${day}.`, remake)
		: undefined;
}

function ofSubscriptions(items: readonly unknown[], { config, our, tools }: Asking): CheckStep {
	const living = livingIn(items, our);
	const wanted = resourcesOf(config.state, config);
	const mark = markOf(config, our);
	const kept = config.state.subscriptions.filter(({ id }) => living.has(id));
	const isWhole = wanted.every((resource) =>
		kept.some((one) => one.resource === resource && one.mark === mark && (living.get(one.id) ?? "") > isoOf(tools)),
	);
	if (isWhole) {
		return passed("webhook", `Microsoft has ${wanted.length} subscription(s) that lead to this service.`);
	}
	const elsewhere = items.some((item) => asObject(item)?.["notificationUrl"] !== our.webhookUrl);
	if (config.state.subscriptions.length > 0) {
		return failed(
			"webhook",
			elsewhere ? "subscription_elsewhere" : "subscription_missing",
			elsewhere
				? "Microsoft has a subscription of this application, but it leads to another address."
				: "Microsoft does not have a subscription any more that was made for this service.",
			elsewhere
				? "End the program that uses the same application and user, or give it an application of its own."
				: "Wait a minute: it is made anew. Then look at the state of the service.",
		);
	}
	const evidence = "The subscriptions are not made yet.";
	return noted(
		"webhook",
		"subscription_pending",
		evidence,
		"They are made within a minute after the service is saved.",
	);
}

function isoOf(tools: Tools): string {
	return tools.now().toISOString();
}

async function keysOf({ config, tools }: Asking): Promise<readonly CheckStep[]> {
	const fetched = await fetchKeys(config, tools);
	if ("keys" in fetched) {
		const evidence = `Microsoft publishes ${fetched.keys.length} public key(s) under which it signs.`;
		return config.mode === "bot" ? [passed("webhook", evidence)] : [];
	}
	const where =
		"Correct the setting OpenID metadata, or leave it empty; look for a firewall that lets only some hosts through.";
	return [failed("webhook", "keys_unreachable", `The public keys cannot be fetched. ${fetched.trouble.detail}`, where)];
}
