// The provider's own words about an error, fit for a person to read: one line, cut, and without anything confidential
// that the provider may have repeated.

import { asObject, asText, readJson } from "./http.ts";
import { cut } from "./facts.ts";

const quoteCharactersMax = 200;
const confidentialCharactersMin = 4; // Shorter texts ("OK") occur in any sentence and tell nothing.

/**
 * ` INVALID_ARGUMENT: message` for a body of any shape the provider uses, or empty: `{error: {status, message}}`,
 * `{status, message}`, `{title, detail}` (RFC 9457), and `{error, error_description}` (RFC 6749 section 5.2).
 */
export function quoteOf(body: Uint8Array, confidential: readonly string[]): string {
	const outer = asObject(readJson(body)) ?? {};
	const fields = asObject(outer["error"]) ?? outer;
	const word = asText(fields["status"]) ?? asText(fields["title"]) ?? asText(fields["error"]);
	const words = asText(fields["message"]) ?? asText(fields["detail"]) ?? asText(fields["error_description"]);
	const told = [word, words].filter((part) => part !== undefined).join(": ");
	const line = without(told, confidential)
		.replaceAll(/[\p{Cc}\s]+/gu, " ")
		.trim();
	return line === "" ? "" : ` ${cut(line, quoteCharactersMax)}`;
}

function without(text: string, confidential: readonly string[]): string {
	return confidential
		.filter((secret) => secret.length >= confidentialCharactersMin)
		.reduce((rest, secret) => rest.replaceAll(secret, "…"), text);
}
