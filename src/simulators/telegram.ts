// A stand-in for the Telegram Bot API: takes what the Bot API would take, tells who the bot is and where its updates go,
// hands out files, and brings updates to the webhook with the secret that was registered. It reports nothing: Telegram
// tells a bot neither that a message was delivered nor that it was read.

import { STATUS_CODES } from "node:http";
import type { Random } from "#platform/random.ts";
import { credentialsOf, type HttpUser, HostedSimulator } from "./hosted-simulator.ts";
import { type HeardRequest, type HttpReply, type Judgement, jsonReply, SimulatorHost, type Taken } from "./kit.ts";
import type {
	ContactMessage,
	SentWebhook,
	SimulatedAccount,
	Simulator,
	SimulatorDeps,
	TakenMessage,
} from "./simulator.ts";
import {
	asFields,
	bad,
	type BotApiCall,
	type BotApiRefusal,
	type Fields,
	judgeCall,
	refusalReply,
} from "./telegram-bot-api.ts";

/** What getWebhookInfo tells; a test may change it. */
export type Registration = {
	url: string;
	allowedUpdates: readonly string[];
	pending: number;
	lastError?: { at: Date; message: string };
};

export type TelegramSimulator = Simulator & {
	/** What getMe tells. */
	me: { id: number; username: string };
	registration: Registration;
	/** Every call of the bot is refused so: the token was revoked, the bot logged out. */
	refusal: BotApiRefusal | undefined;
	/** People who have blocked the bot, by the number of their chat. */
	readonly blocked: Set<number>;
	/** Groups that became supergroups: the old number, and the new one. */
	readonly moved: Map<number, number>;
	/** The presses whose end was told, by answerCallbackQuery or in the reply to the webhook. */
	readonly answeredPresses: readonly string[];
	/** Somebody presses the button with that text and data below a message of the bot. */
	press(button: { from: string; messageId: number; text: string; data: string }): Promise<SentWebhook>;
	/** One update with that field, for what nobody sends by hand. */
	tell(update: Fields): Promise<SentWebhook>;
};

/** Port 0 (the default) takes a free one. */
export async function startTelegramSimulator(
	deps: SimulatorDeps,
	options: { port?: number } = {},
): Promise<TelegramSimulator> {
	return new BotApi(await SimulatorHost.open(deps, options.port));
}

type File = { id: string; url: string };

class BotApi extends HostedSimulator implements TelegramSimulator {
	readonly type = "telegram";
	override readonly somebody: string = "7000000001";
	readonly account: SimulatedAccount;
	readonly taken: TakenMessage[] = [];
	me: TelegramSimulator["me"];
	registration: Registration = { url: "", allowedUpdates: [], pending: 0 };
	refusal: BotApiRefusal | undefined;
	readonly blocked = new Set<number>();
	readonly moved = new Map<number, number>();
	readonly answeredPresses: string[] = [];
	readonly #token: string;
	readonly #files: File[] = [];
	#secret: string;
	#messageId = 100;
	#updateId: number;

	constructor(host: SimulatorHost) {
		super(host);
		const { random } = host.deps;
		this.me = { id: 8_000_000_000 + below(random, 999_999_999), username: "acme_support_bot" };
		this.#token = `${this.me.id}:${Buffer.from(random.bytes(26)).toString("base64url")}`;
		this.#secret = Buffer.from(random.bytes(24)).toString("base64url");
		this.#updateId = 100_000_000 + below(random, 900_000_000);
		this.account = {
			serviceConnection: host.origin,
			authentications: [
				{ authenticationId: this.me.username, password: this.#token },
				{ authenticationId: "webhook", password: this.#secret },
			],
			settings: {},
			ourAddress: this.me.username,
		};
		host.serve({
			sends: (method, path) => method === "POST" && /^\/bot[^/]+\/send\w+$/i.test(path),
			judge: (request) => this.#judge(request),
		});
	}

	/** As if the administrator had called setWebhook, which takes https alone. */
	override pointAt(webhookUrl: string, httpUser?: HttpUser): void {
		super.pointAt(webhookUrl, httpUser);
		this.registration = { ...this.registration, url: webhookUrl };
	}

	/** Several media are several messages, the first one with the text as its caption. */
	async contactWrites({ from, text, name, mediaUrls = [], remoteId }: ContactMessage): Promise<SentWebhook> {
		const chat = this.#chatOf(from, name);
		const [first, ...others] = mediaUrls;
		const tell = (said: Fields, id = this.#nextMessageId()) =>
			this.#post(`${String(chat["id"])}/${id}`, {
				message: this.#message(chat, id, { ...said, from: person(from, name) }),
			});
		const givenId = Number(/\/(\d+)$/.exec(remoteId ?? "")?.[1] ?? this.#nextMessageId());
		let last = await tell(first === undefined ? { text } : this.#photo(first, text), givenId);
		for (const url of others) {
			last = await tell(this.#photo(url, ""));
		}
		return last;
	}

	async press(button: { from: string; messageId: number; text: string; data: string }): Promise<SentWebhook> {
		const id = String(this.#nextUpdateId());
		const { from, messageId, text, data } = button;
		const reply_markup = { inline_keyboard: [[{ text, callback_data: data }]] };
		const message = this.#message(this.#chatOf(from), messageId, { text: "Choose", reply_markup });
		const query = { id, from: person(from), message, chat_instance: "1", data };
		const sent = await this.#post(`callback/${id}`, { callback_query: query });
		const reply = asFields(sent.body === "" ? undefined : JSON.parse(sent.body));
		if (reply?.["method"] === "answerCallbackQuery") {
			this.answeredPresses.push(String(reply["callback_query_id"]));
		}
		return sent;
	}

	tell(update: Fields): Promise<SentWebhook> {
		return this.#post("", update);
	}

	#judge(request: HeardRequest): Judgement {
		const file = this.#files.find(({ id }) => request.path === `/file/bot${this.#token}/photos/${id}.jpg`);
		if (file !== undefined && request.method === "GET") {
			return { ok: true, take: () => ({ reply: { status: 200, body: file.url } }) };
		}
		const judged = judgeCall(request, this.#token);
		const refusal = judged.ok ? (this.refusal ?? this.#chatRefusal(judged.call)) : judged.refusal;
		return judged.ok && refusal === undefined
			? { ok: true, take: () => this.#take(judged.call) }
			: refused(refusal ?? bad("unknown"));
	}

	#chatRefusal({ method, fields }: BotApiCall): BotApiRefusal | undefined {
		const chat = Number(fields["chat_id"]);
		const movedTo = this.moved.get(chat);
		if (movedTo !== undefined) {
			const parameters = { migrate_to_chat_id: movedTo };
			return { ...bad("group chat was upgraded to a supergroup chat"), parameters };
		}
		if (method === "getfile" && !this.#files.some(({ id }) => id === fields["file_id"])) {
			return bad("invalid file_id");
		}
		return this.blocked.has(chat) ? { code: 403, description: "Forbidden: bot was blocked by the user" } : undefined;
	}

	#take({ method, fields }: BotApiCall): Taken {
		const result = (value: unknown): Taken => ({ reply: done(value) });
		switch (method) {
			case "getme":
				return result({ ...this.me, is_bot: true, first_name: "Acme", can_join_groups: true });
			case "getwebhookinfo":
				return result(this.#webhookInfo());
			case "getfile":
				return result({ file_id: fields["file_id"], file_path: `photos/${String(fields["file_id"])}.jpg` });
			case "setwebhook":
				this.#register(fields);
				return result(true);
			case "deletewebhook":
				this.registration = { ...this.registration, url: "" };
				return result(true);
			case "answercallbackquery":
				this.answeredPresses.push(String(fields["callback_query_id"]));
				return result(true);
			default:
				return result(this.#takeMessage(fields));
		}
	}

	#register({ url, secret_token, allowed_updates }: Fields): void {
		this.webhook = { url: String(url), httpUser: undefined };
		this.#secret = typeof secret_token === "string" ? secret_token : "";
		const allowedUpdates = Array.isArray(allowed_updates) ? allowed_updates.map(String) : [];
		this.registration = { ...this.registration, url: String(url), allowedUpdates };
	}

	#webhookInfo(): Fields {
		const { url, allowedUpdates, pending, lastError } = this.registration;
		return {
			url,
			has_custom_certificate: false,
			pending_update_count: pending,
			max_connections: 40,
			...(allowedUpdates.length === 0 ? {} : { allowed_updates: allowedUpdates }),
			...(lastError === undefined
				? {}
				: { last_error_date: Math.floor(lastError.at.getTime() / 1000), last_error_message: lastError.message }),
		};
	}

	#takeMessage(fields: Fields): Fields {
		const chat = this.#chatOf(String(fields["chat_id"]));
		const id = this.#nextMessageId();
		const { chat_id: _chat, reply_parameters: _reply, link_preview_options: _preview, ...content } = fields;
		const [text = ""] = [content["text"], ...Object.values(content)].filter((value) => typeof value === "string");
		const to = String(chat["id"]);
		const at = this.host.deps.clock.now();
		this.taken.push({ remoteId: `${to}/${id}`, attemptId: undefined, to, text, at });
		return this.#message(chat, id, { text });
	}

	async #post(remoteId: string, update: Fields): Promise<SentWebhook> {
		const body = JSON.stringify({ update_id: this.#nextUpdateId(), ...update });
		const { url, httpUser } = this.pointed();
		const secret = this.#secret === "" ? {} : { "x-telegram-bot-api-secret-token": this.#secret };
		const headers = { ...credentialsOf(httpUser), ...secret, "content-type": "application/json" };
		const sent = await this.host.deliver({ kind: "message", remoteId }, () =>
			this.host.call({ method: "POST", url, headers, body }),
		);
		this.#note(sent);
		return sent;
	}

	/** What was not taken waits, and getWebhookInfo tells why. */
	#note({ status, at }: SentWebhook): void {
		if (status >= 200 && status <= 299) {
			return;
		}
		const words = `Wrong response from the webhook: ${status} ${STATUS_CODES[status] ?? ""}`;
		const lastError = { at, message: status === 0 ? "Connection refused" : words };
		this.registration = { ...this.registration, pending: this.registration.pending + 1, lastError };
	}

	#message(chat: Fields, message_id: number, more: Fields): Fields {
		const date = Math.floor(this.host.deps.clock.now().getTime() / 1000);
		return { message_id, chat, date, ...more };
	}

	/** A person by the digits of whatever names them, a group by a number below zero. */
	#chatOf(from: string, name = "Somebody"): Fields {
		const id = numberOf(from);
		return id < 0 ? { id, title: name, type: "supergroup" } : { id, first_name: name, type: "private" };
	}

	#photo(url: string, caption: string): Fields {
		const file_id = `AgACAgQAAx${Buffer.from(this.host.deps.random.bytes(12)).toString("base64url")}`;
		this.#files.push({ id: file_id, url });
		const photo = [{ file_id, file_unique_id: file_id.slice(-8), width: 800, height: 600, file_size: 1 }];
		return caption === "" ? { photo } : { photo, caption };
	}

	#nextMessageId(): number {
		this.#messageId += 1;
		return this.#messageId;
	}

	#nextUpdateId(): number {
		this.#updateId += 1;
		return this.#updateId;
	}
}

function done(result: unknown): HttpReply {
	return jsonReply(200, { ok: true, result });
}

function refused(refusal: BotApiRefusal): Judgement {
	const { code, description } = refusal;
	return { ok: false, reply: refusalReply(refusal), reason: `${code} ${description}` };
}

function numberOf(from: string): number {
	return Number(from.replaceAll(/[^\d-]/g, ""));
}

/** Who wrote: in a group one of its members. */
function person(from: string, name = "Somebody"): Fields {
	const id = numberOf(from);
	return { id: id < 0 ? 7_000_000_099 : id, is_bot: false, first_name: name, language_code: "en" };
}

function below(random: Random, bound: number): number {
	return Math.floor(random.fraction() * bound);
}
