// A webhook call whose pieces leave one after the other, and which says when each has left: headers, then body. What was
// read of an answer counts, even when the rest of it never comes.

import { type Agent, type IncomingMessage, request as openRequest } from "node:http";
import type { WebhookAnswer, WebhookCall } from "./kit.ts";
import type { Moment } from "./simulator.ts";

/** Never throws. Status 0: no answer began. */
export function callByPieces(
	{ url, method, headers, body = "" }: WebhookCall,
	agent: Agent,
	tell: (moment: Moment) => void,
): Promise<WebhookAnswer> {
	return new Promise((resolve) => {
		const length = { "content-length": String(Buffer.byteLength(body)) };
		const request = openRequest(url, { method, agent, headers: { ...headers, ...length } });
		request.once("error", (error) => resolve({ status: 0, body: error.message }));
		request.once("timeout", () => request.destroy(new Error("no answer in time")));
		request.once("response", (response) => {
			tell("webhook answer began");
			void readText(response).then((text) => resolve({ status: response.statusCode ?? 0, body: text }));
		});
		request.once("socket", (socket) => {
			const sendBody = () => {
				tell("webhook headers sent");
				request.end(body, () => tell("webhook body sent"));
			};
			request.flushHeaders();
			if (socket.connecting) {
				socket.once("connect", () => setImmediate(sendBody));
			} else {
				setImmediate(sendBody);
			}
		});
	});
}

/** As much of it as comes. */
function readText(response: IncomingMessage): Promise<string> {
	const pieces: Buffer[] = [];
	response.on("data", (piece: Buffer) => pieces.push(piece));
	return new Promise((resolve) => {
		response.once("error", () => undefined); // "close" follows.
		response.once("close", () => resolve(Buffer.concat(pieces).toString("utf8")));
	});
}
