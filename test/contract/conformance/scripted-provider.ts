// Stands before a simulator: passes requests on to it, or answers them as badly as it is told. Requests for an access
// token are told apart by their path and have a treatment of their own.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Agent, request as sendRequest } from "undici";
import type { SimulatedAccount } from "#simulators/simulator.ts";

/**
 * What happens to a request: `simulator` answers it · `reply` is answered · `resetBefore` the connection is cut before
 * anything is read · `resetAfter` it is cut once everything was read · `stall` nothing comes back · `stallInBody` the
 * answer begins and does not end.
 */
export type Answer =
	| { kind: "simulator" }
	| { kind: "reply"; status: number; headers?: Readonly<Record<string, string>>; body?: string }
	| { kind: "resetBefore" }
	| { kind: "resetAfter" }
	| { kind: "stall" }
	| { kind: "stallInBody" };

export type Heard = { method: string; path: string; authorization: string; body: string; asksForToken: boolean };

/** In the body of a reply: replaced by the credentials of the request that is answered. */
export const ownCredentials = "<own credentials>";

export function credentialsOf({ authorization }: Heard): string {
	return authorization.replace(/^\S+ +/, "");
}

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

	private constructor(server: Server, simulator: { origin: string; account: SimulatedAccount }) {
		this.#server = server;
		this.#simulator = simulator.origin;
		this.#simulated = simulator.account;
		this.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
		server.on("connection", (socket) => {
			if (this.answer.kind === "resetBefore") {
				socket.resetAndDestroy();
			}
		});
		server.on("request", (request, response) => void this.#hear(request, response));
	}

	static async open(simulator: { origin: string; account: SimulatedAccount }): Promise<ScriptedProvider> {
		const server = createServer();
		await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
		return new ScriptedProvider(server, simulator);
	}

	/** The simulated account, but reached through here. */
	get account(): SimulatedAccount {
		return accountAt(this.#simulated, this.#simulator, this.origin);
	}

	/** The same account at a port where nobody listens. Its tokens still come from here. */
	async unreachable(): Promise<SimulatedAccount> {
		const server = createServer();
		await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
		const { port } = server.address() as AddressInfo;
		await new Promise((resolve) => server.close(resolve));
		const { authenticationUrl: _, ...account } = accountAt(
			this.#simulated,
			this.#simulator,
			`http://127.0.0.1:${port}`,
		);
		const { authenticationUrl } = this.account;
		return authenticationUrl === undefined ? account : { ...account, authenticationUrl };
	}

	async close(): Promise<void> {
		await this.#agent.destroy();
		const closed = new Promise((resolve) => this.#server.close(resolve));
		this.#server.closeAllConnections();
		await closed;
	}

	async #hear(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const body = await bodyOf(request);
		const path = request.url ?? "";
		const asksForToken = path === URL.parse(this.#simulated.authenticationUrl ?? "")?.pathname;
		const { method = "", headers } = request;
		const heard = { method, path, authorization: headers.authorization ?? "", body, asksForToken };
		this.heard.push(heard);
		await this.#treat(asksForToken ? this.tokenAnswer : this.answer, request, heard, response);
	}

	async #treat(answer: Answer, request: IncomingMessage, heard: Heard, response: ServerResponse): Promise<void> {
		switch (answer.kind) {
			case "simulator":
				return this.#pass(request, heard, response);
			case "reply":
				response.writeHead(answer.status, { "content-type": "application/json", ...answer.headers });
				response.end((answer.body ?? "").replaceAll(ownCredentials, credentialsOf(heard)));
				return;
			case "resetBefore":
			case "resetAfter":
				request.socket.resetAndDestroy();
				return;
			case "stall":
				this.onStall();
				return;
			case "stallInBody":
				response.writeHead(200, { "content-type": "application/json" });
				response.write('{"begun":', this.onStall);
		}
	}

	async #pass({ headers }: IncomingMessage, { method, path, body }: Heard, response: ServerResponse): Promise<void> {
		const kept = ["authorization", "content-type", "accept"].flatMap((name) => {
			const value = headers[name];
			return typeof value === "string" ? [[name, value]] : [];
		});
		const answer = await sendRequest(this.#simulator + path, {
			dispatcher: this.#agent,
			method: method as "POST",
			headers: Object.fromEntries(kept) as Record<string, string>,
			body: method === "GET" ? null : body,
		});
		response.writeHead(answer.statusCode, { "content-type": String(answer.headers["content-type"] ?? "") });
		response.end(await answer.body.text());
	}
}

function accountAt(account: SimulatedAccount, from: string, to: string): SimulatedAccount {
	const { authenticationUrl } = account;
	return {
		...account,
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
