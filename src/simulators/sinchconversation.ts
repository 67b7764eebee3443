// A stand-in for the Sinch Conversation API: gives out access tokens, takes what `messages:send` would take, reports what
// became of it, and signs every callback with the app's webhook secret. One app, in DISPATCH mode, with all channels.

import { createHmac } from "node:crypto";
import { newSecret, type Random } from "#platform/random.ts";
import { credentialsOf, HostedSimulator, type HttpUser, type Webhook } from "./hosted-simulator.ts";
import {
	type HeardRequest,
	type HttpReply,
	type Judgement,
	jsonReply,
	SimulatorHost,
	type WebhookAnswer,
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
import {
	appsPath,
	everyTrigger,
	readProject,
	type ShownApp,
	type ShownWebhook,
	webhooksPath,
} from "./sinchconversation-apps-api.ts";
import {
	channels,
	checkSend,
	errorReply,
	type SendRequest,
	sendPath,
	type SinchAccount,
	tokenErrorReply,
	tokenRefusal,
} from "./sinchconversation-send-api.ts";

export type SinchConversationSimulator = Simulator & {
	readonly projectId: string;
	readonly appId: string;
	/** What signs the reports of a message that was sent with its own `callback_url`; not the webhook's secret. */
	readonly callbackSecret: string;
	/** One signed callback about the app with this content, for what nobody does by hand: an opt-in, typing, … */
	tell(content: Readonly<Record<string, unknown>>): Promise<SentWebhook>;
	/** The access tokens given out so far stop working. */
	forgetTokens(): void;
	/** The apps of the project in this region. */
	apps: ShownApp[];
	/** The webhooks of the app; `pointAt` registers the one that there should be. */
	registeredWebhooks: ShownWebhook[];
	/** The only region whose host knows the project; undefined: any host does. */
	region: string | undefined;
	/** The access key gets tokens, and may not do anything with them. */
	isKeyDenied: boolean;
	/** What one resource answers in place of what it would. */
	answers: Partial<Record<SinchResource, HttpReply>>;
};

export type SinchResource = "token" | "apps" | "webhooks";

const tokenPath = "/oauth2/token";
const tokenLifetimeSeconds = 3599; // As the provider's.

/** Port 0 (the default) takes a free one. */
export async function startSinchConversationSimulator(
	deps: SimulatorDeps,
	options: { port?: number } = {},
): Promise<SinchConversationSimulator> {
	return new ConversationApi(await SimulatorHost.open(deps, options.port));
}

class ConversationApi extends HostedSimulator implements SinchConversationSimulator {
	readonly type = "sinchconversation";
	readonly account: SimulatedAccount;
	readonly taken: TakenMessage[] = [];
	readonly projectId: string;
	readonly appId: string;
	readonly callbackSecret: string;
	apps: ShownApp[];
	registeredWebhooks: ShownWebhook[] = [];
	region: string | undefined;
	isKeyDenied = false;
	answers: Partial<Record<SinchResource, HttpReply>> = {};
	readonly #account: SinchAccount;
	readonly #webhookSecret: string;
	/** Access tokens and the time, in milliseconds, until which they are good. */
	readonly #tokens = new Map<string, number>();

	constructor(host: SimulatorHost) {
		super(host);
		const { random, clock } = host.deps;
		this.projectId = newUuid(random);
		this.appId = newUlid(random);
		this.callbackSecret = newSecret(random);
		this.apps = [{ id: this.appId, channels: channels.map((channel) => ({ channel, status: "ACTIVE" })) }];
		this.#webhookSecret = newSecret(random);
		this.#account = {
			projectId: this.projectId,
			appId: this.appId,
			keyId: newUuid(random),
			keySecret: newSecret(random),
			isValidToken: (token) => (this.#tokens.get(token) ?? 0) > clock.now().getTime(),
		};
		this.account = {
			serviceConnection: host.origin + sendPath(this.#account),
			authenticationUrl: host.origin + tokenPath,
			authentications: [
				{ authenticationId: `${this.#account.keyId}@${this.appId}`, password: this.#account.keySecret },
				{ authenticationId: "webhook", password: this.#webhookSecret },
			],
			settings: {},
			ourAddress: `${this.appId}@whatsapp.sinchconversation.com`,
		};
		host.serve({
			sends: (method, path) => method === "POST" && path.endsWith("/messages:send"),
			judge: (request) => this.#judge(request),
		});
	}

	forgetTokens(): void {
		this.#tokens.clear();
	}

	/** The app's webhook is registered there, as the set-up steps have it. */
	override pointAt(webhookUrl: string, httpUser?: HttpUser): void {
		super.pointAt(webhookUrl, httpUser);
		const secret = this.#webhookSecret;
		this.registeredWebhooks = [{ target: webhookUrl, targetType: "HTTP", secret, triggers: everyTrigger }];
	}

	/** On WhatsApp. The provider tells no names; several media are several messages, the first one with the text. */
	async contactWrites({ from, text, mediaUrls = [], remoteId }: ContactMessage): Promise<SentWebhook> {
		const [first, ...others] = mediaUrls;
		const content = first === undefined ? { text_message: { text } } : toMedia(first, text);
		let last = await this.#tellMessage(from, remoteId ?? newUlid(this.host.deps.random), content);
		for (const url of others) {
			last = await this.#tellMessage(from, newUlid(this.host.deps.random), toMedia(url, ""));
		}
		return last;
	}

	tell(content: Readonly<Record<string, unknown>>): Promise<SentWebhook> {
		return this.#deliver({ kind: "message", remoteId: "" }, this.#callback(content));
	}

	#judge(request: HeardRequest): Judgement {
		const resource = this.#resourceAt(request.path);
		const instead = resource === undefined ? undefined : this.answers[resource];
		return instead === undefined ? this.#judgeWell(request) : { ok: true, take: () => ({ reply: instead }) };
	}

	#resourceAt(path: string): SinchResource | undefined {
		const paths = [tokenPath, appsPath(this.#account), webhooksPath(this.#account)];
		return (["token", "apps", "webhooks"] as const)[paths.indexOf(path)];
	}

	#judgeWell(request: HeardRequest): Judgement {
		if (request.method === "POST" && request.path === tokenPath) {
			const refusal = tokenRefusal(request, this.#account);
			return refusal === undefined
				? { ok: true, take: () => ({ reply: this.#issueToken() }) }
				: { ok: false, reply: tokenErrorReply(refusal), reason: refusal.message };
		}
		const { apps, region, registeredWebhooks: webhooks, isKeyDenied: isDenied } = this;
		const project = { apps, webhooks, region, isDenied };
		const shown = readProject(request, this.#account, project);
		if (shown !== undefined) {
			return shown.ok
				? { ok: true, take: () => ({ reply: shown.reply }) }
				: { ok: false, reply: errorReply(shown.refusal), reason: shown.refusal.message };
		}
		if (request.method !== "POST" || request.path !== sendPath(this.#account) || request.query.size > 0) {
			const refusal = { status: 404, word: "NOT_FOUND", message: "The project is unknown in this region." };
			return { ok: false, reply: errorReply(refusal), reason: `${request.method} ${request.path}` };
		}
		const checked = checkSend(request, this.#account);
		return checked.ok
			? { ok: true, take: () => this.#take(checked.send) }
			: { ok: false, reply: errorReply(checked.refusal), reason: checked.refusal.message };
	}

	#issueToken() {
		const accessToken = newSecret(this.host.deps.random);
		this.#tokens.set(accessToken, this.host.deps.clock.now().getTime() + tokenLifetimeSeconds * 1000);
		return jsonReply(200, {
			access_token: accessToken,
			token_type: "bearer",
			expires_in: tokenLifetimeSeconds,
			scope: "",
		});
	}

	#take(send: SendRequest) {
		const at = this.host.deps.clock.now();
		const remoteId = newUlid(this.host.deps.random);
		const attemptId = /^parley:([A-F0-9]{32})$/.exec(send.metadata)?.[1];
		this.taken.push({ remoteId, attemptId, to: send.identity, text: send.text, at });
		const reply = jsonReply(200, { message_id: remoteId, accepted_time: at.toISOString() });
		return { reply, receipts: () => this.#report(remoteId, send) };
	}

	async #report(remoteId: string, send: SendRequest): Promise<void> {
		for (const kind of this.host.dueReceipts()) {
			const report = {
				message_id: remoteId,
				conversation_id: "",
				...statuses[kind],
				channel_identity: { channel: send.channel, identity: send.identity, app_id: "" },
				contact_id: "",
				metadata: send.metadata,
				processing_mode: "DISPATCH",
			};
			const callback = this.#callback({ message_delivery_report: report }, send.correlationId);
			await this.#deliver({ kind: "receipt", remoteId }, callback, send.callbackUrl);
		}
	}

	#tellMessage(from: string, id: string, content: object): Promise<SentWebhook> {
		const message = {
			id,
			direction: "TO_APP",
			contact_message: content,
			channel_identity: { channel: "WHATSAPP", identity: from.replace(/^\+/, ""), app_id: "" },
			conversation_id: "",
			contact_id: "",
			metadata: "",
			accept_time: this.host.deps.clock.now().toISOString(),
			sender_id: "",
			processing_mode: "DISPATCH",
			injected: false,
		};
		return this.#deliver({ kind: "message", remoteId: id }, this.#callback({ message }));
	}

	#callback(content: Readonly<Record<string, unknown>>, correlationId = ""): string {
		const time = this.host.deps.clock.now().toISOString();
		return JSON.stringify({
			app_id: this.appId,
			accepted_time: time,
			event_time: time,
			project_id: this.projectId,
			...content,
			message_metadata: "",
			correlation_id: correlationId,
		});
	}

	/**
	 * Whether the provider signs a repetition anew is not documented, so both occur: every second sending of a callback
	 * repeats the one before to the byte, nonce included.
	 */
	#deliver(what: Pick<SentWebhook, "kind" | "remoteId">, body: string, callbackUrl?: string): Promise<SentWebhook> {
		const target = callbackUrl === undefined ? this.pointed() : { url: callbackUrl, httpUser: undefined };
		const secret = callbackUrl === undefined ? this.#webhookSecret : this.callbackSecret;
		let call: WebhookCall | undefined;
		return this.host.deliver(what, (): Promise<WebhookAnswer> => {
			const next = call ?? this.#signed(body, target, secret);
			call = call === undefined ? next : undefined;
			return this.host.call(next);
		});
	}

	#signed(body: string, { url, httpUser }: Webhook, secret: string): WebhookCall {
		const nonce = newUlid(this.host.deps.random);
		const timestamp = String(Math.floor(this.host.deps.clock.now().getTime() / 1000));
		return {
			method: "POST",
			url,
			headers: {
				"content-type": "application/json",
				"x-sinch-webhook-signature": createHmac("sha256", secret)
					.update(`${body}.${nonce}.${timestamp}`, "utf8")
					.digest("base64"),
				"x-sinch-webhook-signature-nonce": nonce,
				"x-sinch-webhook-signature-timestamp": timestamp,
				"x-sinch-webhook-signature-algorithm": "HmacSHA256",
				...credentialsOf(httpUser),
			},
			body,
		};
	}
}

const statuses = {
	sent: { status: "QUEUED_ON_CHANNEL" },
	delivered: { status: "DELIVERED" },
	read: { status: "READ" },
	failed: {
		status: "FAILED",
		reason: {
			code: "RECIPIENT_NOT_REACHABLE",
			description: "The phone is switched off.",
			sub_code: "UNSPECIFIED_SUB_CODE",
		},
	},
} as const;

function toMedia(url: string, caption: string): object {
	return caption === ""
		? { media_message: { url, thumbnail_url: "", filename_override: "" } }
		: { media_card_message: { url, caption } };
}

/** 26 characters of Crockford's alphabet, as the provider's ids look; of chance only, without a time inside. */
function newUlid(random: Random): string {
	const letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	return `01${[...random.bytes(24)].map((byte) => letters.charAt(byte & 31)).join("")}`;
}

function newUuid(random: Random): string {
	const hex = Buffer.from(random.bytes(16)).toString("hex");
	return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
