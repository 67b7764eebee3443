// A stand-in for the Messenger Platform: takes what the Send API would take, echoes it, reports it delivered and read,
// and signs every webhook call the way Meta does (escaped JSON, SHA-256 and the older SHA-1 over the same bytes).

import { createHmac } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { Agent, request as sendRequest } from "undici";

import { newSecret, type Random } from "#platform/random.ts";
import { sleep } from "#platform/clock.ts";

import { apiVersion, graphErrorBody, judge, type SimulatedApp, type TakenCall } from "./facebook-send-api.ts";
import {
	type ContactMessage,
	goodManners,
	type Refusal,
	type SentWebhook,
	type SimulatedAccount,
	type Simulator,
	type SimulatorDeps,
	type TakenMessage,
	type Treatment,
	type WebhookManners,
} from "./simulator.ts";

export type FacebookSimulator = Simulator & {
	/** What Meta does when the webhook is set up or renewed: a GET whose challenge must come back. */
	greet(): Promise<SentWebhook>;
	/** One signed POST with these entries, for batches, other pages and events nobody sends by hand. */
	tell(entries: readonly unknown[]): Promise<SentWebhook>;
};

const webhookTimeoutMs = 5000; // Meta expects the answer within 5 s.
const appId = 1_517_776_481_860_111;

/** Port 0 (the default) takes a free one. */
export async function startFacebookSimulator(
	deps: SimulatorDeps,
	options: { port?: number } = {},
): Promise<FacebookSimulator> {
	const server = createServer();
	await new Promise<void>((resolve, reject) => {
		server.once("error", reject);
		server.listen(options.port ?? 0, "127.0.0.1", resolve);
	});
	const { port } = server.address() as AddressInfo;
	return new MessengerPlatform(deps, server, `http://127.0.0.1:${port}`);
}

class MessengerPlatform implements FacebookSimulator {
	readonly type = "facebook";
	readonly origin: string;
	readonly account: SimulatedAccount;
	readonly taken: TakenMessage[] = [];
	readonly webhooks: SentWebhook[] = [];
	readonly refusals: Refusal[] = [];
	manners: WebhookManners = { ...goodManners };
	script: Treatment[] = [];
	readonly #deps: SimulatorDeps;
	readonly #server: Server;
	readonly #app: SimulatedApp;
	readonly #verifyToken: string;
	readonly #lastWrote = new Map<string, number>();
	readonly #underWay = new Set<Promise<unknown>>();
	readonly #closing = new AbortController();
	readonly #agent = new Agent({ headersTimeout: webhookTimeoutMs, bodyTimeout: webhookTimeoutMs });
	#webhook: { url: string; authorization: Readonly<Record<string, string>> } | undefined;

	constructor(deps: SimulatorDeps, server: Server, origin: string) {
		this.#deps = deps;
		this.#server = server;
		this.origin = origin;
		this.#app = newApp(deps.random);
		this.#verifyToken = newSecret(deps.random);
		this.account = {
			serviceConnection: `${origin}/${apiVersion}`,
			authentications: [
				{ authenticationId: this.#app.pageId, password: this.#app.token },
				{ authenticationId: "webhook", password: this.#app.appSecret },
				{ authenticationId: "verify", password: this.#verifyToken },
			],
			settings: {},
			ourAddress: this.#app.pageId,
		};
		server.on("request", (request, response) => void this.#answer(request, response));
	}

	pointAt(webhookUrl: string, httpUser?: { login: string; password: string }): void {
		const pair = httpUser === undefined ? "" : Buffer.from(`${httpUser.login}:${httpUser.password}`).toString("base64");
		this.#webhook = { url: webhookUrl, authorization: pair === "" ? {} : { authorization: `Basic ${pair}` } };
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
		return this.#post("message", mid, [
			this.#entry({ sender: { id: message.from }, recipient: { id: this.#app.pageId }, timestamp, message: content }),
		]);
	}

	tell(entries: readonly unknown[]): Promise<SentWebhook> {
		return this.#post("message", "", entries);
	}

	greet(): Promise<SentWebhook> {
		const challenge = String(Math.floor(this.#deps.random.fraction() * 2 ** 31));
		const query = new URLSearchParams({
			"hub.mode": "subscribe",
			"hub.challenge": challenge,
			"hub.verify_token": this.#verifyToken,
		});
		const { url, authorization } = this.#target();
		const call = { method: "GET", url: `${url}?${query.toString()}`, headers: authorization } as const;
		return this.#track(this.#call("handshake", challenge, call));
	}

	async settled(): Promise<void> {
		while (this.#underWay.size > 0) {
			await Promise.all(this.#underWay);
		}
	}

	async close(): Promise<void> {
		this.#closing.abort();
		await this.#agent.destroy();
		const closed = new Promise((resolve) => this.#server.close(resolve));
		this.#server.closeAllConnections();
		await this.settled();
		await closed;
	}

	#track<Result>(work: Promise<Result>): Promise<Result> {
		const tracked = work.finally(() => this.#underWay.delete(tracked));
		this.#underWay.add(tracked);
		return tracked;
	}

	async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const treatment = this.#treatmentFor(request);
		if (treatment.kind === "resetBefore") {
			request.socket.destroy();
			return;
		}
		const body = await readBody(request);
		if (body === undefined) {
			return;
		}
		const call = { method: request.method ?? "", target: request.url ?? "", headers: request.headers, body };
		const judgement = judge(call, this.#app, (contact) => this.#agoMs(contact));
		if (!judgement.ok) {
			this.refusals.push({ status: judgement.error.status, reason: judgement.error.message });
			await answerJson(response, judgement.error.status, graphErrorBody(judgement.error));
		} else if (treatment.kind === "answer") {
			await answerJson(response, treatment.status, treatment.body ?? "", treatment.headers);
		} else {
			await this.#take(judgement.taken, treatment, response);
		}
	}

	#treatmentFor(request: IncomingMessage): Treatment {
		const sends = request.method === "POST" && request.url?.endsWith("/messages") === true;
		return (sends ? this.script.shift() : undefined) ?? { kind: "accept" };
	}

	/** The message is taken from here on, whatever the answer looks like. */
	async #take(call: TakenCall, treatment: Treatment, response: ServerResponse): Promise<void> {
		const mid = this.#newMid();
		const at = this.#deps.clock.now();
		const attemptId = /^parley:([A-F0-9]{32})$/.exec(call.metadata ?? "")?.[1];
		this.taken.push({ remoteId: mid, attemptId, to: call.to, text: call.text, at });
		if (this.manners.receiptsFirst) {
			await this.#track(this.#report(mid, call, at));
		}
		const answered = this.#conclude(response, treatment, { recipient_id: call.to, message_id: mid });
		if (!this.manners.receiptsFirst) {
			// A stalled answer does not hold the receipts back: Meta's webhooks know nothing of our open request.
			const due = treatment.kind === "stall" ? Promise.resolve() : answered;
			void this.#track(due.then(() => this.#report(mid, call, at)));
		}
		await answered;
	}

	async #conclude(response: ServerResponse, treatment: Treatment, receipt: Readonly<Record<string, string>>) {
		if (treatment.kind === "resetAfter") {
			response.destroy();
			return;
		}
		if (treatment.kind === "stall") {
			await sleep(this.#deps.clock, treatment.delayMs, this.#closing.signal);
		}
		const body = treatment.kind === "garbage" ? "\u0000<not json" : JSON.stringify(receipt);
		await answerJson(response, 200, body);
	}

	/** Messenger reports no failures later on, so `failed` among the manners has no counterpart here. */
	async #report(mid: string, call: TakenCall, at: Date): Promise<void> {
		if (this.#webhook === undefined) {
			return;
		}
		const kinds = this.manners.receipts.filter((kind) => kind !== "failed");
		for (const kind of this.manners.reversed ? kinds.toReversed() : kinds) {
			await this.#post("receipt", mid, [this.#entry(this.#receiptOf(kind, mid, call, at))]);
		}
	}

	#receiptOf(kind: "sent" | "delivered" | "read", mid: string, call: TakenCall, at: Date): unknown {
		const page = { id: this.#app.pageId };
		const contact = call.to.startsWith("user_ref:") ? { user_ref: call.to.slice(9) } : { id: call.to };
		if (kind === "sent") {
			const metadata = call.metadata === undefined ? {} : { metadata: call.metadata };
			const message = { mid, is_echo: true, app_id: appId, ...metadata, ...call.message };
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

	#post(kind: SentWebhook["kind"], remoteId: string, entries: readonly unknown[]): Promise<SentWebhook> {
		const { url, authorization } = this.#target();
		const body = asMetaWrites({ object: "page", entry: entries });
		const headers = { ...authorization, ...signatures(body, this.#app.appSecret), "content-type": "application/json" };
		return this.#track(this.#repeat(kind, remoteId, { method: "POST", url, headers, body }));
	}

	async #repeat(kind: SentWebhook["kind"], remoteId: string, call: WebhookCall): Promise<SentWebhook> {
		let last: SentWebhook = { kind, remoteId, status: 0, body: "", at: this.#deps.clock.now() };
		for (let time = 0; time < this.manners.times; time++) {
			await sleep(this.#deps.clock, this.manners.delayMs, this.#closing.signal);
			last = await this.#call(kind, remoteId, call);
		}
		return last;
	}

	async #call(kind: SentWebhook["kind"], remoteId: string, call: WebhookCall): Promise<SentWebhook> {
		const { url, ...options } = call;
		const answer = await answerOf(url, { ...options, dispatcher: this.#agent });
		const webhook = { kind, remoteId, ...answer, at: this.#deps.clock.now() };
		this.webhooks.push(webhook);
		return webhook;
	}

	#target() {
		if (this.#webhook === undefined) {
			throw new Error("pointAt comes first: the simulator does not know where Parley listens.");
		}
		return this.#webhook;
	}

	#nowMs(): number {
		return this.#deps.clock.now().getTime();
	}

	#agoMs(contact: string): number | undefined {
		const lastWrote = this.#lastWrote.get(contact);
		return lastWrote === undefined ? undefined : this.#nowMs() - lastWrote;
	}

	#newMid(): string {
		return `m_${newSecret(this.#deps.random)}`;
	}
}

type WebhookCall = {
	method: "GET" | "POST";
	url: string;
	headers: Readonly<Record<string, string>>;
	body?: string;
};

function newApp(random: Random): SimulatedApp {
	const digits = Array.from(random.bytes(14), (byte) => byte % 10).join("");
	return {
		pageId: `1${digits}`,
		token: `EAAB${newSecret(random)}`,
		appSecret: Buffer.from(random.bytes(16)).toString("hex"),
	};
}

/** Undefined when the caller went away in the middle. */
async function readBody(request: IncomingMessage): Promise<Uint8Array | undefined> {
	const chunks: Buffer[] = [];
	request.on("data", (chunk: Buffer) => chunks.push(chunk));
	return new Promise((resolve) => {
		request.once("end", () => resolve(Buffer.concat(chunks)));
		request.once("close", () => resolve(undefined));
	});
}

/** Resolves when the answer has left, or when there is nobody left to take it. */
function answerJson(
	response: ServerResponse,
	status: number,
	body: string,
	headers: Readonly<Record<string, string>> = {},
): Promise<void> {
	if (response.closed) {
		return Promise.resolve();
	}
	return new Promise((resolve) => {
		response.once("close", resolve);
		response.writeHead(status, { "content-type": "application/json", ...headers });
		response.end(body, resolve);
	});
}

/** Meta escapes slashes and everything beyond ASCII; the signature is over exactly these bytes. */
function asMetaWrites(value: unknown): string {
	return JSON.stringify(value)
		.replaceAll("/", "\\/")
		.replaceAll(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function signatures(body: string, appSecret: string): Readonly<Record<string, string>> {
	const sign = (algorithm: string): string => createHmac(algorithm, appSecret).update(body).digest("hex");
	return { "x-hub-signature": `sha1=${sign("sha1")}`, "x-hub-signature-256": `sha256=${sign("sha256")}` };
}

type AnswerToWebhook = { status: number; body: string };

async function answerOf(url: string, options: Parameters<typeof sendRequest>[1]): Promise<AnswerToWebhook> {
	try {
		const answer = await sendRequest(url, options);
		return { status: answer.statusCode, body: await answer.body.text() };
	} catch (error) {
		return { status: 0, body: error instanceof Error ? error.message : "no answer" };
	}
}
