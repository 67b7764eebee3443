// Stands before a simulator: passes requests on to it, or answers them as badly as it is told. Requests for an access
// token are told apart by their path and have a treatment of their own. The sockets are real, and so are the resets.

import {
	createServer,
	type IncomingMessage,
	type OutgoingHttpHeaders,
	type Server,
	type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { Agent, request as sendRequest } from "undici";
import type { SimulatedAccount } from "#simulators/simulator.ts";

/**
 * What happens to a request: `simulator` answers it, `change` may spoil its body on the way back, `slowly` it comes byte
 * by byte · `reply` is answered · `resetBefore` the connection is cut before anything is read · `resetAtBody` it is cut
 * when the headers were read · `resetAfter` it is cut once everything was read · `closeAfter` it is closed in good order
 * then · `cutShort` the answer promises more than comes · `stall` nothing comes back · `stallInBody` the answer begins
 * and does not end · `trickle` it comes byte by byte and does not end.
 */
export type Answer =
	| { kind: "simulator"; change?(body: string): string | Uint8Array; slowly?: true }
	| { kind: "reply"; status: number; headers?: Readonly<Record<string, string>>; body?: string | Uint8Array }
	| { kind: "resetBefore" | "resetAtBody" | "resetAfter" | "closeAfter" | "cutShort" }
	| { kind: "stall" | "stallInBody" | "trickle" };

const stalls: readonly Answer["kind"][] = ["stall", "stallInBody", "trickle"];

/** Whether it never ends, so that only a time limit does. */
export function isStall(answer: Answer | undefined): boolean {
	return answer !== undefined && stalls.includes(answer.kind);
}

export type Heard = { method: string; path: string; authorization: string; body: string; asksForToken: boolean };

/** In the body of a reply: replaced by the credentials of the request that is answered. */
export const ownCredentials = "<own credentials>";

export function credentialsOf({ authorization }: Heard): string {
	return authorization.replace(/^\S+ +/, "");
}

/** Of the connection to here, not of the request (RFC 9110 section 7.6.1), or made anew for the body. */
const ofConnection: ReadonlySet<string> = new Set(
	"connection content-length expect host keep-alive te trailer transfer-encoding upgrade".split(" "),
);

const bySimulator: Answer = { kind: "simulator" };

export class ScriptedProvider {
	readonly origin: string;
	/** How requests that send are treated, until it is changed. */
	answer: Answer = bySimulator;
	tokenAnswer: Answer = bySimulator;
	/** Called when an answer begins to stall. */
	onStall: () => void = () => undefined;
	heard: Heard[] = [];
	readonly #server: Server;
	readonly #simulated: SimulatedAccount;
	readonly #simulator: string;
	readonly #agent = new Agent();
	readonly #now: () => Date;

	private constructor(server: Server, simulator: { origin: string; account: SimulatedAccount }, now: () => Date) {
		this.#server = server;
		this.#now = now;
		this.#simulator = simulator.origin;
		this.#simulated = simulator.account;
		this.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
		server.on("connection", (socket) => {
			if ([this.answer.kind, this.tokenAnswer.kind].includes("resetBefore")) {
				socket.resetAndDestroy();
			}
		});
		server.on("request", (request, response) => void this.#hear(request, response));
	}

	static async open(
		simulator: { origin: string; account: SimulatedAccount },
		now: () => Date,
	): Promise<ScriptedProvider> {
		const server = createServer();
		await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
		return new ScriptedProvider(server, simulator, now);
	}

	/** The simulated account, but reached through here. */
	get account(): SimulatedAccount {
		return accountAt(this.#simulated, this.#simulator, this.origin);
	}

	/** The same account with one of its two addresses at a port where nobody listens. */
	async unreachable(what: "service" | "tokens"): Promise<SimulatedAccount> {
		const server = createServer();
		await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
		const { port } = server.address() as AddressInfo;
		await new Promise((resolve) => server.close(resolve));
		const shut = accountAt(this.#simulated, this.#simulator, `http://127.0.0.1:${port}`);
		const [sending, tokens] = what === "service" ? [shut, this.account] : [this.account, shut];
		const { authenticationUrl } = tokens;
		return authenticationUrl === undefined ? sending : { ...sending, authenticationUrl };
	}

	async close(): Promise<void> {
		await this.#agent.destroy();
		const closed = new Promise((resolve) => this.#server.close(resolve));
		this.#server.closeAllConnections();
		await closed;
	}

	async #hear(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const path = request.url ?? "";
		const asksForToken = path === URL.parse(this.#simulated.authenticationUrl ?? "")?.pathname;
		const isCutEarly = (asksForToken ? this.tokenAnswer : this.answer).kind === "resetAtBody";
		const body = isCutEarly ? "" : await bodyOf(request);
		const { method = "", headers } = request;
		const heard = { method, path, authorization: headers.authorization ?? "", body, asksForToken };
		this.heard.push(heard);
		await this.#treat(asksForToken ? this.tokenAnswer : this.answer, request, heard, response);
	}

	async #treat(answer: Answer, request: IncomingMessage, heard: Heard, response: ServerResponse): Promise<void> {
		switch (answer.kind) {
			case "simulator":
				return this.#pass(request, heard, response, answer);
			case "reply":
				response.writeHead(answer.status, { "content-type": "application/json", ...answer.headers });
				response.end(withCredentials(answer.body ?? "", heard));
				return;
			case "resetBefore":
			case "resetAtBody":
			case "resetAfter":
				request.socket.resetAndDestroy();
				return;
			case "closeAfter":
				request.socket.end();
				return;
			case "cutShort":
				response.writeHead(200, { "content-type": "application/json", "content-length": "1000" });
				response.write('{"begun":', () => request.socket.end());
				return;
			case "stall":
				this.onStall();
				return;
			case "stallInBody":
				response.writeHead(200, { "content-type": "application/json" });
				response.write('{"begun":', this.onStall);
				return;
			case "trickle":
				response.writeHead(200, { "content-type": "application/json" });
				await writeSlowly(response, Buffer.from('{"begun":"'));
				this.onStall();
		}
	}

	async #pass(
		{ headers }: IncomingMessage,
		{ method, path, body }: Heard,
		response: ServerResponse,
		{ change, slowly }: Extract<Answer, { kind: "simulator" }>,
	): Promise<void> {
		const kept = Object.entries(headers).flatMap(([name, value]) =>
			typeof value === "string" && !ofConnection.has(name) ? [[name, value]] : [],
		);
		const answer = await sendRequest(this.#simulator + path, {
			dispatcher: this.#agent,
			method: method as "POST",
			headers: Object.fromEntries(kept) as Record<string, string>,
			body: method === "GET" ? null : body,
		});
		// Addresses that the provider names in its answers lead through here as well.
		const text = (await answer.body.text()).replaceAll(this.#simulator, this.origin);
		const told = Object.entries(answer.headers).flatMap(([name, value]) =>
			value === undefined || ofConnection.has(name) ? [] : [[name, value]],
		);
		// The simulator's clock stands still, and so must the date beside what it tells, whatever day it is here.
		const date = this.#now().toUTCString();
		response.writeHead(answer.statusCode, { ...(Object.fromEntries(told) as OutgoingHttpHeaders), date });
		const given = change === undefined ? text : change(text);
		if (slowly === true) {
			await writeSlowly(response, Buffer.from(given));
			response.end();
		} else {
			response.end(given);
		}
	}
}

function withCredentials(body: string | Uint8Array, heard: Heard): string | Uint8Array {
	return typeof body === "string" ? body.replaceAll(ownCredentials, credentialsOf(heard)) : body;
}

/** Each byte leaves by itself; the next one when the socket has taken it. */
async function writeSlowly(response: ServerResponse, bytes: Uint8Array): Promise<void> {
	for (const byte of bytes) {
		await new Promise<void>((resolve) => response.write(Uint8Array.of(byte), () => resolve()));
	}
}

function accountAt(account: SimulatedAccount, from: string, to: string): SimulatedAccount {
	const { authenticationUrl } = account;
	const settings = Object.entries(account.settings).map(([name, value]) => [
		name,
		typeof value === "string" ? value.replace(from, to) : value,
	]);
	return {
		...account,
		settings: Object.fromEntries(settings) as SimulatedAccount["settings"],
		serviceConnection: account.serviceConnection.replace(from, to),
		...(authenticationUrl === undefined ? {} : { authenticationUrl: authenticationUrl.replace(from, to) }),
	};
}

async function bodyOf(request: IncomingMessage): Promise<string> {
	const chunks: Buffer[] = [];
	request.on("data", (chunk: Buffer) => chunks.push(chunk));
	await new Promise((resolve) => {
		request.once("end", resolve);
		request.once("close", resolve);
	});
	return Buffer.concat(chunks).toString("utf8");
}
