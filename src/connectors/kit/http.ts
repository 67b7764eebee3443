// What connectors share about HTTP: bodies read without throwing, failures turned into outcomes, Retry-After.

import type { HttpAnswer, Outcome } from "../contract.ts";

const textDecoder = new TextDecoder("utf-8");

export function bodyText(body: Uint8Array): string {
	return textDecoder.decode(body);
}

/** The JSON value of a body, or undefined when it is none. Never throws. */
export function readJson(body: Uint8Array): unknown {
	try {
		return JSON.parse(bodyText(body)) as unknown;
	} catch (error) {
		if (error instanceof SyntaxError) {
			return undefined;
		}
		throw error;
	}
}

/** The value as an object of unknown fields, or undefined. Arrays are not objects here. */
export function asObject(value: unknown): Readonly<Record<string, unknown>> | undefined {
	return typeof value === "object" && value !== null && !Array.isArray(value)
		? (value as Record<string, unknown>)
		: undefined;
}

export function asArray(value: unknown): readonly unknown[] {
	return Array.isArray(value) ? value : [];
}

/** The text, or undefined when it is something else or empty. */
export function asText(value: unknown): string | undefined {
	return typeof value === "string" && value !== "" ? value : undefined;
}

const retryAfterMaxMs = 3_600_000; // One hour: a provider that asks for more is asked again then.

/** Retry-After (RFC 9110 section 10.2.3), in seconds or as a date; undefined when absent or unreadable. */
export function retryAfter(headers: Headers, now: Date): Date | undefined {
	const given = headers.get("retry-after")?.trim() ?? "";
	const delayMs = /^\d+$/.test(given) ? Number(given) * 1000 : httpDate(given) - now.getTime();
	if (Number.isNaN(delayMs)) {
		return undefined;
	}
	return new Date(now.getTime() + Math.min(Math.max(delayMs, 0), retryAfterMaxMs));
}

// The form of today and the two of old (RFC 9110 section 5.6.7). `Date.parse` alone makes some day of "1.5".
const httpDates =
	/^(?:[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} [\d:]{8} GMT|[A-Z][a-z]{5,8}, \d\d-[A-Z][a-z]{2}-\d\d [\d:]{8} GMT|[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d [\d:]{8} \d{4})$/;

function httpDate(text: string): number {
	return httpDates.test(text) ? Date.parse(text.endsWith("GMT") ? text : `${text} GMT`) : Number.NaN;
}

/** A retry with `notBefore` only where the provider gave one. */
export function retryOutcome(
	code: "throttled" | "unreachable" | "credentials",
	detail: string,
	notBefore: Date | undefined,
): Outcome {
	return notBefore === undefined ? { kind: "retry", code, detail } : { kind: "retry", code, detail, notBefore };
}

/** The outcome of a call that got no answer: certainly not sent may be tried again, anything else is unknown. */
export function outcomeOfSilence(answer: Exclude<HttpAnswer, { kind: "answered" }>): Outcome {
	if (answer.kind === "unclear") {
		return { kind: "unknown", code: "unreachable", detail: `The provider did not answer (${answer.why}).` };
	}
	if (answer.why === "blocked") {
		return {
			kind: "retry",
			code: "config",
			detail: "The target address is not allowed; see the setting outboundAllow.",
		};
	}
	return { kind: "retry", code: "unreachable", detail: `The provider could not be reached (${answer.why}).` };
}
