// What the products of Meta share when they are called: how the Graph API reports errors and used-up limits, and the proof
// of the app secret. https://developers.facebook.com/docs/graph-api/guides/secure-requests, checked 2026-11-24, and
// https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes, checked 2026-11-26.
//   {"error":{"message":"(#131056) …","code":131056,"error_subcode":…,"error_data":{"details":"…"},"is_transient":false}}
//   X-Business-Use-Case-Usage: {"<business id>":[{"type":"messenger","estimated_time_to_regain_access":19}]} (minutes)

import type { FaultCode } from "#domain/faults.ts";
import type { HttpAnswer, Outcome } from "../contract.ts";
import { cut } from "./facts.ts";
import { asArray, asObject, asText, readJson, retryAfter } from "./http.ts";
import { hmac } from "./signature.ts";

/** What an error says about our message. */
export type Meaning = {
	kind: "retry" | "rejected" | "unknown";
	code: FaultCode;
	/** One sentence for a person, without its full stop. */
	says: string;
	/** Wait at least so long, because more sends make the restriction worse. */
	pauseMs?: number;
};

export type GraphError = {
	code: number | undefined;
	subcode: number | undefined;
	message: string | undefined;
	/** What exactly was wrong, where a product adds it. */
	details: string | undefined;
	isTransient: boolean;
};

/** The error of an answer, or undefined when it holds none. It may come with any HTTP status, even with 200. */
export function graphErrorOf(answer: Readonly<Record<string, unknown>> | undefined): GraphError | undefined {
	const error = asObject(answer?.["error"]);
	return error === undefined ? undefined : readGraphError(error);
}

/** An error as it stands in answers, and in what a webhook tells of a message. */
export function readGraphError(error: Readonly<Record<string, unknown>>): GraphError {
	return {
		code: numberOf(error["code"]),
		subcode: numberOf(error["error_subcode"]),
		message: asText(error["message"]) ?? asText(error["title"]),
		details: asText(asObject(error["error_data"])?.["details"]),
		isTransient: error["is_transient"] === true,
	};
}

function numberOf(value: unknown): number | undefined {
	const number = typeof value === "string" && /^\d{1,9}$/.test(value) ? Number(value) : value;
	return typeof number === "number" && Number.isSafeInteger(number) ? number : undefined;
}

/** A code 100 without a subcode, told apart only by its message: the Meta app demands a proof, or the proof is wrong. */
export function isAboutProof(error: GraphError | undefined): boolean {
	return error?.code === 100 && /appsecret_proof/i.test(error.message ?? "");
}

/** Proves that a call comes from a holder of the app secret; the proof belongs to one token. */
export function appSecretProof(appSecret: string, token: string): string {
	return hmac("sha256", appSecret, "hex", token);
}

const quotedCharactersMax = 200;

/** ` (Facebook error 190/463: …)`, in one line and without anything that is to be hidden. Empty without an error. */
export function quotedError(product: string, error: GraphError | undefined, hidden: readonly string[]): string {
	if (error === undefined) {
		return "";
	}
	const number = [error.code, error.subcode].filter((part) => part !== undefined).join("/");
	const told = [error.message, error.details].filter((part) => part !== undefined).join(" – ");
	const clean = hidden.reduce((text, secret) => text.replaceAll(secret, "…"), told);
	const line = clean.replaceAll(/[\s\p{Cc}]+/gu, " ").trim();
	const message = cut(line.replace(/\.$/, ""), quotedCharactersMax);
	return ` (${product} error${number === "" ? "" : ` ${number}`}${message === "" ? "" : `: ${message}`})`;
}

/** How one product reads errors: the documented ones by their numbers, the rest by the HTTP status. */
export type GraphCodes = {
	product: string;
	meaningOfError(error: GraphError | undefined): Meaning | undefined;
	meaningOfStatus(status: number): Meaning;
};

export type GraphReading = {
	now: Date;
	/** What must never appear in a detail, in case Meta repeats it. */
	hidden: readonly string[];
};

export type Answered = Extract<HttpAnswer, { kind: "answered" }>;

/** The outcome of an answer that is no acceptance. */
export function graphRefusal(answer: Answered, codes: GraphCodes, { now, hidden }: GraphReading): Outcome {
	const error = graphErrorOf(asObject(readJson(answer.body)));
	const listed = codes.meaningOfError(error);
	const meaning = listed ?? meaningOfUnlisted(codes.meaningOfStatus(answer.status), codes.product, error);
	const { kind, code, says } = meaning;
	const detail = `${says}${quotedError(codes.product, error, hidden)}.`;
	if (kind === "retry") {
		const at = notBefore(meaning, answer.headers, now);
		return { kind, code, detail, ...(at === undefined ? {} : { notBefore: at }) };
	}
	return listed === undefined && answer.status === 410
		? { kind: "rejected", code, detail, closesService: true }
		: { kind, code, detail };
}

/** Meta calling an error transient is no proof that nothing was sent, but it rules out a final no. */
function meaningOfUnlisted(meaning: Meaning, product: string, error: GraphError | undefined): Meaning {
	return error?.isTransient === true && meaning.kind === "rejected"
		? { kind: "unknown", code: "unreachable", says: `${product} reports a passing error of its own` }
		: meaning;
}

function notBefore(meaning: Meaning, headers: Headers, now: Date): Date | undefined {
	const asked = retryAfter(headers, now) ?? (meaning.code === "throttled" ? regainAt(headers, now) : undefined);
	if (meaning.pauseMs === undefined) {
		return asked;
	}
	return new Date(Math.max(asked?.getTime() ?? 0, now.getTime() + meaning.pauseMs));
}

const minuteMs = 60_000;
const waitMaxMs = 3_600_000; // One hour: asked again then, as with Retry-After.

/** The latest time at which a used-up limit comes back; undefined when none is named. */
function regainAt(headers: Headers, now: Date): Date | undefined {
	const usage = readJson(Buffer.from(headers.get("x-business-use-case-usage") ?? "", "utf8"));
	const minutes = Object.values(asObject(usage) ?? {})
		.flatMap(asArray)
		.map((limit) => asObject(limit)?.["estimated_time_to_regain_access"])
		.filter((value): value is number => typeof value === "number" && value > 0);
	return minutes.length === 0
		? undefined
		: new Date(now.getTime() + Math.min(Math.max(...minutes) * minuteMs, waitMaxMs));
}
