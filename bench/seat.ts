// Somebody at a socket of the Chat Server. Visitors come from an address each, as the world's do.

import { once } from "node:events";
import { request } from "node:http";
import { WebSocket } from "ws";

export type Transaction = { method: string; uri: string; subscribed_resource: unknown };
type Frame = {
	client_req_id?: string;
	status_code?: number;
	body?: { transactions?: Transaction[] } & Record<string, unknown>;
};
type Side = { path: string; localAddress: string };

const agentSide: Side = { path: "", localAddress: "127.0.0.1" };

export class Seat {
	readonly #ws: WebSocket;
	readonly #answers = new Map<string, (frame: Frame) => void>();
	#number = 0;

	private constructor(ws: WebSocket, hear: (transaction: Transaction) => void) {
		this.#ws = ws;
		ws.on("message", (bytes: Buffer) => {
			const frame = JSON.parse(bytes.toString("utf8")) as Frame;
			frame.body?.transactions?.forEach(hear);
			const answer = this.#answers.get(frame.client_req_id ?? "");
			this.#answers.delete(frame.client_req_id ?? "");
			answer?.(frame);
		});
		ws.on("error", () => undefined); // What was not answered then counts as lost.
	}

	static ofAgent(
		port: number,
		{ login, password }: { login: string; password: string },
		hear: (transaction: Transaction) => void,
	): Promise<Seat> {
		const basic = Buffer.from(`${login}:${password}`).toString("base64");
		const body = `Authorization=${encodeURIComponent(`Basic ${basic}`)}`;
		const headers = { authorization: "ECFAUTH", "content-type": "application/x-www-form-urlencoded" };
		return sitDown(port, agentSide, { headers, body }, (ws) => new Seat(ws, hear));
	}

	static ofVisitor(port: number, number: number, hear: (transaction: Transaction) => void): Promise<Seat> {
		const localAddress = `127.1.${number >> 8}.${number & 255}`;
		const knock = { headers: { authorization: "Anonymous" }, body: "" };
		return sitDown(port, { path: "/visitor", localAddress }, knock, (ws) => new Seat(ws, hear));
	}

	async subscribe(uris: readonly string[]): Promise<void> {
		for (const uri of uris) {
			await this.ask("SUBSCRIBE", uri);
		}
	}

	/** Rejects what is not answered with 200. */
	ask(method: string, uri: string, body?: unknown): Promise<Record<string, unknown>> {
		return new Promise((resolve, reject) => {
			this.#answers.set(this.tell(method, uri, body), (frame) => {
				if (frame.status_code === 200) {
					resolve(frame.body ?? {});
				} else {
					reject(new Error(`${method} ${uri}: ${JSON.stringify(frame)}`));
				}
			});
		});
	}

	/** Asks and does not wait. @returns the request's id */
	tell(method: string, uri: string, body?: unknown): string {
		this.#number += 1;
		const client_req_id = `q${this.#number}`;
		this.#ws.send(
			JSON.stringify({ client_req_id, method, uri: `/users/me${uri}`, ...(body === undefined ? {} : { body }) }),
		);
		return client_req_id;
	}

	leave(): void {
		this.#ws.terminate();
	}
}

type Knock = { headers: Readonly<Record<string, string>>; body: string };

async function sitDown(port: number, side: Side, knock: Knock, make: (ws: WebSocket) => Seat): Promise<Seat> {
	const cookie = await logIn(port, side, knock);
	const ws = new WebSocket(`ws://127.0.0.1:${port}${side.path}/ecfs/ws_endpoint/`, {
		headers: { cookie },
		localAddress: side.localAddress,
	});
	const seat = make(ws);
	await once(ws, "open");
	return seat;
}

/** @returns the cookie */
function logIn(port: number, { path, localAddress }: Side, { headers, body }: Knock): Promise<string> {
	return new Promise((resolve, reject) => {
		const asked = request(
			{
				host: "127.0.0.1",
				port,
				path: `${path}/ecfs/authentication`,
				method: "POST",
				headers,
				localAddress,
				agent: false,
			},
			(answer) => {
				answer.resume();
				const [cookie = ""] = (answer.headers["set-cookie"]?.[0] ?? "").split(";");
				answer.once("end", () =>
					answer.statusCode === 200 ? resolve(cookie) : reject(new Error(`Log-in: ${answer.statusCode}`)),
				);
			},
		);
		asked.once("error", reject);
		asked.end(body);
	});
}
