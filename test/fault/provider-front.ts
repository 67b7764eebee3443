// A provider's front door that misbehaves: it stands between Parley and a simulator, knows what reached the simulator, and
// treats each request as the test says. What it counts (open sockets, bytes pushed) is seen from the provider's side.

import {
	createServer,
	type IncomingMessage,
	request as sendRequest,
	type Server,
	type ServerResponse,
} from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { TestContext } from "node:test";

/**
 * `pass` to the simulator and answer · `answer` this, without the simulator · `silence` takes the request and says nothing ·
 * `drop` cuts after the request was read · `passThenSilence`, `passThenDrop`: the simulator takes it, we never hear of it ·
 * `trickle` begins an answer and adds a byte now and then · `flood` answers with so many bytes.
 */
export type Manner =
	| { kind: "pass" | "silence" | "drop" | "passThenSilence" | "passThenDrop" | "trickle" }
	| { kind: "answer"; status: number; body: string; headers?: Readonly<Record<string, string>> }
	| { kind: "flood"; bytes: number };

export type FrontCall = { method: string; path: string; body: string };

export type Front = {
	readonly origin: string;
	/** Requests that send a message, in the order in which they were read. */
	readonly sends: readonly FrontCall[];
	socketsOpen(): number;
	/** The most sockets that were open at one moment. */
	readonly socketsMost: number;
	/** Bytes written into answers. */
	readonly bytesPushed: number;
	/** Called with each request that sends. */
	treat: (call: FrontCall) => Manner;
	/** Called when the simulator has taken a request whose answer is withheld. */
	onTaken: () => void;
};

const trickleEveryMs = 50;
const floodChunk = Buffer.alloc(65_536, 120);

/** In front of the simulator at `target`; closed when the test ends. Only requests for which `isSend` holds are mistreated. */
export async function frontOf(
	t: Pick<TestContext, "after">,
	target: string,
	isSend: (call: FrontCall) => boolean = ({ method }) => method === "POST",
): Promise<Front> {
	const open = new Set<Socket>();
	const server = createServer();
	const sends: FrontCall[] = [];
	const front: Writable<Front> = {
		origin: "",
		sends,
		socketsOpen: () => open.size,
		socketsMost: 0,
		bytesPushed: 0,
		treat: () => ({ kind: "pass" }),
		onTaken: () => undefined,
	};
	server.on("connection", (socket: Socket) => {
		open.add(socket);
		front.socketsMost = Math.max(front.socketsMost, open.size);
		socket.on("close", () => open.delete(socket)).on("error", () => undefined);
	});
	server.on("request", (request, response) => void meet(request, response));
	front.origin = await listening(server);
	t.after(() => {
		open.forEach((socket) => socket.destroy());
		server.close();
	});

	async function meet(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const body = await bodyOf(request);
		if (body === undefined) {
			return;
		}
		const call = { method: request.method ?? "", path: request.url ?? "", body };
		const manner = isSend(call) ? front.treat(call) : ({ kind: "pass" } as const);
		if (isSend(call)) {
			sends.push(call);
		}
		await act(manner, { request, response, body });
	}

	async function act(manner: Manner, { request, response, body }: Met): Promise<void> {
		switch (manner.kind) {
			case "pass":
				write(response, await forward(target, request, body));
				return;
			case "answer":
				write(response, manner);
				return;
			case "drop":
				response.destroy();
				return;
			case "silence":
				return;
			case "passThenDrop":
			case "passThenSilence":
				await forward(target, request, body);
				front.onTaken();
				if (manner.kind === "passThenDrop") {
					response.destroy();
				}
				return;
			case "trickle":
				trickle(response);
				return;
			case "flood":
				flood(response, manner.bytes, (bytes) => (front.bytesPushed += bytes));
		}
	}
	return front;
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };
type Met = { request: IncomingMessage; response: ServerResponse; body: string };
type Answer = { status: number; body: string; headers?: Readonly<Record<string, string>> };

async function listening(server: Server): Promise<string> {
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Undefined when the caller went away in the middle. */
function bodyOf(request: IncomingMessage): Promise<string | undefined> {
	const chunks: Buffer[] = [];
	request.on("data", (chunk: Buffer) => chunks.push(chunk));
	return new Promise((resolve) => {
		request.once("end", () => resolve(Buffer.concat(chunks).toString("utf8")));
		request.once("close", () => resolve(undefined));
	});
}

/** A simulator that cuts the connection shows as status 0. */
function forward(target: string, { method, url, headers }: IncomingMessage, body: string): Promise<Answer> {
	return new Promise((resolve) => {
		const call = sendRequest(`${target}${url ?? ""}`, { method, headers: { ...headers, connection: "close" } });
		call.on("response", (answer) => {
			const chunks: Buffer[] = [];
			answer.on("data", (chunk: Buffer) => chunks.push(chunk));
			answer.on("end", () => resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString("utf8") }));
		});
		call.on("error", () => resolve({ status: 0, body: "" }));
		call.end(body);
	});
}

function write(response: ServerResponse, { status, body, headers }: Answer): void {
	if (status === 0) {
		response.destroy();
	} else if (!response.closed) {
		response.writeHead(status, { "content-type": "application/json", ...headers }).end(body);
	}
}

function trickle(response: ServerResponse): void {
	response.writeHead(201, { "content-type": "application/json" });
	const timer = setInterval(() => response.write(" "), trickleEveryMs);
	response.on("close", () => clearInterval(timer));
}

function flood(response: ServerResponse, bytes: number, pushed: (bytes: number) => void): void {
	response.writeHead(201, { "content-type": "application/json", "content-length": bytes });
	let left = bytes;
	const push = (): void => {
		while (left > 0 && !response.closed) {
			const chunk = floodChunk.subarray(0, Math.min(left, floodChunk.length));
			left -= chunk.length;
			pushed(chunk.length);
			if (!response.write(chunk)) {
				response.once("drain", push);
				return;
			}
		}
		response.end();
	};
	push();
}
