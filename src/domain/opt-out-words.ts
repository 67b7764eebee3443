// The words by which a contact ends or resumes our messages, alone in a text. Pure.
//
// Customary for SMS in English: the eight words that https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out names;
// most are also in https://docs.aws.amazon.com/sms-voice/latest/userguide/keywords-required.html, checked 2026-11-26. There
// YES resumes messages beside START and UNSTOP; it is left out here, because in a conversation it answers questions.

import type { Channel } from "./messages.ts";

export const customaryOptOutWords = ["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "OPTOUT", "REVOKE"];
export const customaryOptInWords = ["START", "UNSTOP"];

/** A word of the settings has at most so many characters; a text that is longer than one and its punctuation is no word. */
export const optWordLengthMax = 40;
/** Longer texts need not be read for words. */
export const optTextLengthMax = 64;

const endings = /^[\p{P}\s]$/u;

export type OptWords = { refuse: ReadonlySet<string>; grant: ReadonlySet<string>; onlyOn: Channel | undefined };

export function toOptWords(settings: {
	optOutWords: readonly string[];
	optInWords: readonly string[];
	optWordChannels: "sms" | "every";
}): OptWords {
	return {
		refuse: folded(settings.optOutWords),
		grant: folded(settings.optInWords),
		onlyOn: settings.optWordChannels === "sms" ? "sms" : undefined,
	};
}

/** The customary lists are the same object in every service that has not its own. */
const known = new WeakMap<readonly string[], ReadonlySet<string>>();

function folded(words: readonly string[]): ReadonlySet<string> {
	const set = known.get(words) ?? new Set(words.map(fold));
	known.set(words, set);
	return set;
}

/** What a contact says by a text: the end of our messages, their return, or neither. A word in both lists ends them. */
export function wishIn(text: string, channel: Channel, words: OptWords): "refused" | "granted" | undefined {
	const mayBeWord = text !== "" && text.length <= optTextLengthMax;
	if (!mayBeWord || (words.onlyOn !== undefined && words.onlyOn !== channel)) {
		return undefined;
	}
	const word = fold(text);
	if (word === "") {
		return undefined;
	}
	return words.refuse.has(word) ? "refused" : words.grant.has(word) ? "granted" : undefined;
}

/** Without regard to case, width, white space around and between, and punctuation at the end. */
function fold(text: string): string {
	const flat = text.normalize("NFKC").toUpperCase().toLowerCase().replaceAll(/\s+/gu, " ").trim();
	let end = flat.length;
	while (end > 0 && endings.test(flat.charAt(end - 1))) {
		end -= 1;
	}
	return flat.slice(0, end);
}
