// A stand-in for Wavy Messaging: takes what its SMS and WhatsApp resources would take, reports SMS one by one and WhatsApp
// in lists, and hands on what contacts write. It signs nothing, because Wavy does not. Plain numbers are on WhatsApp, those
// with the prefix `sms:` send text messages. Its search knows the messages of both.

import type { Random } from "#platform/random.ts";
import { credentialsOf, HostedSimulator } from "./hosted-simulator.ts";
import { type HeardRequest, type HttpReply, type Judgement, jsonReply, SimulatorHost } from "./kit.ts";
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
	errorReply,
	inboxPath,
	isRefusal,
	readPeriod,
	readSearch,
	readSend,
	searchPath,
	smsPath,
	userRefusal,
	type WavyMessage,
	type WavyRefusal,
	type WavyUser,
	whatsappPath,
} from "./wavy-send-api.ts";

export type WavySimulator = Simulator & {
	readonly shortCode: string;
	/** One POST to Parley with this body, for what nobody sends by hand. */
	tell(body: unknown): Promise<SentWebhook>;
	/** A text message of a contact as GET with a query, the other way in which MO may be set up. */
	contactWritesByQuery(message: ContactMessage): Promise<SentWebhook>;
	/** Text messages of contacts that the search shows. */
	inbox: InboxMessage[];
	/** What the search for messages answers in place of what it would. */
	searchAnswers: HttpReply | undefined;
};

export type InboxMessage = { subAccount: string; shortCode: string };

type Sent = WavyMessage & { id: string };
type Receipt = WebhookManners["receipts"][number];

const requestsPerSecondMax = 700; // By IP address, as documented.
const searchEveryMs = 1000; // Status queries: one each second by IP address, as documented.

/** Port 0 (the default) takes a free one. */
export async function startWavySimulator(deps: SimulatorDeps, options: { port?: number } = {}): Promise<WavySimulator> {
	return new WavyMessaging(await SimulatorHost.open(deps, options.port));
}

class WavyMessaging extends HostedSimulator implements WavySimulator {
	readonly type = "wavy";
	readonly account: SimulatedAccount;
	readonly shortCode = "28128";
	readonly taken: TakenMessage[] = [];
	inbox: InboxMessage[] = [];
	searchAnswers: HttpReply | undefined;
	readonly #user: WavyUser;
	readonly #origin: string;
	readonly #sent: Sent[] = [];
	#second = { number: 0, requests: 0 };
	#searchedMs = Number.NEGATIVE_INFINITY;

	constructor(host: SimulatorHost) {
		super(host);
		const { random } = host.deps;
		this.#user = { userName: "wa_parley_br", authenticationToken: Buffer.from(random.bytes(30)).toString("base64url") };
		this.#origin = `55199${String(Math.floor(random.fraction() * 100_000_000)).padStart(8, "0")}`;
		this.account = {
			serviceConnection: host.origin,
			authentications: [{ authenticationId: this.#user.userName, password: this.#user.authenticationToken }],
			settings: { whatsappNumber: this.#origin, shortCode: this.shortCode },
			ourAddress: `whatsapp:+${this.#origin}`,
		};
		host.serve({
			sends: (_method, path) => path === smsPath || path === whatsappPath,
			judge: (request) => this.#judge(request),
		});
	}

	contactWrites(message: ContactMessage): Promise<SentWebhook> {
		const id = this.#idOf(message);
		return this.#post("message", this.#contactBody(message, id), id);
	}

	contactWritesByQuery(message: ContactMessage): Promise<SentWebhook> {
		const id = this.#idOf(message);
		const fields = Object.entries(this.#textMessage(message, id)).map(([name, value]): [string, string] => [
			name,
			String(value),
		]);
		const { url, httpUser } = this.pointed();
		const call = { method: "GET", url: `${url}?${new URLSearchParams(fields).toString()}` } as const;
		return this.host.deliver({ kind: "message", remoteId: id }, () =>
			this.host.call({ ...call, headers: credentialsOf(httpUser) }),
		);
	}

	tell(body: unknown): Promise<SentWebhook> {
		return this.#post("message", body, "");
	}

	#idOf({ remoteId }: ContactMessage): string {
		return remoteId ?? uuid(this.host.deps.random);
	}

	#contactBody(message: ContactMessage, id: string): object {
		if (message.from.startsWith("sms:")) {
			return this.#textMessage(message, id);
		}
		const [first, ...others] = contentsOf(message);
		const ids = [id, ...others.map(() => uuid(this.host.deps.random))];
		const data = [first, ...others].map((content, index) => this.#whatsappMessage(message, ids[index] ?? "", content));
		return { total: data.length, data };
	}

	#whatsappMessage({ from, name }: ContactMessage, id: string, message: unknown): object {
		const now = this.host.deps.clock.now();
		return {
			id,
			source: digitsOf(from),
			origin: this.#origin,
			...(name === undefined ? {} : { userProfile: { name } }),
			campaignId: 100,
			message,
			receivedAt: now.getTime(),
			receivedDate: now.toISOString(),
		};
	}

	#textMessage({ from, text }: ContactMessage, id: string): object {
		const now = this.host.deps.clock.now();
		return {
			id,
			subAccount: "Parley",
			carrierId: 1,
			carrierName: "VIVO",
			source: digitsOf(from),
			shortCode: this.shortCode,
			messageText: text,
			receivedAt: now.getTime(),
			receivedDate: wholeSeconds(now),
		};
	}

	#judge(request: HeardRequest): Judgement {
		const broken = this.#rateRefusal() ?? userRefusal(request, this.#user);
		if (broken !== undefined) {
			return refused(broken);
		}
		if (request.path === searchPath) {
			return this.#search(request);
		}
		if (request.path === inboxPath) {
			return this.#searchInbox(request);
		}
		if (request.path !== smsPath && request.path !== whatsappPath) {
			return refused({ status: 404, message: `There is no resource ${request.path}.` });
		}
		const message = readSend(request);
		return isRefusal(message) ? refused(message) : { ok: true, take: () => this.#take(message) };
	}

	#searchInbox(request: HeardRequest): Judgement {
		const instead = this.searchAnswers;
		const period = readPeriod(request, this.host.deps.clock.now());
		if (instead !== undefined) {
			return { ok: true, take: () => ({ reply: instead }) };
		}
		return isRefusal(period) ? refused(period) : { ok: true, take: () => ({ reply: this.#inboxReply(period) }) };
	}

	#inboxReply({ start, end }: { start: Date; end: Date }): HttpReply {
		const at = { receivedAt: end.getTime(), receivedDate: wholeSeconds(end) };
		const messages = this.inbox.map((place) => ({
			id: uuid(this.host.deps.random),
			...place,
			source: "5516981562820",
			messageText: "Hello",
			...at,
		}));
		return jsonReply(200, { total: messages.length, start: wholeSeconds(start), end: wholeSeconds(end), messages });
	}

	#rateRefusal(): WavyRefusal | undefined {
		const number = Math.floor(this.host.deps.clock.monotonicMs() / 1000);
		const requests = number === this.#second.number ? this.#second.requests + 1 : 1;
		this.#second = { number, requests };
		return requests > requestsPerSecondMax ? { status: 429, message: "Too Many Requests" } : undefined;
	}

	#search(request: HeardRequest): Judgement {
		const nowMs = this.host.deps.clock.monotonicMs();
		if (nowMs - this.#searchedMs < searchEveryMs) {
			return refused({ status: 429, message: "Too Many Requests" });
		}
		this.#searchedMs = nowMs;
		const asked = readSearch(request);
		if (asked === undefined || request.method !== "POST") {
			return refused({ status: 400, message: "The search takes ids and correlationIds as lists." });
		}
		const found = this.#sent.filter(({ id, correlationId }) => asked.has(id) || asked.has(correlationId ?? ""));
		return { ok: true, take: () => ({ reply: jsonReply(200, found.map(statusOfSearch)) }) };
	}

	#take(message: WavyMessage) {
		const { clock, random } = this.host.deps;
		const sent: Sent = { ...message, id: uuid(random) };
		const { id, correlationId, destination, text } = sent;
		this.#sent.push(sent);
		this.taken.push({ remoteId: id, attemptId: attemptIn(correlationId), to: destination, text, at: clock.now() });
		const entry = { id, ...(correlationId === undefined ? {} : { correlationId }) };
		const body = sent.channel === "sms" ? [entry] : { id, destinations: [{ ...entry, destination }] };
		return { reply: jsonReply(200, body), receipts: () => this.#report(sent) };
	}

	/** Whether anything was set up to be told is the customer's choice; then nobody calls. */
	async #report(sent: Sent): Promise<void> {
		const due = this.webhook === undefined ? [] : this.host.dueReceipts();
		for (const kind of due) {
			const status = this.#statusBody(sent, kind);
			if (status !== undefined) {
				await this.#post("receipt", status, sent.id);
			}
		}
	}

	/** Undefined: a carrier never tells that a text message was read. */
	#statusBody(sent: Sent, kind: Receipt): object | undefined {
		if (sent.channel === "whatsapp") {
			const clientInfo = { customerId: 42, subAccountId: 1291, userId: 1 };
			return { total: 1, data: [{ ...this.#snapshot(sent, kind), origin: this.#origin }], clientInfo };
		}
		return kind === "read"
			? undefined
			: { carrierId: 1, carrierName: "VIVO", ...textStatus(sent, kind, this.host.deps.clock.now()) };
	}

	/** Everything so far, as each of Wavy's statuses of WhatsApp tells it. */
	#snapshot({ id, correlationId, destination }: Sent, kind: Receipt): object {
		const now = this.host.deps.clock.now();
		const time = (name: string) => ({ [`${name}At`]: now.getTime(), [`${name}Date`]: now.toISOString() });
		const [code, word] = deliveries[kind];
		const isDelivered = kind === "delivered" || kind === "read";
		return {
			id,
			correlationId,
			destination,
			campaignId: 100,
			sent: true,
			sentStatusCode: 2,
			sentStatus: "SENT_SUCCESS",
			...time("sent"),
			delivered: isDelivered,
			...(code === 0 ? {} : { deliveredStatusCode: code, deliveredStatus: word, ...time("delivered") }),
			read: kind === "read",
			...(kind === "read" ? time("read") : {}),
			...time("updated"),
		};
	}

	#post(kind: SentWebhook["kind"], body: unknown, remoteId: string): Promise<SentWebhook> {
		const { url, httpUser } = this.pointed();
		const headers = { "content-type": "application/json", ...credentialsOf(httpUser) };
		const call = { method: "POST", url, headers, body: JSON.stringify(body) } as const;
		return this.host.deliver({ kind, remoteId }, () => this.host.call(call));
	}
}

/** Delivery code and word beside a sent status of 2; 0: nothing is said yet. */
const deliveries: Readonly<Record<Receipt, readonly [number, string]>> = {
	sent: [0, ""],
	delivered: [4, "DELIVERED_SUCCESS"],
	read: [5, "READ_SUCCESS"],
	failed: [104, "NOT_DELIVERED"],
};

function refused(refusal: WavyRefusal): Judgement {
	return { ok: false, reply: errorReply(refusal), reason: `${refusal.status} ${refusal.message}` };
}

function attemptIn(correlationId: string | undefined): string | undefined {
	return /^parley:([A-F0-9]{32})$/.exec(correlationId ?? "")?.[1];
}

function digitsOf(from: string): string {
	return from.replace(/^(?:sms|whatsapp):/, "").replace("+", "");
}

/** A WhatsApp message is a text or a medium; a text beside media is the caption of the first. */
function contentsOf({ text, mediaUrls = [] }: ContactMessage): readonly object[] {
	if (mediaUrls.length === 0) {
		return [{ type: "TEXT", messageText: text }];
	}
	return mediaUrls.map((mediaUrl, index) => ({
		type: mediaUrl.endsWith(".pdf") ? "DOCUMENT" : "IMAGE",
		mediaUrl,
		mimeType: mediaUrl.endsWith(".pdf") ? "application/pdf" : "image/jpg",
		...(index === 0 && text !== "" ? { caption: text } : {}),
	}));
}

/** The first callback tells about the carrier, the second about the device and repeats the first. */
function textStatus({ id, correlationId, destination }: Sent, kind: Receipt, now: Date): object {
	const [code, word] = deliveries[kind];
	const at = { sentAt: now.getTime(), sentDate: wholeSeconds(now) };
	const sent = { sentStatusCode: 2, sentStatus: "SENT_SUCCESS", ...at };
	const device = { deliveredStatusCode: code, deliveredStatus: word };
	const deliveredAt = { deliveredAt: now.getTime(), deliveredDate: wholeSeconds(now) };
	return {
		id,
		correlationId,
		destination,
		...sent,
		...(code === 0 ? {} : { ...device, ...deliveredAt }),
		extraInfo: "",
	};
}

function statusOfSearch({ id, correlationId, destination }: Sent): object {
	return { id, correlationId, destination, sentStatusCode: 2, sentStatus: "SENT_SUCCESS" };
}

function wholeSeconds(at: Date): string {
	return at.toISOString().replace(/\.\d+Z$/, "Z");
}

function uuid(random: Random): string {
	const hex = Buffer.from(random.bytes(16)).toString("hex");
	return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
