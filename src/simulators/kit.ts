// What provider simulators share: an HTTP server on the loopback address that treats requests as the script says, and
// webhook calls sent with the manners set. What a provider says and how it signs is not known here.

import {
	Agent as PlainAgent,
	createServer,
	type IncomingHttpHeaders,
	type IncomingMessage,
	type Server,
	type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { Agent, request as sendRequest } from "undici";
import { sleep } from "#platform/clock.ts";
import { FileShelf } from "./file-shelf.ts";
import { callByPieces } from "./call-by-pieces.ts";
import {
	type Detour,
	goodManners,
	type HostTrouble,
	type Moment,
	type Refusal,
	type SentWebhook,
	type SimulatorDeps,
	type Treatment,
	type WebhookManners,
} from "./simulator.ts";

export type HeardRequest = {
	method: string;
	path: string;
	query: URLSearchParams;
	headers: IncomingHttpHeaders;
	body: string;
};
export type HttpReply = { status: number; body: string; headers?: Readonly<Record<string, string>> };

/** `receipts` sends what follows from a message that was taken. */
export type Taken = { reply: HttpReply; receipts?: () => Promise<void> };
/** What a request of ours leads to. A provider may have to do something of its own before it answers. */
export type Judgement = { ok: false; reply: HttpReply; reason: string } | { ok: true; take(): Taken | Promise<Taken> };

/** The provider behind the server. `sends`: the request is one that sends a message, so the script applies to it. */
export type SimulatedProvider = {
	sends(method: string, path: string): boolean;
	judge(request: HeardRequest): Judgement;
};

export type WebhookCall = {
	method: "GET" | "POST";
	url: string;
	headers: Readonly<Record<string, string>>;
	body?: string;
};
/** Status 0: no answer. */
export type WebhookAnswer = { status: number; body: string };

const webhookTimeoutMs = 15_000; // The longest that any of the providers waits for an answer (Twilio).
const waits = { headersTimeout: webhookTimeoutMs, bodyTimeout: webhookTimeoutMs };
const requestBytesMax = 1_048_576;

/** One simulator's server, script and webhook calls. Lives until `close`. */
export class SimulatorHost {
	readonly deps: SimulatorDeps;
	readonly origin: string;
	readonly webhooks: SentWebhook[] = [];
	readonly refusals: Refusal[] = [];
	manners: WebhookManners = { ...goodManners };
	script: Treatment[] = [];
	trouble: HostTrouble = {};
	onMoment: ((moment: Moment) => void) | undefined;
	detour: Detour | undefined;
	readonly shelf = new FileShelf();
	readonly #server: Server;
	readonly #agent = new Agent(waits);
	/** For Parley on this machine, whose certificate names it as the world knows it, or nobody vouches for. */
	readonly #ownAgent = new Agent({ ...waits, connect: { rejectUnauthorized: false } });
	readonly #plainAgent = new PlainAgent({ keepAlive: true, timeout: webhookTimeoutMs });
	readonly #underWay = new Set<Promise<unknown>>();
	readonly #closing = new AbortController();

	private constructor(deps: SimulatorDeps, server: Server) {
		this.deps = deps;
		this.#server = server;
		this.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	}

	/** Port 0 takes a free one. Requests are heard from `serve` on. */
	static async open(deps: SimulatorDeps, port = 0): Promise<SimulatorHost> {
		const server = createServer();
		await new Promise<void>((resolve, reject) => {
			server.once("error", reject);
			server.listen(port, "127.0.0.1", resolve);
		});
		return new SimulatorHost(deps, server);
	}

	serve(provider: SimulatedProvider): void {
		this.#server.on("request", (request, response) => {
			void this.track(this.#hear(request, response, provider));
		});
	}

	/** Work that `settled` waits for. */
	track<Result>(work: Promise<Result>): Promise<Result> {
		const tracked = work.finally(() => this.#underWay.delete(tracked));
		this.#underWay.add(tracked);
		return tracked;
	}

	/** One webhook, as often and as late as the manners say; resolves with the last answer. */
	deliver(what: Pick<SentWebhook, "kind" | "remoteId">, call: () => Promise<WebhookAnswer>): Promise<SentWebhook> {
		return this.track(this.#repeat(what, call));
	}

	/** A call to Parley. Never throws. */
	async call(meant: WebhookCall): Promise<WebhookAnswer> {
		const { url, ...options } = takeDetour(meant, this.detour);
		if (this.onMoment !== undefined) {
			return callByPieces({ url, ...options }, this.#plainAgent, (moment) => this.onMoment?.(moment));
		}
		try {
			const dispatcher = url === meant.url ? this.#agent : this.#ownAgent;
			const answer = await sendRequest(url, { ...options, dispatcher });
			return { status: answer.statusCode, body: await answer.body.text() };
		} catch (error) {
			return { status: 0, body: error instanceof Error ? error.message : "no answer" };
		}
	}

	/** Files at addresses of a message that was taken. */
	fetchFiles(urls: readonly string[]): void {
		void this.track(this.shelf.fetch(urls, this.#agent));
	}

	/** The receipts that the manners ask for, in their order. */
	dueReceipts(): WebhookManners["receipts"] {
		return this.manners.reversed ? this.manners.receipts.toReversed() : this.manners.receipts;
	}

	async settled(): Promise<void> {
		while (this.#underWay.size > 0) {
			await Promise.all(this.#underWay);
		}
	}

	async close(): Promise<void> {
		this.#closing.abort();
		await Promise.all([this.#agent.destroy(), this.#ownAgent.destroy()]);
		this.#plainAgent.destroy();
		const closed = new Promise((resolve) => this.#server.close(resolve));
		this.#server.closeAllConnections();
		await this.settled();
		await closed;
	}

	async #repeat(
		{ kind, remoteId }: Pick<SentWebhook, "kind" | "remoteId">,
		call: () => Promise<WebhookAnswer>,
	): Promise<SentWebhook> {
		const noted = async (): Promise<SentWebhook> => {
			const sent = { kind, remoteId, ...(await call()), at: this.deps.clock.now() };
			this.webhooks.push(sent);
			return sent;
		};
		let last: SentWebhook = { kind, remoteId, status: 0, body: "", at: this.deps.clock.now() };
		for (let time = 0; time < this.manners.times; time++) {
			await this.#pause(this.manners.delayMs);
			last = await this.#untilTaken(noted);
		}
		return last;
	}

	async #untilTaken(send: () => Promise<SentWebhook>): Promise<SentWebhook> {
		const { everyMs, timesMax } = this.manners.again ?? { everyMs: 0, timesMax: 0 };
		let sent = await send();
		for (let time = 0; time < timesMax && !isTaken(sent) && !this.#closing.signal.aborted; time++) {
			await this.#pause(everyMs);
			sent = await send();
		}
		return sent;
	}

	async #pause(delayMs: number): Promise<void> {
		if (delayMs > 0) {
			await sleep(this.deps.clock, delayMs, this.#closing.signal);
		}
	}

	/** As far as the trouble of the host lets a request come. */
	async #hear(request: IncomingMessage, response: ServerResponse, provider: SimulatedProvider): Promise<void> {
		const { clockOffsetMs = 0, answer, resets = false, stallMs = 0 } = this.trouble;
		if (resets) {
			request.socket.destroy();
			return;
		}
		response.setHeader("date", new Date(this.deps.clock.now().getTime() + clockOffsetMs).toUTCString());
		await this.#pause(stallMs);
		if (request.destroyed) {
			return;
		}
		if (answer === undefined && this.shelf.answer(request, response)) {
			return;
		}
		await (answer === undefined ? this.#answer(request, response, provider) : write(response, answer));
	}

	async #answer(request: IncomingMessage, response: ServerResponse, provider: SimulatedProvider): Promise<void> {
		const { pathname, searchParams } = new URL(request.url ?? "/", this.origin);
		const method = request.method ?? "";
		const isSend = provider.sends(method, pathname);
		const treatment = (isSend ? this.script.shift() : undefined) ?? { kind: "accept" };
		if (treatment.kind === "resetBefore") {
			request.socket.destroy();
			return;
		}
		const body = await readBody(request);
		if (body === undefined) {
			return;
		}
		const tell = (moment: Moment) => (isSend ? this.onMoment?.(moment) : undefined);
		tell("send heard");
		const heard = { method, path: pathname, query: searchParams, headers: request.headers, body };
		const judgement = provider.judge(heard);
		response.once("finish", () => tell("send answered"));
		if (!judgement.ok) {
			this.refusals.push({ status: judgement.reply.status, reason: judgement.reason });
			await write(response, judgement.reply);
		} else if (treatment.kind === "answer") {
			await write(response, { status: treatment.status, body: treatment.body ?? "", headers: treatment.headers ?? {} });
		} else {
			// The message is taken from here on, whatever the answer looks like.
			const taken = await judgement.take();
			tell("send not yet answered");
			await this.#followUp(taken, treatment, response);
		}
	}

	async #followUp({ reply, receipts }: Taken, treatment: Treatment, response: ServerResponse): Promise<void> {
		if (receipts !== undefined && this.manners.receiptsFirst) {
			await receipts();
		}
		const answered = this.#conclude(treatment, reply, response);
		if (treatment.kind !== "stall") {
			await answered;
		}
		if (receipts !== undefined && !this.manners.receiptsFirst) {
			await receipts();
		}
		await answered;
	}

	async #conclude(treatment: Treatment, reply: HttpReply, response: ServerResponse): Promise<void> {
		if (treatment.kind === "resetAfter") {
			response.destroy();
			return;
		}
		if (treatment.kind === "stall") {
			await this.#pause(treatment.delayMs);
		}
		await write(response, treatment.kind === "garbage" ? { ...reply, status: 200, body: "\u0000<garbage" } : reply);
	}
}

function takeDetour(call: WebhookCall, detour: Detour | undefined): WebhookCall {
	const url = URL.parse(call.url);
	return detour === undefined || url?.origin !== detour.publicOrigin
		? call
		: {
				...call,
				url: detour.localOrigin + call.url.slice(call.url.indexOf("/", call.url.indexOf("://") + 3)),
				headers: { ...call.headers, host: url.host },
			};
}

function isTaken({ status }: SentWebhook): boolean {
	return status >= 200 && status <= 299;
}

/** Undefined when the caller went away in the middle, or sends more than any provider takes. */
function readBody(request: IncomingMessage): Promise<string | undefined> {
	const chunks: Buffer[] = [];
	let bytes = 0;
	request.on("data", (chunk: Buffer) => {
		bytes += chunk.length;
		if (bytes > requestBytesMax) {
			request.socket.destroy();
		} else {
			chunks.push(chunk);
		}
	});
	return new Promise((resolve) => {
		request.once("end", () => resolve(Buffer.concat(chunks).toString("utf8")));
		request.once("close", () => resolve(undefined));
	});
}

/** Resolves when the answer has left, or when there is nobody left to take it. */
function write(response: ServerResponse, { status, body, headers }: HttpReply): Promise<void> {
	return new Promise((resolve) => {
		if (response.closed) {
			resolve();
			return;
		}
		response.once("close", resolve);
		response.writeHead(status, { "content-type": "application/json", ...headers });
		response.end(body, resolve);
	});
}

/** A JSON reply. */
export function jsonReply(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): HttpReply {
	return { status, body: JSON.stringify(value), headers };
}

/** HTTP Basic credentials (RFC 7617). */
export function basicAuthorization({ login, password }: { login: string; password: string }): string {
	return `Basic ${Buffer.from(`${login}:${password}`, "utf8").toString("base64")}`;
}
