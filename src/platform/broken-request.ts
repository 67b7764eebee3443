// Answers what never became a request: bytes the HTTP parser refuses, headers too large, requests that came too slowly.

import type { Socket } from "node:net";
import { STATUS_CODES } from "node:http";
import { Problem, toProblemDocument } from "./problems.ts";
import type { HeaderTable } from "./security-headers.ts";

export type BrokenAnswer = { headers: HeaderTable; correlationId: string; basePath: string | undefined };

export function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Socket, answer: BrokenAnswer): void {
	if (error.code !== "ECONNRESET" && !isOfTls(error.code) && socket.writable) {
		socket.end(answerText(brokenProblem(error.code), answer), () => socket.destroy());
	} else {
		socket.destroy();
	}
}

/** A handshake that failed: there is nothing yet by which an answer could go. */
function isOfTls(code = ""): boolean {
	return /^(?:ERR_SSL_|ERR_TLS_|EPROTO$)/.test(code);
}

function brokenProblem(code: string | undefined): Problem {
	if (code === "HPE_HEADER_OVERFLOW") {
		return new Problem("headers_too_large", "The headers have more than 16 KiB together.");
	}
	if (code === "ERR_HTTP_REQUEST_TIMEOUT") {
		return new Problem("request_timeout", "The request did not arrive completely in time.");
	}
	return new Problem("malformed_request", "This is not a well-formed HTTP request.");
}

function answerText(problem: Problem, { headers, correlationId, basePath }: BrokenAnswer): string {
	const body = JSON.stringify(toProblemDocument(problem, correlationId, basePath));
	const all = {
		...headers,
		"correlation-id": correlationId,
		connection: "close",
		"content-type": "application/problem+json; charset=utf-8",
		"content-length": String(Buffer.byteLength(body)),
	};
	const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
	return [`HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ""}`, ...lines, "", body].join("\r\n");
}
