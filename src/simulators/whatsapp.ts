// A stand-in for the WhatsApp Cloud API: takes what the Messages API would take, reports it sent, delivered and read (or
// failed), tells where media lie, and signs every webhook call the way Meta does (escaped JSON, SHA-256 and SHA-1).

import { newSecret, type Random } from "#platform/random.ts";
import { credentialsOf, HostedSimulator, type HttpUser } from "./hosted-simulator.ts";
import { type HeardRequest, type Judgement, jsonReply, SimulatorHost, type WebhookCall } from "./kit.ts";
import { asMetaWrites, askedFields, metaReply, type MetaResource, type MetaSetUp, metaSignatures } from "./meta-app.ts";
import type {
	ContactMessage,
	HostedFile,
	SentWebhook,
	SimulatedAccount,
	Simulator,
	SimulatorDeps,
	TakenMessage,
} from "./simulator.ts";
import {
	apiVersion,
	errorReply,
	judgeSend,
	type SendRequest,
	type SimulatedNumber,
	tokenRefusal,
} from "./whatsapp-messages-api.ts";

/** The number as its owner set it up. */
export type NumberSetUp = MetaSetUp & {
	/** The WhatsApp Business Account. */
	accountId: string;
	/** Undefined: the number does not exist. */
	number: { status: string; platformType: string; nameStatus: string } | undefined;
	/** Addresses that stand before the app's. */
	overrides: { phone_number?: string; whatsapp_business_account?: string };
	/** The kinds of objects (WABA, BUSINESS, …) that keep the number from sending. */
	blocked: string[];
	/** The apps that get the account's events. */
	subscribedApps: string[];
};

export type WhatsAppSimulator = Simulator & {
	readonly setUp: NumberSetUp;
	/** What Meta does when the webhook is set up or renewed: a GET whose challenge must come back. */
	greet(): Promise<SentWebhook>;
	/** One signed POST with these changes, for batches, other numbers and events nobody sends by hand. */
	tell(changes: readonly unknown[]): Promise<SentWebhook>;
};

type Media = { id: string; url: string };

/** Port 0 (the default) takes a free one. */
export async function startWhatsAppSimulator(
	deps: SimulatorDeps,
	options: { port?: number } = {},
): Promise<WhatsAppSimulator> {
	return new CloudApi(await SimulatorHost.open(deps, options.port));
}

class CloudApi extends HostedSimulator implements WhatsAppSimulator {
	readonly type = "whatsapp";
	readonly account: SimulatedAccount;
	readonly taken: TakenMessage[] = [];
	readonly #number: SimulatedNumber;
	readonly setUp: NumberSetUp;
	readonly #verifyToken: string;
	/** When each person last wrote, in milliseconds. */
	readonly #lastWrote = new Map<string, number>();
	readonly #media: Media[] = [];

	constructor(host: SimulatorHost) {
		super(host);
		const { random } = host.deps;
		this.#number = {
			phoneNumberId: digits(random),
			token: `EAAG${newSecret(random)}`,
			appSecret: Buffer.from(random.bytes(16)).toString("hex"),
		};
		this.#verifyToken = newSecret(random);
		this.setUp = wellSetUp(random);
		this.account = {
			serviceConnection: `${host.origin}/${apiVersion}`,
			authentications: [
				{ authenticationId: this.#number.phoneNumberId, password: this.#number.token },
				{ authenticationId: "webhook", password: this.#number.appSecret },
				{ authenticationId: "verify", password: this.#verifyToken },
			],
			settings: {},
			ourAddress: this.#number.phoneNumberId,
		};
		host.serve({
			sends: (method, path) => method === "POST" && path.endsWith("/messages"),
			judge: (request) => this.#judge(request),
		});
	}

	override pointAt(webhookUrl: string, httpUser?: HttpUser): void {
		super.pointAt(webhookUrl, httpUser);
		const webhook = { object: "whatsapp_business_account", callbackUrl: webhookUrl, active: true };
		this.setUp.webhooks = [{ ...webhook, fields: ["messages"] }];
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

	/** Several media are several messages, the first one with the text as its caption. */
	async contactWrites({ from, text, name, mediaUrls = [], remoteId }: ContactMessage): Promise<SentWebhook> {
		const person = from.replace(/^\+/, "");
		this.#lastWrote.set(person, this.#nowMs());
		const [first, ...others] = mediaUrls;
		const content = first === undefined ? { type: "text", text: { body: text } } : this.#image(first, text);
		const tell = (id: string, said: object) => {
			const message = { from: person, id, timestamp: this.#seconds(), ...said };
			const card = { profile: { name: name ?? person }, wa_id: person };
			return this.#post({ kind: "message", remoteId: id }, [this.#change({ contacts: [card], messages: [message] })]);
		};
		let last = await tell(remoteId ?? this.#newId(), content);
		for (const url of others) {
			last = await tell(this.#newId(), this.#image(url, ""));
		}
		return last;
	}

	/** Also the file itself is had with the token only. */
	override hostFile(file: HostedFile): string {
		return super.hostFile({ authorization: `Bearer ${this.#number.token}`, ...file });
	}

	tell(changes: readonly unknown[]): Promise<SentWebhook> {
		return this.#post({ kind: "message", remoteId: "" }, changes);
	}

	#image(url: string, caption: string): object {
		const id = digits(this.host.deps.random);
		this.#media.push({ id, url });
		const image = { mime_type: "image/jpeg", sha256: "c2ltdWxhdGVk", id };
		return { type: "image", image: caption === "" ? image : { caption, ...image } };
	}

	#judge(request: HeardRequest): Judgement {
		if (request.method === "GET") {
			const reply = metaReply(request, this.#number, this.setUp, this.#resources(request));
			return reply.status === 200
				? { ok: true, take: () => ({ reply }) }
				: { ok: false, reply, reason: `${request.path} ${reply.body}` };
		}
		const refusal = tokenRefusal(request, this.#number);
		if (refusal !== undefined) {
			return { ok: false, reply: errorReply(refusal), reason: `${refusal.code} ${refusal.details}` };
		}
		const judged = judgeSend(request, this.#number, (person) => this.#agoMs(person));
		return judged.ok
			? { ok: true, take: () => this.#take(judged.send) }
			: { ok: false, reply: errorReply(judged.refusal), reason: `${judged.refusal.code} ${judged.refusal.details}` };
	}

	#resources(request: HeardRequest): Readonly<Record<string, MetaResource>> {
		const { number, accountId, subscribedApps } = this.setUp;
		const media = this.#media.map(({ id, url }): [string, MetaResource] => {
			const told = { messaging_product: "whatsapp", mime_type: "image/jpeg", file_size: 1, id, url };
			return [
				id,
				{ token: "sender", parameters: [], optional: ["phone_number_id"], reply: () => jsonReply(200, told) },
			];
		});
		const apps = subscribedApps.map((id) => ({ whatsapp_business_api_data: { id, name: "Simulated app" } }));
		return {
			...Object.fromEntries(media),
			...(number === undefined
				? {}
				: {
						[this.#number.phoneNumberId]: {
							token: "sender",
							parameters: ["fields"],
							scope: "whatsapp_business_management",
							reply: () => askedFields(request, this.#numberFields(number)),
						},
					}),
			[`${accountId}/subscribed_apps`]: {
				token: "sender",
				parameters: [],
				scope: "whatsapp_business_management",
				reply: () => jsonReply(200, { data: apps }),
			},
		};
	}

	#numberFields({ status, platformType, nameStatus }: NonNullable<NumberSetUp["number"]>) {
		const { accountId, appId, blocked, overrides, webhooks } = this.setUp;
		const ids = { PHONE_NUMBER: this.#number.phoneNumberId, WABA: accountId, BUSINESS: "1", APP: appId };
		const entities = Object.entries(ids).map(([entity_type, id]) =>
			blocked.includes(entity_type)
				? { entity_type, id, can_send_message: "BLOCKED", errors: [{ error_code: 141_006 }] }
				: { entity_type, id, can_send_message: "AVAILABLE" },
		);
		return {
			id: this.#number.phoneNumberId,
			display_phone_number: "+1 555 078 3881",
			verified_name: "Simulated number",
			status,
			platform_type: platformType,
			name_status: nameStatus,
			webhook_configuration: { application: webhooks[0]?.callbackUrl ?? "", ...overrides },
			health_status: { can_send_message: blocked.length === 0 ? "AVAILABLE" : "BLOCKED", entities },
		};
	}

	#take(send: SendRequest) {
		const id = this.#newId();
		const attemptId = /^parley:([A-F0-9]{32})$/.exec(send.callbackData ?? "")?.[1];
		this.taken.push({ remoteId: id, attemptId, to: send.to, text: send.text, at: this.host.deps.clock.now() });
		this.host.fetchFiles([send.text]); // A medium is shown as its link.
		const reply = jsonReply(200, {
			messaging_product: "whatsapp",
			contacts: [{ input: send.to, wa_id: send.to }],
			messages: [{ id, message_status: "accepted" }],
		});
		return { reply, receipts: () => this.#report(id, send) };
	}

	async #report(id: string, send: SendRequest): Promise<void> {
		if (this.webhook === undefined) {
			return;
		}
		for (const status of this.host.dueReceipts()) {
			const data = send.callbackData === undefined ? {} : { biz_opaque_callback_data: send.callbackData };
			const errors = status === "failed" ? { errors: [undeliverable] } : {};
			const told = { id, status, timestamp: this.#seconds(), recipient_id: send.to, ...data, ...errors };
			await this.#post({ kind: "receipt", remoteId: id }, [this.#change({ statuses: [told] })]);
		}
	}

	#change(lists: object): object {
		const metadata = { display_phone_number: "15550783881", phone_number_id: this.#number.phoneNumberId };
		return { value: { messaging_product: "whatsapp", metadata, ...lists }, field: "messages" };
	}

	#post(what: Pick<SentWebhook, "kind" | "remoteId">, changes: readonly unknown[]): Promise<SentWebhook> {
		const entry = [{ id: this.setUp.accountId, changes }];
		const body = asMetaWrites({ object: "whatsapp_business_account", entry });
		const { url, headers } = this.#target();
		const signed = { ...headers, ...metaSignatures(body, this.#number.appSecret), "content-type": "application/json" };
		return this.host.deliver(what, () => this.host.call({ method: "POST", url, headers: signed, body }));
	}

	#target(): { url: string; headers: Readonly<Record<string, string>> } {
		const { url, httpUser } = this.pointed();
		return { url, headers: credentialsOf(httpUser) };
	}

	#nowMs(): number {
		return this.host.deps.clock.now().getTime();
	}

	#seconds(): string {
		return String(Math.floor(this.#nowMs() / 1000));
	}

	#agoMs(person: string): number | undefined {
		const lastWrote = this.#lastWrote.get(person);
		return lastWrote === undefined ? undefined : this.#nowMs() - lastWrote;
	}

	#newId(): string {
		return `wamid.${Buffer.from(this.host.deps.random.bytes(27)).toString("base64")}`;
	}
}

function wellSetUp(random: Random): NumberSetUp {
	return {
		appId: "1517776481860111",
		demandsProof: false,
		tokenTrouble: undefined,
		foreignToken: { token: `EAAG${newSecret(random)}`, appId: "1517776481860222" },
		tokenType: "SYSTEM_USER",
		profileId: undefined,
		tokenExpiresAt: 0,
		scopes: ["whatsapp_business_messaging", "whatsapp_business_management"],
		targets: undefined,
		webhooks: [],
		accountId: digits(random),
		number: { status: "CONNECTED", platformType: "CLOUD_API", nameStatus: "APPROVED" },
		overrides: {},
		blocked: [],
		subscribedApps: ["1517776481860111"],
	};
}

const undeliverable = {
	code: 131026,
	title: "Message undeliverable",
	message: "Message undeliverable",
	error_data: { details: "Message Undeliverable." },
	href: "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/",
};

function digits(random: Random): string {
	return `1${Array.from(random.bytes(14), (byte) => byte % 10).join("")}`;
}
