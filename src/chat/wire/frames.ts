// The frames of the real-time protocol: what a client's text asks for, and what is answered and told. Every frame of ours
// is one JSON object below 1 MiB, because public clients parse each text they get and close at larger ones.

import { Type, type Static } from "typebox";
import { Compile } from "typebox/compile";
import { Problem } from "#platform/problems.ts";
import { nulIn, readStrictJson } from "#platform/strict-json.ts";
import type { Answer, Transaction } from "../resource.ts";
import { type ReadUri, readUri } from "./uris.ts";

export const frameBytesMax = 65_536; // Of one frame of a client.
/** Python's `websockets` closes at a frame above 1 MiB; this leaves room for the members around a value. */
export const sentBytesMax = 1_000_000;
/** What we aim at: larger changes are told in several frames, and of a transcript the older part is left to GET. */
export const sentBytesWanted = 262_144;

const idLengthMax = 256;
const errorLengthMax = 100;

/** First and once. No later frame has a member `sessionid`: a client would begin anew. */
export const Hello = Type.Object({ sessionid: Type.String(), ecfsessionid: Type.String() });

export const methods = ["GET", "POST", "PUT", "DELETE", "SUBSCRIBE", "UNSUBSCRIBE"] as const;
export type FrameMethod = (typeof methods)[number];

/** Other members are ignored: public clients send `retries`, `type` and more. */
export const Request = Type.Object({
	client_req_id: Type.String({ maxLength: idLengthMax }),
	method: Type.String({ maxLength: 20 }),
	uri: Type.String({ minLength: 1, maxLength: 2048 }),
	body: Type.Optional(Type.Unknown()),
});

export const Response = Type.Object({
	client_req_id: Type.Union([Type.String(), Type.Null()]),
	method: Type.String(),
	uri: Type.String(),
	status_code: Type.Integer(),
	body: Type.Optional(Type.Unknown()),
});

/** Exactly these three members: public clients count them. */
export const TransactionFrame = Type.Object(
	{
		method: Type.Union([Type.Literal("POST"), Type.Literal("PUT"), Type.Literal("DELETE")]),
		uri: Type.String({ pattern: "^/users/me/" }),
		subscribed_resource: Type.Unknown(),
	},
	{ additionalProperties: false },
);

/** `POST`: the first snapshot of a subscription · `PUT`: a change. */
export const Notification = Type.Object(
	{
		method: Type.Union([Type.Literal("POST"), Type.Literal("PUT")]),
		uri: Type.String({ pattern: "^/users/me/subscriptions/[A-F0-9]{32}$" }),
		body: Type.Object({ transactions: Type.Array(TransactionFrame, { minItems: 1 }) }, { additionalProperties: false }),
	},
	{ additionalProperties: false },
);

/** What an answer repeats of the request. */
export type Asking = { client_req_id: string | null; method: string; uri: string };

export type ParsedFrame =
	| { ok: true; asking: Asking; method: FrameMethod; target: ReadUri & { ok: true }; body: unknown }
	/** `isNoise`: not even an object, which no client of this protocol sends. */
	| { ok: false; asking: Asking; answer: Answer; isNoise: boolean };

export type GoodFrame = Extract<ParsedFrame, { ok: true }>;

const nothing: Asking = { client_req_id: null, method: "", uri: "" };
const request = Compile(Request);

export function parseFrame(text: string): ParsedFrame {
	const read = readJson(text);
	if (!read.ok || typeof read.value !== "object" || read.value === null || Array.isArray(read.value)) {
		const message = read.ok ? "A frame must be a JSON object." : read.message;
		return { ok: false, asking: nothing, answer: fault(400, "malformed_frame", message), isNoise: true };
	}
	const asking = echoOf(read.value as Readonly<Record<string, unknown>>);
	const refuse = (answer: Answer): ParsedFrame => ({ ok: false, asking, answer, isNoise: false });
	if (!request.Check(read.value)) {
		return refuse(fault(400, "malformed_frame", firstErrorOf(read.value)));
	}
	const nul = nulIn(read.value);
	if (nul !== undefined) {
		return refuse(fault(400, "invalid_body", `${nul.replace(/^\/body/, "") || "The body"} contains U+0000.`));
	}
	const { method, uri, body } = read.value satisfies Static<typeof Request>;
	if (!isMethod(method)) {
		return refuse(fault(405, "unknown_method", `A frame's method must be one of ${methods.join(", ")}.`));
	}
	const target = readUri(uri);
	return target.ok ? { ok: true, asking, method, target, body } : refuse(fault(404, "unknown_uri", target.message));
}

function isMethod(method: string): method is FrameMethod {
	return (methods as readonly string[]).includes(method);
}

function readJson(text: string): { ok: true; value: unknown } | { ok: false; message: string } {
	try {
		return { ok: true, value: readStrictJson(Buffer.from(text)) };
	} catch (error) {
		if (error instanceof Problem) {
			return { ok: false, message: error.message.replace("The body", "The frame") };
		}
		throw error;
	}
}

/** What can be repeated of a frame that is wrong. */
function echoOf(frame: Readonly<Record<string, unknown>>): Asking {
	const text = (value: unknown, max: number) => (typeof value === "string" && value.length <= max ? value : undefined);
	return {
		client_req_id: text(frame["client_req_id"], idLengthMax) ?? null,
		method: text(frame["method"], errorLengthMax) ?? "",
		uri: text(frame["uri"], 2048) ?? "",
	};
}

function firstErrorOf(frame: unknown): string {
	const [error] = request.Errors(frame);
	const member = error?.instancePath.slice(1) ?? "";
	return member === ""
		? "A frame needs the members client_req_id, method and uri."
		: `The member ${member} of a frame ${error?.message ?? "is wrong"}.`;
}

export function fault(status: Answer["status"], error: string, message: string): Answer {
	return { status, body: { error, message } };
}

export function helloText(terminalId: string, sessionId: string): string {
	return JSON.stringify({ sessionid: terminalId, ecfsessionid: sessionId } satisfies Static<typeof Hello>);
}

/** An answer that would not fit becomes 413: it is left to the same path over HTTP. */
export function responseText(asking: Asking, { status, body }: Answer): string {
	const text = responseOf(asking, status, body);
	if (Buffer.byteLength(text) <= sentBytesMax) {
		return text;
	}
	const { body: why } = fault(413, "too_large", "The answer is too large for a frame; ask by GET over HTTP.");
	return responseOf(asking, 413, why);
}

function responseOf(asking: Asking, status_code: number, body: unknown): string {
	const { client_req_id, method, uri } = asking;
	return JSON.stringify({ client_req_id, method, uri, status_code, ...(body === undefined ? {} : { body }) });
}

/** The texts that tell these transactions under one subscription; undefined: one of them fits into no frame. */
export function notificationTexts(
	method: "POST" | "PUT",
	subscriptionId: string,
	transactions: readonly Transaction[],
): string[] | undefined {
	const start = `{"method":"${method}","uri":"/users/me/subscriptions/${subscriptionId}","body":{"transactions":[`;
	const groups: string[][] = [];
	let bytes = 0;
	for (const transaction of transactions) {
		const text = transactionText(transaction);
		const size = Buffer.byteLength(text) + 1;
		if (size > sentBytesMax) {
			return undefined;
		}
		const group = groups.at(-1);
		if (group === undefined || bytes + size > sentBytesWanted) {
			groups.push([text]);
			bytes = size;
		} else {
			group.push(text);
			bytes += size;
		}
	}
	return groups.map((group) => `${start}${group.join(",")}]}}`);
}

function transactionText({ method, uri, subscribed_resource = null }: Transaction): string {
	const text = JSON.stringify({ method, uri, subscribed_resource });
	if (text.length * 3 <= sentBytesWanted || Buffer.byteLength(text) <= sentBytesWanted) {
		return text;
	}
	return JSON.stringify({ method, uri, subscribed_resource: withoutOldMessages(uri, subscribed_resource) });
}

/**
 * The same value with its transcripts cut to their newest messages, so that it fits. Whoever shows an older part asks for
 * it: messages count from 1 in `seq`, so a client sees that some are missing.
 */
function withoutOldMessages(uri: string, value: unknown): unknown {
	const isMessages = uri.endsWith("/transcript/messages");
	for (let keep = 1024; keep >= 1; keep = Math.floor(keep / 2)) {
		const cut = isMessages && Array.isArray(value) ? value.slice(-keep) : cutTranscripts(value, keep);
		if (Buffer.byteLength(JSON.stringify(cut)) <= sentBytesWanted) {
			return cut;
		}
	}
	return cutTranscripts(value, 0);
}

function cutTranscripts(value: unknown, keep: number): unknown {
	if (Array.isArray(value)) {
		return value.map((one) => cutTranscripts(one, keep));
	}
	if (typeof value !== "object" || value === null) {
		return value;
	}
	return Object.fromEntries(
		Object.entries(value).map(([name, member]) => [
			name,
			name === "transcript" ? cutMessages(member, keep) : cutTranscripts(member, keep),
		]),
	);
}

function cutMessages(transcript: unknown, keep: number): unknown {
	const { messages } = (transcript ?? {}) as { messages?: unknown };
	return Array.isArray(messages)
		? { ...(transcript as object), messages: keep === 0 ? [] : messages.slice(-keep) }
		: transcript;
}
