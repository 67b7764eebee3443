// A stand-in for Twilio Programmable Messaging: takes what the Messages resource would take, calls the status callback
// of each message, signs every webhook under the auth token, and meets HTTP authentication the way Twilio does: first
// without credentials, then with them.

import { createHmac } from "node:crypto";
import type { Random } from "#platform/random.ts";
import { HostedSimulator, type HttpUser } from "./hosted-simulator.ts";
import {
	basicAuthorization,
	jsonReply,
	type HeardRequest,
	type HttpReply,
	type Judgement,
	SimulatorHost,
	type WebhookAnswer,
} from "./kit.ts";
import type {
	ContactMessage,
	SentWebhook,
	SimulatedAccount,
	Simulator,
	SimulatorDeps,
	TakenMessage,
} from "./simulator.ts";
import { accountReply, type TwilioSetUp } from "./twilio-account.ts";
import {
	accountPath,
	accountRefusal,
	errorReply,
	formRefusal,
	listReply,
	type LoggedMessage,
	readForm,
	toResource,
	type TwilioAccount,
	type TwilioRefusal,
} from "./twilio-messages-api.ts";

export type TwilioSimulator = Simulator & {
	/** An API key of the account, which may be used for sending instead of the auth token. */
	readonly apiKey: { sid: string; secret: string };
	/** The account as its owner set it up: well, and its webhooks lead where Parley listens. */
	readonly setUp: TwilioSetUp;
	/** One signed form to Parley with these parameters, for what nobody sends by hand. */
	tell(parameters: Readonly<Record<string, string>>): Promise<SentWebhook>;
};

type Fields = Readonly<Record<string, string>>;

/** Port 0 (the default) takes a free one. */
export async function startTwilioSimulator(
	deps: SimulatorDeps,
	options: { port?: number } = {},
): Promise<TwilioSimulator> {
	return new ProgrammableMessaging(await SimulatorHost.open(deps, options.port));
}

class ProgrammableMessaging extends HostedSimulator implements TwilioSimulator {
	readonly type = "twilio";
	readonly account: SimulatedAccount;
	readonly taken: TakenMessage[] = [];
	readonly apiKey: { sid: string; secret: string };
	readonly setUp: TwilioSetUp;
	readonly #account: TwilioAccount;
	readonly #log: LoggedMessage[] = [];
	/** Where the contact's media lie, by the path of the media resource. */
	readonly #media = new Map<string, string>();

	constructor(host: SimulatorHost) {
		super(host);
		const { random } = host.deps;
		this.#account = {
			accountSid: newSid("AC", random),
			authToken: hex(random),
			apiKey: { sid: newSid("SK", random), secret: hex(random) },
		};
		this.apiKey = this.#account.apiKey;
		this.account = {
			serviceConnection: host.origin,
			authentications: [{ authenticationId: this.#account.accountSid, password: this.#account.authToken }],
			settings: {},
			ourAddress: `+1555${String(Math.floor(random.fraction() * 10_000_000)).padStart(7, "0")}`,
		};
		this.setUp = wellSetUp(this.account.ourAddress, newSid("MG", random));
		host.serve({
			sends: (method, path) => method === "POST" && path.endsWith("/Messages.json"),
			judge: (request) => this.#judge(request),
		});
	}

	override pointAt(webhookUrl: string, httpUser?: HttpUser): void {
		const [url = webhookUrl] = webhookUrl.split("#"); // A fragment is for Twilio itself and is never called.
		super.pointAt(url, httpUser);
		const entered = `${withUserInfo(url, httpUser)}#rc=5&rp=all`;
		for (const number of this.setUp.numbers) {
			number.smsUrl = entered;
		}
		this.setUp.messagingService.inboundUrl = entered;
		this.setUp.messagingService.statusCallback = entered;
	}

	contactWrites(message: ContactMessage): Promise<SentWebhook> {
		const media = message.mediaUrls ?? [];
		const sid = message.remoteId ?? newSid(media.length === 0 ? "SM" : "MM", this.host.deps.random);
		const prefix = /^[a-z]+:/.exec(message.from)?.[0] ?? "";
		const profile = prefix === "" || message.name === undefined ? {} : { ProfileName: message.name };
		return this.tell({
			SmsMessageSid: sid,
			NumMedia: String(media.length),
			SmsSid: sid,
			SmsStatus: "received",
			...profile,
			...(prefix === "whatsapp:" ? { WaId: message.from.replace(/^whatsapp:\+?/, "") } : {}),
			Body: message.text,
			To: prefix + this.account.ourAddress,
			...this.#mediaFields(sid, media),
			NumSegments: "1",
			MessageSid: sid,
			AccountSid: this.#account.accountSid,
			From: message.from,
			ApiVersion: "2010-04-01",
		});
	}

	tell(parameters: Fields): Promise<SentWebhook> {
		const { url } = this.pointed();
		const what = { kind: "message", remoteId: parameters["MessageSid"] ?? "" } as const;
		return this.host.deliver(what, () => this.#post(url, parameters));
	}

	#judge(request: HeardRequest): Judgement {
		const media = this.#media.get(request.path);
		if (request.method === "GET" && media !== undefined) {
			const stranger = accountRefusal(request, this.#account);
			if (stranger !== undefined) {
				return refused(stranger);
			}
			return { ok: true, take: () => ({ reply: { status: 307, body: "", headers: { location: media } } }) };
		}
		const told = accountReply(request, this.#account, this.setUp);
		if (told !== undefined) {
			const reason = `${request.path} ${told.body}`;
			return told.status === 200 ? { ok: true, take: () => ({ reply: told }) } : { ok: false, reply: told, reason };
		}
		const stranger = accountRefusal(request, this.#account);
		if (stranger !== undefined) {
			return refused(stranger);
		}
		const resource = request.path.slice(accountPath(this.#account).length);
		if (request.method === "POST" && resource === "Messages.json") {
			const broken = formRefusal(request);
			return broken === undefined ? { ok: true, take: () => this.#take(request) } : refused(broken);
		}
		const reply = request.method === "GET" ? this.#read(resource, request.query) : undefined;
		return reply === undefined
			? refused({ status: 404, code: 20404, message: `The requested resource ${request.path} was not found` })
			: { ok: true, take: () => ({ reply }) };
	}

	#read(resource: string, query: URLSearchParams): HttpReply | undefined {
		if (resource === "Messages.json") {
			return listReply(query, this.#log, this.#account);
		}
		const message = this.#log.find(({ sid }) => resource === `Messages/${sid}.json`);
		return message === undefined ? undefined : jsonReply(200, toResource(message, this.#account));
	}

	#take(request: HeardRequest) {
		const { clock, random } = this.host.deps;
		const hasMedia = new URLSearchParams(request.body).has("MediaUrl");
		const message = readForm(request, newSid(hasMedia ? "MM" : "SM", random), clock.now());
		this.#log.push(message);
		const { sid: remoteId, to, body: text, at } = message;
		this.taken.push({ remoteId, attemptId: attemptIn(message.statusCallback), to, text, at });
		this.host.fetchFiles(message.mediaUrls);
		const reply = jsonReply(201, toResource(message, this.#account));
		return { reply, receipts: () => this.#report(message) };
	}

	async #report(message: LoggedMessage): Promise<void> {
		const callback = message.statusCallback;
		if (callback === undefined) {
			return;
		}
		for (const kind of this.host.dueReceipts()) {
			message.status = kind === "failed" ? "undelivered" : kind;
			message.errorCode = kind === "failed" ? 30003 : null;
			const parameters = this.#statusFields(message);
			const what = { kind: "receipt", remoteId: message.sid } as const;
			await this.host.deliver(what, () => this.#post(callback, parameters));
		}
	}

	#statusFields({ sid, status, errorCode, from, to, messagingServiceSid }: LoggedMessage): Fields {
		const isReported = !to.includes(":") && ["delivered", "undelivered"].includes(status);
		return {
			AccountSid: this.#account.accountSid,
			From: from ?? this.account.ourAddress,
			To: to,
			MessageSid: sid,
			MessageStatus: status,
			SmsSid: sid,
			SmsStatus: status,
			...(errorCode === null ? {} : { ErrorCode: String(errorCode) }),
			...(messagingServiceSid === null ? {} : { MessagingServiceSid: messagingServiceSid }),
			...(isReported ? { RawDlrDoneDate: dlrDate(this.host.deps.clock.now()) } : {}),
			...(status === "read" ? { EventType: "READ" } : {}),
			ApiVersion: "2010-04-01",
		};
	}

	#mediaFields(sid: string, urls: readonly string[]): Fields {
		const fields: Record<string, string> = {};
		for (const [index, url] of urls.entries()) {
			const path = `${accountPath(this.#account)}Messages/${sid}/Media/${newSid("ME", this.host.deps.random)}`;
			this.#media.set(path, url);
			fields[`MediaUrl${index}`] = this.origin + path;
			fields[`MediaContentType${index}`] = contentTypeOf(url);
		}
		return fields;
	}

	/** One signed form, repeated as the fragment of the address asks for; resolves with the last answer. */
	async #post(address: string, parameters: Fields): Promise<WebhookAnswer> {
		const [url = "", fragment = ""] = address.split("#", 2);
		const overrides = new URLSearchParams(fragment);
		const policy = overrides.get("rp") ?? "ct";
		const token = hex(this.host.deps.random);
		let answer = await this.#postOnce(url, parameters, token);
		for (let left = Number(overrides.get("rc") ?? 1); left > 0 && isRepeated(answer, policy); left--) {
			answer = await this.#postOnce(url, parameters, token);
		}
		return answer;
	}

	async #postOnce(url: string, parameters: Fields, idempotencyToken: string): Promise<WebhookAnswer> {
		const httpUser = this.#httpUserFor(url);
		const call = {
			method: "POST",
			url,
			headers: {
				"content-type": "application/x-www-form-urlencoded; charset=UTF-8",
				"user-agent": "TwilioProxy/1.1",
				"i-twilio-idempotency-token": idempotencyToken,
				"x-twilio-signature": signature(this.#account.authToken, withUserInfo(url, httpUser), parameters),
			},
			body: new URLSearchParams(parameters).toString(),
		} as const;
		const answer = await this.host.call(call);
		if (answer.status !== 401 || httpUser === undefined) {
			return answer;
		}
		return this.host.call({ ...call, headers: { ...call.headers, authorization: basicAuthorization(httpUser) } });
	}

	/** The HTTP user belongs to the address that Parley was given; another host must not learn it. */
	#httpUserFor(url: string): HttpUser | undefined {
		const webhook = this.webhook;
		return webhook !== undefined && URL.parse(webhook.url)?.origin === URL.parse(url)?.origin
			? webhook.httpUser
			: undefined;
	}
}

function wellSetUp(phoneNumber: string, serviceSid: string): TwilioSetUp {
	return {
		status: "active",
		type: "Full",
		keyReads: "everything",
		numbers: [{ phoneNumber, canSendMessages: true, smsUrl: "", smsApplicationSid: "" }],
		applications: {},
		messagingService: {
			sid: serviceSid,
			senders: [phoneNumber],
			usesWebhookOfNumber: false,
			inboundUrl: null,
			statusCallback: null,
		},
	};
}

function refused(refusal: TwilioRefusal): Judgement {
	return { ok: false, reply: errorReply(refusal), reason: `${refusal.code} ${refusal.message}` };
}

function attemptIn(statusCallback: string | undefined): string | undefined {
	const attempt = URL.parse(statusCallback ?? "")?.searchParams.get("attempt") ?? "";
	return /^[A-F0-9]{32}$/.test(attempt) ? attempt : undefined;
}

/** `rp` lists the failures after which a call is repeated: connection (`ct`), read (`rt`), `4xx`, `5xx` or `all`. */
function isRepeated({ status }: WebhookAnswer, policy: string): boolean {
	const isFailure = status === 0 || status >= 400;
	const names = status === 0 ? ["ct", "rt"] : [status < 500 ? "4xx" : "5xx"];
	const wanted = policy.split(",");
	return isFailure && (wanted.includes("all") || names.some((name) => wanted.includes(name)));
}

function withUserInfo(url: string, httpUser: HttpUser | undefined): string {
	return httpUser === undefined ? url : url.replace("://", () => `://${httpUser.login}:${httpUser.password}@`);
}

function signature(authToken: string, url: string, parameters: Fields): string {
	const signed = Object.keys(parameters)
		.toSorted()
		.map((name) => name + (parameters[name] ?? ""));
	return createHmac("sha1", authToken)
		.update(url + signed.join(""), "utf8")
		.digest("base64");
}

function hex(random: Random): string {
	return Buffer.from(random.bytes(16)).toString("hex");
}

function newSid(prefix: string, random: Random): string {
	return prefix + hex(random);
}

/** YYMMDDhhmm, as carriers write it. */
function dlrDate(at: Date): string {
	return at.toISOString().replaceAll(/[-T:]/g, "").slice(2, 12);
}

const contentTypes: Readonly<Record<string, string>> = {
	jpg: "image/jpeg",
	jpeg: "image/jpeg",
	png: "image/png",
	gif: "image/gif",
	pdf: "application/pdf",
	mp4: "video/mp4",
	ogg: "audio/ogg",
};

function contentTypeOf(url: string): string {
	const ending = /\.([a-z0-9]+)(?:[?#]|$)/i.exec(url)?.[1] ?? "";
	return contentTypes[ending.toLowerCase()] ?? "application/octet-stream";
}
