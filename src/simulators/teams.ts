// A stand-in for Microsoft Teams, as far as Parley speaks with it: the token endpoint, Graph with chats and subscriptions,
// and encrypted, signed notifications; or the Bot Connector with signed activities. Strict about what it is asked.

import { sleep } from "#platform/clock.ts";
import { newSecret, type Random } from "#platform/random.ts";
import { HostedSimulator } from "./hosted-simulator.ts";
import {
	type HeardRequest,
	type HttpReply,
	type Judgement,
	jsonReply,
	SimulatorHost,
	type Taken,
	type WebhookCall,
} from "./kit.ts";
import type {
	ContactMessage,
	SentWebhook,
	SimulatedAccount,
	Simulator,
	SimulatorDeps,
	TakenMessage,
} from "./simulator.ts";
import { botPath, isActivityPath, readActivity } from "./teams-bot-api.ts";
import { type GraphVerdict, graphErrorReply, type Person, SimulatedGraph } from "./teams-graph-api.ts";
import { tokenErrorReply, type TeamsIdentity, tokenPath, tokenRefusal } from "./teams-identity.ts";
import { jwksOf, keyPair, metadataAt, pemOf } from "./teams-keys.ts";
import { addressOf, placeAt, placeNamed, remoteIdOf, type TeamsMessage, type TeamsPlace } from "./teams-messages.ts";
import { botCall, escaped, notification, type TeamsSender, validationToken } from "./teams-notifications.ts";
import { covers, shown, type TeamsSubscription } from "./teams-subscriptions.ts";

export type TeamsSimulator = Simulator & {
	readonly tenant: string;
	readonly applicationId: string;
	readonly graph: SimulatedGraph;
	/** Somebody with whom a chat can be begun, by e-mail address. */
	readonly person: Person;
	/** What one resource answers in place of what it would. */
	answers: Partial<Record<TeamsResource, HttpReply>>;
	/** Somebody writes, and no notification is sent. */
	writesUnheard(message: ContactMessage): TeamsMessage;
	/** One item for each subscription, with this lifecycle event. */
	lifecycle(event: "missed" | "subscriptionRemoved" | "reauthorizationRequired"): Promise<SentWebhook>;
	/** One POST with this body, for what nobody sends by hand. */
	tell(body: unknown, headers?: Readonly<Record<string, string>>): Promise<SentWebhook>;
	/** Microsoft signs by another key from now on. */
	rotateKey(): void;
	forgetTokens(): void;
};
export type TeamsResource = "token" | "metadata" | "keys" | "me" | "chats" | "chat" | "subscriptions";
export type TeamsOptions = { port?: number; mode?: "graph" | "bot" };

const tokenLifetimeSeconds = 3599;
const dayMs = 86_400_000;

/** Port 0 (the default) takes a free one. */
export async function startTeamsSimulator(deps: SimulatorDeps, options: TeamsOptions = {}): Promise<TeamsSimulator> {
	return new Teams(await SimulatorHost.open(deps, options.port), options.mode ?? "graph");
}

class Teams extends HostedSimulator implements TeamsSimulator {
	readonly type = "teams";
	override readonly somebody: string;
	readonly account: SimulatedAccount;
	readonly taken: TakenMessage[] = [];
	readonly tenant: string;
	readonly applicationId: string;
	readonly person: Person;
	readonly graph: SimulatedGraph;
	answers: TeamsSimulator["answers"] = {};
	readonly #mode: "graph" | "bot";
	readonly #identity: TeamsIdentity;
	/** Access tokens and the time, in milliseconds, until which they are good. */
	readonly #tokens = new Map<string, number>();
	#kid: string;

	constructor(host: SimulatorHost, mode: "graph" | "bot") {
		super(host);
		const { clock, random } = host.deps;
		this.#mode = mode;
		this.tenant = guid(random);
		this.applicationId = guid(random);
		this.#kid = guid(random);
		this.person = { id: guid(random), name: "Robin Kline", mail: "robin.kline@contoso.example" };
		const user = { id: guid(random), name: "Service Desk", mail: "service.desk@contoso.example" };
		const directory = { tenant: this.tenant, applicationId: this.applicationId, user, others: [this.person] };
		this.graph = new SimulatedGraph(directory, { clock, random });
		this.somebody = mode === "graph" ? `19:${guid(random).replaceAll("-", "")}@thread.v2` : `a:${newSecret(random)}`;
		this.graph.messages.set(this.somebody, []);
		this.#identity = {
			tenant: this.tenant,
			applicationId: this.applicationId,
			clientSecret: newSecret(random),
			user: mode === "graph" ? { name: user.mail, password: newSecret(random) } : undefined,
		};
		this.account = mode === "graph" ? this.#graphAccount() : this.#botAccount();
		host.serve({
			sends: (method, path) => method === "POST" && (placeAt(path) !== undefined || isActivityPath(path)),
			judge: (request) => this.#judge(request),
		});
	}

	writesUnheard({ from, text, remoteId }: ContactMessage): TeamsMessage {
		const place = placeNamed(from);
		return this.graph.add(place, this.person, { content: `<p>${escaped(text)}</p>`, id: remoteId });
	}

	/** Nobody hears of what is written where there is no subscription, so it waits until there is one. */
	async contactWrites(message: ContactMessage): Promise<SentWebhook> {
		return this.#mode === "bot" ? this.#writesToBot(message) : this.#writesInChat(message);
	}

	async lifecycle(event: string): Promise<SentWebhook> {
		const value = this.graph.subscriptions.map(({ id, clientState, expirationDateTime, resource }) => ({
			lifecycleEvent: event,
			subscriptionId: id,
			subscriptionExpirationDateTime: expirationDateTime,
			resource,
			clientState,
			tenantId: this.tenant,
		}));
		return this.tell({ value, validationTokens: [validationToken(this.#sender)] });
	}

	tell(body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<SentWebhook> {
		return this.#deliver({ kind: "message", remoteId: "" }, body, headers);
	}

	rotateKey(): void {
		this.#kid = guid(this.host.deps.random);
	}

	forgetTokens(): void {
		this.#tokens.clear();
	}

	#graphAccount(): SimulatedAccount {
		const { clientSecret = "", user } = this.#identity;
		const now = this.host.deps.clock.now().getTime();
		const pem = pemOf(keyPair(1), new Date(now - dayMs), new Date(now + 365 * dayMs));
		return {
			serviceConnection: `${this.origin}/v1.0`,
			authenticationUrl: this.origin + tokenPath(this.#identity),
			authentications: [
				{ authenticationId: this.applicationId, password: clientSecret },
				{ authenticationId: user?.name ?? "", password: user?.password ?? "" },
				{ authenticationId: "webhook", password: newSecret(this.host.deps.random) },
				{ authenticationId: "certificate", password: pem },
			],
			settings: { tenant: this.tenant },
			ourAddress: user?.name ?? "",
		};
	}

	#botAccount(): SimulatedAccount {
		const openIdMetadata = `${this.origin}/v1/.well-known/openidconfiguration`;
		return {
			serviceConnection: this.origin + botPath,
			authenticationUrl: this.origin + tokenPath(this.#identity),
			authentications: [{ authenticationId: this.applicationId, password: this.#identity.clientSecret ?? "" }],
			settings: { mode: "bot", tenant: this.tenant, openIdMetadata },
			ourAddress: this.applicationId,
		};
	}

	#judge(request: HeardRequest): Judgement {
		const resource = resourceAt(request, this.#identity);
		const instead = resource === undefined ? undefined : this.answers[resource];
		if (instead !== undefined) {
			return answered(instead);
		}
		switch (resource) {
			case "token":
				return this.#judgeToken(request);
			case "metadata":
				return answered(jsonReply(200, metadataAt(`http://${request.headers.host ?? ""}`)));
			case "keys":
				return answered(jsonReply(200, this.#keySet()));
			case "me":
			case "chats":
			case "chat":
			case "subscriptions":
			case undefined:
				return this.#judgeWithToken(request);
		}
	}

	#keySet(): object {
		return jwksOf(keyPair(0), this.#kid, this.#mode === "bot" ? ["msteams", "webchat"] : undefined);
	}

	#judgeToken(request: HeardRequest): Judgement {
		const refusal = tokenRefusal(request, this.#identity);
		if (refusal !== undefined) {
			const reason = `AADSTS${refusal.number}: ${refusal.words}`;
			return { ok: false, reply: tokenErrorReply(refusal, this.host.deps.clock.now()), reason };
		}
		const accessToken = newSecret(this.host.deps.random);
		this.#tokens.set(accessToken, this.host.deps.clock.now().getTime() + tokenLifetimeSeconds * 1000);
		const scope = this.#mode === "graph" ? "Chat.ReadWrite ChatMessage.Send User.Read" : "";
		return answered(
			jsonReply(200, {
				token_type: "Bearer",
				scope,
				expires_in: tokenLifetimeSeconds,
				ext_expires_in: tokenLifetimeSeconds,
				access_token: accessToken,
			}),
		);
	}

	#judgeWithToken(request: HeardRequest): Judgement {
		const now = this.host.deps.clock.now();
		const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? "")?.[1] ?? "";
		if ((this.#tokens.get(token) ?? 0) <= now.getTime()) {
			const refusal = { status: 401, code: "InvalidAuthenticationToken", message: "Access token is empty or expired." };
			return { ok: false, reply: graphErrorReply(refusal, now), reason: "401 no good access token" };
		}
		if (this.#mode === "bot") {
			return this.#judgeActivity(request);
		}
		const verdict = this.graph.judge(request);
		return verdict.kind === "refused"
			? { ok: false, reply: graphErrorReply(verdict.refusal, now), reason: verdict.refusal.message }
			: { ok: true, take: () => this.#take(verdict, request) };
	}

	#judgeActivity(request: HeardRequest): Judgement {
		const isPost = request.method === "POST" && isActivityPath(request.path);
		const read = isPost
			? readActivity(request, `28:${this.applicationId}`)
			: { status: 404, code: "NotFound", message: `There is no ${request.method} ${request.path}` };
		if ("status" in read) {
			const { status, code, message } = read;
			return { ok: false, reply: jsonReply(status, { error: { code, message } }), reason: message };
		}
		const { conversation, text } = read;
		return {
			ok: true,
			take: () => {
				const { id } = this.graph.add({ chatId: conversation }, this.graph.directory.user, { content: escaped(text) });
				this.#note({ chatId: conversation }, { id, text });
				return { reply: jsonReply(201, { id }) };
			},
		};
	}

	#take(verdict: Exclude<GraphVerdict, { kind: "refused" }>, request: HeardRequest): Taken | Promise<Taken> {
		switch (verdict.kind) {
			case "answer":
				return { reply: verdict.reply };
			case "subscribe":
				return this.#subscribe(verdict.subscription);
			case "post": {
				const { place, content, text } = verdict;
				const message = this.graph.add(place, this.graph.directory.user, { content });
				this.#note(place, { id: message.id, text, requestId: request.headers["client-request-id"] });
				return {
					reply: jsonReply(201, { "@odata.context": "$metadata#messages/$entity", ...message }),
					receipts: () => this.#echo(place, message),
				};
			}
		}
	}

	#note(place: TeamsPlace, { id, text, requestId }: { id: string; text: string; requestId?: unknown }): void {
		const attemptId = typeof requestId === "string" ? requestId.replaceAll("-", "").toUpperCase() : undefined;
		const at = this.host.deps.clock.now();
		this.taken.push({ remoteId: remoteIdOf(place, id), attemptId, to: addressOf(place), text, at });
	}

	/** What we write is told to us as well. */
	async #echo(place: TeamsPlace, message: TeamsMessage): Promise<void> {
		if (this.#covering(place).length > 0) {
			await this.#notify(place, message, "receipt");
		}
	}

	/** Both addresses are called before the subscription is there, while our caller waits. */
	async #subscribe(wanted: Omit<TeamsSubscription, "id">): Promise<Taken> {
		const addresses = [wanted.notificationUrl, wanted.lifecycleNotificationUrl].filter((url) => url !== undefined);
		for (const address of addresses) {
			const token = `Validation: Testing client application reachability for subscription Request-Id: ${guid(this.host.deps.random)}+1`;
			const call: WebhookCall = {
				method: "POST",
				url: `${address}?validationToken=${encodeURIComponent(token)}`,
				headers: { "content-type": "text/plain; charset=utf-8" },
			};
			const { status, body } = await this.host.call(call);
			if (status !== 200 || body !== token) {
				const message = `Subscription validation request failed. Response was ${status}.`;
				this.host.refusals.push({ status: 400, reason: message });
				const refusal = { status: 400, code: "ValidationError", message };
				return { reply: graphErrorReply(refusal, this.host.deps.clock.now()) };
			}
		}
		const subscription = { id: guid(this.host.deps.random), ...wanted };
		this.graph.subscriptions = [...this.graph.subscriptions, subscription];
		return { reply: jsonReply(201, shown(subscription, this.applicationId)) };
	}

	#covering(place: TeamsPlace): readonly TeamsSubscription[] {
		const now = this.host.deps.clock.now();
		return this.graph.subscriptions.filter((subscription) => covers(subscription, place, now));
	}

	async #writesInChat(message: ContactMessage): Promise<SentWebhook> {
		const place = placeNamed(message.from);
		await this.#until(() => this.#covering(place).length > 0);
		const written = this.writesUnheard(message);
		if (this.#covering(place).length === 0) {
			const at = this.host.deps.clock.now();
			return { kind: "message", remoteId: written.id, status: 0, body: "There is no subscription.", at };
		}
		return this.#notify(place, written, "message");
	}

	/** Graph tries again for hours; here for some seconds, because who has just subscribed may not have our keys yet. */
	async #notify(place: TeamsPlace, message: TeamsMessage, kind: SentWebhook["kind"]): Promise<SentWebhook> {
		const remoteId = remoteIdOf(place, message.id);
		return this.#untilTaken(() =>
			this.#deliver({ kind, remoteId }, notification(this.#covering(place), { place, message }, this.#sender)),
		);
	}

	async #untilTaken(send: () => Promise<SentWebhook>): Promise<SentWebhook> {
		let last = await send();
		await this.#until(async () => last.status !== 503 || (last = await send()).status !== 503, 250);
		return last;
	}

	async #writesToBot({ from, text, name, remoteId }: ContactMessage): Promise<SentWebhook> {
		const { id } = this.graph.add({ chatId: from }, this.person, { content: escaped(text), id: remoteId });
		const { body, headers } = botCall({ id, conversation: from, text, name: name ?? this.person.name }, this.#sender);
		const send = () => this.#deliver({ kind: "message", remoteId: `${from}/${id}` }, body, headers);
		return this.#untilTaken(send);
	}

	get #sender(): TeamsSender {
		const { applicationId, tenant, person, origin } = this;
		return { ...this.host.deps, applicationId, tenant, person, kid: this.#kid, serviceUrl: `${origin}${botPath}/` };
	}

	#deliver(
		what: Pick<SentWebhook, "kind" | "remoteId">,
		body: unknown,
		headers: Readonly<Record<string, string>> = {},
	): Promise<SentWebhook> {
		const sent = JSON.stringify(body);
		return this.host.deliver(what, () =>
			this.host.call({
				method: "POST",
				url: this.pointed().url,
				headers: { "content-type": "application/json; charset=utf-8", ...headers },
				body: sent,
			}),
		);
	}

	/** Asked again and again for some seconds. */
	async #until(holds: () => boolean | Promise<boolean>, everyMs = 25): Promise<void> {
		for (let waitedMs = 0; waitedMs < 10_000 && !(await holds()); waitedMs += everyMs) {
			await sleep(this.host.deps.clock, everyMs);
		}
	}
}

function resourceAt({ method, path }: HeardRequest, identity: TeamsIdentity): TeamsResource | undefined {
	const paths: Readonly<Record<string, TeamsResource>> = {
		[`POST ${tokenPath(identity)}`]: "token",
		"GET /common/.well-known/openid-configuration": "metadata",
		"GET /v1/.well-known/openidconfiguration": "metadata",
		"GET /common/discovery/keys": "keys",
		"GET /v1.0/me": "me",
		"GET /v1.0/me/chats": "chats",
		"POST /v1.0/chats": "chat",
		"GET /v1.0/subscriptions": "subscriptions",
	};
	return paths[`${method} ${path}`];
}

function answered(reply: HttpReply): Judgement {
	return { ok: true, take: () => ({ reply }) };
}

function guid(random: Random): string {
	const hex = Buffer.from(random.bytes(16)).toString("hex");
	return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, "$1-$2-4$3-8$4-$5");
}
