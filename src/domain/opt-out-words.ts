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

export type OptWords = { refuse: WordList; grant: WordList };
type WordList = { words: ReadonlySet<string>; on: Channel | "every channel" };

/** Words of a service's settings count on every channel of it; where there are none, the customary ones do on `sms`. */
export function toOptWords(settings: { optOutWords?: readonly string[]; optInWords?: readonly string[] }): OptWords {
	return {
		refuse: toList(settings.optOutWords) ?? customary.refuse,
		grant: toList(settings.optInWords) ?? customary.grant,
	};
}

function toList(words: readonly string[] | undefined): WordList | undefined {
	return words === undefined ? undefined : { words: new Set(words.map(fold)), on: "every channel" };
}

const customary: OptWords = {
	refuse: { words: new Set(customaryOptOutWords.map(fold)), on: "sms" },
	grant: { words: new Set(customaryOptInWords.map(fold)), on: "sms" },
};

/** What a contact says by a text: the end of our messages, their return, or neither. A word in both lists ends them. */
export function wishIn(text: string, channel: Channel, { refuse, grant }: OptWords): "refused" | "granted" | undefined {
	if (text === "" || text.length > optTextLengthMax) {
		return undefined;
	}
	const folded = fold(text);
	if (folded === "") {
		return undefined;
	}
	const says = ({ words, on }: WordList) => (on === "every channel" || on === channel) && words.has(folded);
	return says(refuse) ? "refused" : says(grant) ? "granted" : undefined;
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
