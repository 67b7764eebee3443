// A stand-in for SAP Social 365 as Parley proposes to speak with it: two hub accounts of one landscape, which takes and
// refuses messages, reports to the address that each one names, and sends what contacts write to the one that was entered,
// with the HTTP user where it was given one. The real protocol is not public.

import { newSecret, type Random } from "#platform/random.ts";
import { credentialsOf, HostedSimulator } from "./hosted-simulator.ts";
import {
	type HeardRequest,
	type HttpReply,
	jsonReply,
	type Judgement,
	SimulatorHost,
	type Taken,
	type WebhookAnswer,
} from "./kit.ts";
import type {
	ContactMessage,
	SentWebhook,
	SimulatedAccount,
	Simulator,
	SimulatorDeps,
	TakenMessage,
	WebhookManners,
} from "./simulator.ts";
import {
	type HubAccount,
	messagesPath,
	readMessages,
	refusalReply,
	type SocialRefusal,
	type Submission,
} from "./social365-messages-api.ts";

export type Social365Simulator = Simulator & {
	/** A WeChat sender of the other account. */
	readonly otherAddress: string;
	/** What `/messages` answers in place of what it would. */
	instead: HttpReply | undefined;
	/** What a contact's message looks like, at either of our addresses. */
	arrival(message: ContactMessage, ourAddress?: string): Fields;
	/** One POST to Parley with this body, for what nobody sends by hand. */
	tell(body: unknown): Promise<SentWebhook>;
};

type Fields = Readonly<Record<string, unknown>>;
type ReceiptKind = WebhookManners["receipts"][number];

/** Port 0 (the default) takes a free one. */
export async function startSocial365Simulator(
	deps: SimulatorDeps,
	options: { port?: number } = {},
): Promise<Social365Simulator> {
	return new SocialChannels(await SimulatorHost.open(deps, options.port));
}

class SocialChannels extends HostedSimulator implements Social365Simulator {
	readonly type = "social365";
	readonly account: SimulatedAccount;
	readonly otherAddress: string;
	readonly taken: TakenMessage[] = [];
	instead: HttpReply | undefined;
	readonly #accounts: readonly [HubAccount, HubAccount];

	constructor(host: SimulatorHost) {
		super(host);
		const { random } = host.deps;
		const number = `+4477009${String(Math.floor(random.fraction() * 100_000)).padStart(5, "0")}`;
		const wechat = `gh_${hex(random).slice(0, 12)}`;
		this.#accounts = [
			{ id: 10001, username: "parley", password: newSecret(random), origins: { WHATSAPP: number } },
			{ id: 10002, username: "ops@example.com", password: newSecret(random), origins: { WECHAT: wechat } },
		];
		this.account = {
			serviceConnection: `${host.origin}/api`,
			authentications: this.#accounts.map(({ id, username, password }) => ({
				authenticationId: `${username}@${id}`,
				password,
			})),
			settings: {},
			ourAddress: `whatsapp:${number}@10001`,
		};
		this.otherAddress = `wechat:${wechat}@10002`;
		host.serve({
			sends: (method, path) => method === "POST" && path === messagesPath,
			judge: (request) => this.#judge(request),
		});
	}

	/** Several media are several messages, the first one with the text, in one list. */
	contactWrites(message: ContactMessage): Promise<SentWebhook> {
		const { mediaUrls = [], ...said } = message;
		const id = message.remoteId ?? newId(this.host.deps.random);
		const others = mediaUrls.slice(1).map((url) => this.arrival({ from: message.from, text: "", mediaUrls: [url] }));
		const first = this.arrival({ ...said, mediaUrls: mediaUrls.slice(0, 1), remoteId: id });
		return this.#deliver("message", id, others.length === 0 ? first : [first, ...others]);
	}

	arrival({ from, text, mediaUrls = [], remoteId }: ContactMessage, ourAddress = this.account.ourAddress): Fields {
		const [, word = "", origin = "", account = ""] = /^(\w+):(.+)@(\d+)$/.exec(ourAddress) ?? [];
		const [url] = mediaUrls;
		return {
			clientId: Number(account),
			channel: word.toUpperCase(),
			sender: from,
			originatingAddress: origin,
			...(text === "" ? {} : { message: text }),
			...(url === undefined ? {} : { media: { url, mimeType: "image/jpeg" } }),
			parameters: { accountId: account, messageId: remoteId ?? newId(this.host.deps.random), keyword: "N/A" },
			receivedTime: this.host.deps.clock.now().toISOString().slice(0, 19),
		};
	}

	tell(body: unknown): Promise<SentWebhook> {
		return this.#deliver("message", "", body);
	}

	#judge(request: HeardRequest): Judgement {
		if (request.method !== "POST" || request.path !== messagesPath) {
			return refused({ status: 404, words: `There is no ${request.method} ${request.path}` });
		}
		const reply = this.instead;
		if (reply !== undefined) {
			return { ok: true, take: () => ({ reply }) };
		}
		const read = readMessages(request, this.#accounts);
		return "words" in read ? refused(read) : { ok: true, take: () => this.#take(read) };
	}

	#take(submission: Submission): Taken {
		const { clock, random } = this.host.deps;
		const remoteId = newId(random);
		const { to, text, subject } = submission;
		const attemptId = /^parley:([A-F0-9]{32})$/.exec(subject)?.[1];
		this.taken.push({ remoteId, attemptId, to, text, at: clock.now() });
		const orders = [{ destination: [to], livelinkOrderId: [remoteId] }];
		return {
			reply: jsonReply(200, { httpStatusCode: "200 OK", livelinkOrderIds: orders }),
			receipts: () => this.#report(submission, remoteId),
		};
	}

	async #report(submission: Submission, remoteId: string): Promise<void> {
		const due = submission.reports ? this.host.dueReceipts().filter((kind) => kind !== "read") : [];
		for (const kind of due) {
			await this.#deliver("receipt", remoteId, report(submission, remoteId, kind), submission.callback);
		}
	}

	#deliver(kind: SentWebhook["kind"], remoteId: string, body: unknown, callback?: string): Promise<SentWebhook> {
		return this.host.deliver({ kind, remoteId }, () => this.#post(callback ?? this.pointed().url, body));
	}

	/** The HTTP user belongs to the address that was entered; one that a message named is called as it is. */
	#post(url: string, body: unknown): Promise<WebhookAnswer> {
		const httpUser = url.includes("proof=") ? undefined : this.webhook?.httpUser;
		const headers = { "content-type": "application/json", ...credentialsOf(httpUser) };
		return this.host.call({ method: "POST", url, headers, body: JSON.stringify(body) });
	}
}

function refused(refusal: SocialRefusal): Judgement {
	return { ok: false, reply: refusalReply(refusal), reason: `${refusal.status} ${refusal.words}` };
}

const words: Readonly<Record<ReceiptKind, string>> = {
	sent: "SENT",
	delivered: "DELIVERED",
	read: "DELIVERED",
	failed: "ERROR",
};

function report({ account, channel, to, subject }: Submission, messageId: string, kind: ReceiptKind): Fields {
	return {
		messageId,
		recipient: to,
		clientId: account.id,
		channel,
		subject,
		message: `Message 1 of the order ${messageId} at destination of ${to}: ${words[kind]}`,
		status: words[kind],
		FINAL: kind !== "sent",
	};
}

function hex(random: Random): string {
	return Buffer.from(random.bytes(16)).toString("hex");
}

/** Ten digits, as the network's other services have them. */
function newId(random: Random): string {
	return `2${String(Math.floor(random.fraction() * 1_000_000_000)).padStart(9, "0")}`;
}
