// Phone numbers, short codes and senders' names as people and providers write them, in one spelling: E.164 with `+`. A number
// in two spellings would be two conversations. Numbers are parsed by libphonenumber-js; what it cannot know stays here.

import { type CountryCode, isSupportedCountry, parsePhoneNumberFromString } from "libphonenumber-js/min";

export type PhoneOptions = {
	/** ISO 3166 code for numbers written without a country code; undefined: they are refused. */
	country?: string | undefined;
	/** The provider leaves the `+` out, so bare digits are a whole number. */
	bareIsWhole?: boolean;
};

const shortCode = /^\d{3,8}$/;
// GSM 03.40 section 9.1.2.5: 11 characters of the GSM alphabet; providers agree on these.
const senderName = /^(?=.*[A-Za-z])[A-Za-z0-9 &+_.-]{1,11}$/;

/** `+491701234567` for the many ways to write it, or undefined when it cannot be a number. */
export function toNumber(given: string, { country, bareIsWhole = false }: PhoneOptions = {}): string | undefined {
	const bare = given.trim().replaceAll(/[\s().\-/\u00A0\u2010-\u2015]/gu, "");
	if (!/^(?:\+|00)?\d{4,15}$/.test(bare)) {
		return undefined;
	}
	const international = bare.startsWith("00")
		? `+${bare.slice(2)}`
		: bareIsWhole && !bare.startsWith("+")
			? `+${bare}`
			: bare;
	const parsed = parsePhoneNumberFromString(international, countryOf(country));
	return parsed?.isPossible() === true && isSettled(parsed.number) ? parsed.number : undefined;
}

/** One zero of a trunk prefix is taken out; where another one follows, the number would change each time it is read. */
function isSettled(number: string): boolean {
	return parsePhoneNumberFromString(number)?.number === number;
}

/** Whether numbers can be written without the code of this country (two capital letters, ISO 3166). */
export function isCountry(code: string): boolean {
	return isSupportedCountry(code);
}

function countryOf(given: string | undefined): CountryCode | undefined {
	const code = given?.toUpperCase();
	return code !== undefined && isSupportedCountry(code) ? code : undefined;
}

/** Who an SMS goes to: a number, or a short code as it is (three to eight digits mean something in one network only). */
export function toSmsContact(given: string, options: PhoneOptions = {}): string | undefined {
	const trimmed = given.trim();
	return shortCode.test(trimmed) ? trimmed : toNumber(trimmed, options);
}

/** Who an SMS comes from: a number, a short code, or a name of up to 11 characters. */
export function toSmsSender(given: string, options: PhoneOptions = {}): string | undefined {
	return toSmsContact(given, options) ?? (senderName.test(given.trim()) ? given.trim() : undefined);
}

/** The digits without `+`, as many providers want them; a short code or a name stays as it is. */
export function withoutPlus(address: string): string {
	return address.replace(/^\+(?=\d)/, "");
}
