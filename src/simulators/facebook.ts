// A stand-in for the Messenger Platform: takes what the Send API would take, echoes it, reports it delivered and read, tells
// about its app and page, and signs every webhook call the way Meta does (escaped JSON, SHA-256 and SHA-1).

import { newSecret, type Random } from "#platform/random.ts";
import { apiVersion, graphErrorBody, judge, type SimulatedApp, type TakenCall } from "./facebook-send-api.ts";
import { credentialsOf, HostedSimulator, type HttpUser } from "./hosted-simulator.ts";
import { type HeardRequest, type Judgement, jsonReply, SimulatorHost, type Taken, type WebhookCall } from "./kit.ts";
import { asMetaWrites, askedFields, metaReply, type MetaResource, type MetaSetUp, metaSignatures } from "./meta-app.ts";
import type {
	ContactMessage,
	SentWebhook,
	SimulatedAccount,
	Simulator,
	SimulatorDeps,
	TakenMessage,
} from "./simulator.ts";

/** The page as its owner set it up. */
export type PageSetUp = MetaSetUp & {
	isPublished: boolean;
	/** Undefined: the page does not exist any more. */
	pageName: string | undefined;
	/** Fields of the app's subscription to the page; undefined: it is not subscribed. */
	subscribedFields: string[] | undefined;
};

export type FacebookSimulator = Simulator & {
	readonly setUp: PageSetUp;
	/** What Meta does when the webhook is set up or renewed: a GET whose challenge must come back. */
	greet(): Promise<SentWebhook>;
	/** One signed POST with these entries, for batches, other pages and events nobody sends by hand. */
	tell(entries: readonly unknown[]): Promise<SentWebhook>;
};

const fields = [
	"messages",
	"message_echoes",
	"message_edits",
	"message_reactions",
	"message_deliveries",
	"message_reads",
	"messaging_postbacks",
];

/** Port 0 (the default) takes a free one. */
export async function startFacebookSimulator(
	deps: SimulatorDeps,
	options: { port?: number } = {},
): Promise<FacebookSimulator> {
	return new MessengerPlatform(await SimulatorHost.open(deps, options.port));
}

class MessengerPlatform extends HostedSimulator implements FacebookSimulator {
	readonly type = "facebook";
	override readonly somebody: string = "7000000000000001";
	readonly account: SimulatedAccount;
	readonly taken: TakenMessage[] = [];
	readonly setUp: PageSetUp;
	readonly #app: SimulatedApp;
	readonly #verifyToken: string;
	/** When each person last wrote, in milliseconds. */
	readonly #lastWrote = new Map<string, number>();

	constructor(host: SimulatorHost) {
		super(host);
		const { random } = host.deps;
		this.#app = newApp(random);
		this.#verifyToken = newSecret(random);
		this.setUp = wellSetUp(this.#app, random);
		this.account = {
			serviceConnection: `${host.origin}/${apiVersion}`,
			authentications: [
				{ authenticationId: this.#app.pageId, password: this.#app.token },
				{ authenticationId: "webhook", password: this.#app.appSecret },
				{ authenticationId: "verify", password: this.#verifyToken },
			],
			settings: {},
			ourAddress: this.#app.pageId,
		};
		host.serve({
			sends: (method, path) => method === "POST" && path.endsWith("/messages"),
			judge: (request) => this.#judge(request),
		});
	}

	override pointAt(webhookUrl: string, httpUser?: HttpUser): void {
		super.pointAt(webhookUrl, httpUser);
		this.setUp.webhooks = [{ object: "page", callbackUrl: webhookUrl, active: true, fields: [...fields] }];
	}

	contactWrites(message: ContactMessage): Promise<SentWebhook> {
		const mid = message.remoteId ?? this.#newMid();
		const attachments = (message.mediaUrls ?? []).map((url) => ({ type: "image", payload: { url } }));
		const content = {
			mid,
			...(message.text === "" ? {} : { text: message.text }),
			...(attachments.length === 0 ? {} : { attachments }),
		};
		const timestamp = this.#nowMs();
		this.#lastWrote.set(message.from, timestamp);
		return this.#post({ kind: "message", remoteId: mid }, [
			this.#entry({ sender: { id: message.from }, recipient: { id: this.#app.pageId }, timestamp, message: content }),
		]);
	}

	tell(entries: readonly unknown[]): Promise<SentWebhook> {
		return this.#post({ kind: "message", remoteId: "" }, entries);
	}

	greet(): Promise<SentWebhook> {
		const challenge = String(Math.floor(this.host.deps.random.fraction() * 2 ** 31));
		const query = new URLSearchParams({
			"hub.mode": "subscribe",
			"hub.challenge": challenge,
			"hub.verify_token": this.#verifyToken,
		});
		const { url, headers } = this.#target();
		const call: WebhookCall = { method: "GET", url: `${url}?${query.toString()}`, headers };
		return this.host.deliver({ kind: "handshake", remoteId: challenge }, () => this.host.call(call));
	}

	#judge(request: HeardRequest): Judgement {
		if (request.method === "GET") {
			const reply = metaReply(request, this.#app, this.setUp, this.#resources(request));
			return reply.status === 200
				? { ok: true, take: () => ({ reply }) }
				: { ok: false, reply, reason: `${request.path} ${reply.body}` };
		}
		const query = request.query.size === 0 ? "" : `?${request.query.toString()}`;
		const call = { ...request, target: request.path + query, body: Buffer.from(request.body, "utf8") };
		const judgement = judge(call, this.#app, (contact) => this.#agoMs(contact));
		if (judgement.ok) {
			return { ok: true, take: () => this.#take(judgement.taken) };
		}
		const { error } = judgement;
		return { ok: false, reply: { status: error.status, body: graphErrorBody(error) }, reason: error.message };
	}

	#resources(request: HeardRequest): Readonly<Record<string, MetaResource>> {
		const { pageId: id } = this.#app;
		const { isPublished, pageName: name, subscribedFields, appId } = this.setUp;
		if (name === undefined) {
			return {};
		}
		const apps =
			subscribedFields === undefined ? [] : [{ id: appId, name: "App", subscribed_fields: subscribedFields }];
		return {
			[id]: {
				token: "sender",
				parameters: ["fields"],
				reply: () => askedFields(request, { id, name, is_published: isPublished }),
			},
			[`${id}/subscribed_apps`]: {
				token: "sender",
				parameters: [],
				scope: "pages_manage_metadata",
				reply: () => jsonReply(200, { data: apps }),
			},
		};
	}

	#take(call: TakenCall): Taken {
		const mid = this.#newMid();
		const at = this.host.deps.clock.now();
		const attemptId = /^parley:([A-F0-9]{32})$/.exec(call.metadata ?? "")?.[1];
		this.taken.push({ remoteId: mid, attemptId, to: call.to, text: call.text, at });
		const reply = jsonReply(200, { recipient_id: call.to, message_id: mid });
		return { reply, receipts: () => this.#report(mid, call, at) };
	}

	/** Messenger reports no failures later on, so `failed` among the manners has no counterpart here. */
	async #report(mid: string, call: TakenCall, at: Date): Promise<void> {
		if (this.webhook === undefined) {
			return;
		}
		for (const kind of this.host.dueReceipts().filter((due) => due !== "failed")) {
			await this.#post({ kind: "receipt", remoteId: mid }, [this.#entry(this.#receiptOf(kind, mid, call, at))]);
		}
	}

	#receiptOf(kind: "sent" | "delivered" | "read", mid: string, call: TakenCall, at: Date): unknown {
		const page = { id: this.#app.pageId };
		const contact = call.to.startsWith("user_ref:") ? { user_ref: call.to.slice(9) } : { id: call.to };
		if (kind === "sent") {
			const metadata = call.metadata === undefined ? {} : { metadata: call.metadata };
			const message = { mid, is_echo: true, app_id: Number(this.setUp.appId), ...metadata, ...call.message };
			return { sender: page, recipient: contact, timestamp: at.getTime(), message };
		}
		const watermark = this.#nowMs();
		return kind === "delivered"
			? { sender: contact, recipient: page, delivery: { mids: [mid], watermark } }
			: { sender: contact, recipient: page, timestamp: watermark, read: { watermark } };
	}

	#entry(update: unknown): unknown {
		return { id: this.#app.pageId, time: this.#nowMs(), messaging: [update] };
	}

	#post(what: Pick<SentWebhook, "kind" | "remoteId">, entries: readonly unknown[]): Promise<SentWebhook> {
		const { url, headers } = this.#target();
		const body = asMetaWrites({ object: "page", entry: entries });
		const signed = { ...headers, ...metaSignatures(body, this.#app.appSecret), "content-type": "application/json" };
		return this.host.deliver(what, () => this.host.call({ method: "POST", url, headers: signed, body }));
	}

	#target(): { url: string; headers: Readonly<Record<string, string>> } {
		const { url, httpUser } = this.pointed();
		return { url, headers: credentialsOf(httpUser) };
	}

	#nowMs(): number {
		return this.host.deps.clock.now().getTime();
	}

	#agoMs(contact: string): number | undefined {
		const lastWrote = this.#lastWrote.get(contact);
		return lastWrote === undefined ? undefined : this.#nowMs() - lastWrote;
	}

	#newMid(): string {
		return `m_${newSecret(this.host.deps.random)}`;
	}
}

function newApp(random: Random): SimulatedApp {
	const digits = Array.from(random.bytes(14), (byte) => byte % 10).join("");
	return {
		pageId: `1${digits}`,
		token: `EAAB${newSecret(random)}`,
		appSecret: Buffer.from(random.bytes(16)).toString("hex"),
	};
}

function wellSetUp({ pageId }: SimulatedApp, random: Random): PageSetUp {
	return {
		appId: "1517776481860111",
		demandsProof: true,
		tokenTrouble: undefined,
		foreignToken: { token: `EAAB${newSecret(random)}`, appId: "1517776481860222" },
		tokenType: "PAGE",
		profileId: pageId,
		tokenExpiresAt: 0,
		scopes: ["pages_messaging", "pages_manage_metadata"],
		targets: undefined,
		webhooks: [],
		isPublished: true,
		pageName: "Simulated page",
		subscribedFields: [...fields],
	};
}
