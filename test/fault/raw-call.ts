// One HTTP call, and what became of it on the wire: whether it had left as a whole when the connection ended.

import { type Agent, request as openRequest } from "node:http";

export type RawCall = {
	url: string;
	method: "GET" | "POST";
	headers: Readonly<Record<string, string>>;
	body: string;
	agent: Agent;
};

export type Fate =
	| { kind: "answered"; status: number; text: string }
	/** Nobody listened. */
	| { kind: "refused" }
	/** The connection ended before the whole request was handed to the system. */
	| { kind: "cut while sending"; why: string }
	/** It ended afterwards: the caller cannot know whether it was heard. */
	| { kind: "cut after sending"; why: string };

const answerMsMax = 30_000;

export function rawCall({ url, method, headers, body, agent }: RawCall): Promise<Fate> {
	return new Promise((resolve) => {
		const request = openRequest(url, { method, agent, headers, timeout: answerMsMax });
		let hasLeft = false;
		const end = (error: Error & { code?: string }): void => {
			const connection = request.reusedSocket ? "a kept connection" : "a new connection";
			const why = `${error.code ?? error.message} on ${connection}`;
			resolve(
				error.code === "ECONNREFUSED"
					? { kind: "refused" }
					: { kind: hasLeft ? "cut after sending" : "cut while sending", why },
			);
		};
		request.once("finish", () => (hasLeft = true));
		request.once("timeout", () => request.destroy(new Error("no answer in time")));
		request.once("error", end);
		request.once("response", (response) => {
			const pieces: Buffer[] = [];
			response.on("data", (piece: Buffer) => pieces.push(piece));
			response.once("error", end);
			response.once("end", () =>
				resolve({ kind: "answered", status: response.statusCode ?? 0, text: Buffer.concat(pieces).toString("utf8") }),
			);
		});
		request.end(body);
	});
}
