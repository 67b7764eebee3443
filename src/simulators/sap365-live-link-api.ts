// Live Link 365 of the simulated SAP: tokens that live so many milliseconds, and `/v2/sms`. Stricter than the provider in one
// thing: a field that is not described is refused.

import { basicAuthorization, type HeardRequest, type HttpReply, jsonReply } from "./kit.ts";
import type { Submission } from "./sap365-push-api.ts";

export type AppKey = { key: string; secret: string };
export type ApiRefusal = { status: number; words: string };

export const tokenPath = "/api/oauth/token";
export const smsPath = "/api/v2/sms";
export const tokenLifeMs = 2_700_000;

export function refusalReply({ status, words }: ApiRefusal): HttpReply {
	return jsonReply(status, {
		apiErrorCode: 1000 + status,
		debugMessage: words,
		userMessage: words,
		httpStatusCode: String(status),
	});
}

export function tokenRefusal({ headers, body }: HeardRequest, { key, secret }: AppKey): ApiRefusal | undefined {
	if (headers.authorization !== basicAuthorization({ login: key, password: secret })) {
		return { status: 401, words: "Bad app key or secret" };
	}
	return headers["content-type"] === "application/x-www-form-urlencoded" && body === "grant_type=client_credentials"
		? undefined
		: { status: 400, words: "grant_type is not client_credentials" };
}

type Rule = (value: unknown) => boolean;
const text =
	(shape: RegExp): Rule =>
	(value) =>
		typeof value === "string" && shape.test(value);
const truth: Rule = (value) => typeof value === "boolean";
const address = /^https?:\/\/[^/]+\//;

const fieldRules: Readonly<Record<string, Rule>> = {
	origin: text(/^(?:\+?\d{3,15}|[A-Za-z0-9 &+_.-]{1,11})$/),
	destination: (value) =>
		Array.isArray(value) && value.length > 0 && value.every(text(/^(?:\+[1-9]\d{4,14}|\d{3,8})$/)),
	message: text(/[^]/),
	subject: text(/[^]/),
	contentTextEncoding: text(/^(?:UTF8|UCS2)$/),
	acknowledgement: truth,
	ackType: text(/^(?:NONE|ORDER|MESSAGE)$/),
	ackFinalOnly: truth,
	ackFinalStatus: truth,
	ackInternalStatus: truth,
	mobileNotification: text(/^(?:YES|NO)$/),
	validityPeriod: text(/^(?:[5-9]|[1-9]\d+)m$|^[1-9]\d*[hdw]$/),
	callback: (value) =>
		text(address)(value) ||
		(Array.isArray(value) && value.length === 1 && text(address)((value[0] as { url?: unknown } | null)?.url)),
};

export function readOrder({ headers, body }: HeardRequest): Submission | ApiRefusal {
	const fields = headers["content-type"] === "application/json" ? objectIn(body) : undefined;
	if (fields === undefined) {
		return { status: 400, words: "The body is not a JSON object" };
	}
	const missing = ["destination", "message"].find((name) => fields[name] === undefined);
	const [wrong] = Object.entries(fields).find(([name, value]) => fieldRules[name]?.(value) !== true) ?? [];
	if (missing !== undefined || wrong !== undefined) {
		return { status: 400, words: `Bad field ${missing ?? wrong}` };
	}
	const said = (name: string): string => (typeof fields[name] === "string" ? fields[name] : "");
	const reports = fields["acknowledgement"] === true ? said("ackType").toLowerCase() : "";
	return {
		to: (fields["destination"] as string[])[0] ?? "",
		from: said("origin"),
		text: said("message"),
		subject: said("subject"),
		reports: reports === "order" || reports === "message" ? reports : "none",
		handset: fields["mobileNotification"] === "YES",
		replyAddress: addressIn(fields["callback"]),
	};
}

function addressIn(callback: unknown): string | undefined {
	return typeof callback === "string" ? callback : (callback as [{ url: string }] | undefined)?.[0].url;
}

function objectIn(body: string): Readonly<Record<string, unknown>> | undefined {
	try {
		const value: unknown = JSON.parse(body);
		return typeof value === "object" && value !== null && !Array.isArray(value)
			? (value as Record<string, unknown>)
			: undefined;
	} catch {
		return undefined; // Not JSON; the caller says so.
	}
}
