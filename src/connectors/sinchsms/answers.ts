// An answer of either API as an outcome: what counts as taken, which rule refuses, and the provider's own words about it,
// fit for a person to read: one line, cut, without anything confidential that may have been repeated.

import type { HttpAnswer, Outcome } from "../contract.ts";
import { cut } from "../kit/facts.ts";
import { asObject, asText, bodyText, outcomeOfSilence, readJson, retryAfter } from "../kit/http.ts";
import type { SendRule } from "./codes.ts";

type Answered = Extract<HttpAnswer, { kind: "answered" }>;

/** `{"code":"syntax_…","text":"…"}`, or the bare words of the older API. */
export type Words = { code: string | undefined; text: string };

export type Reading = {
	now: Date;
	hidden: readonly string[];
	/** The outcome when the message was taken; undefined: the answer does not say so. */
	accepted(answer: Answered): Outcome | undefined;
	ruleOf(answer: Answered, words: Words): SendRule;
};

export function outcomeOf(answer: HttpAnswer, { now, hidden, accepted, ruleOf }: Reading): Outcome {
	if (answer.kind !== "answered") {
		return outcomeOfSilence(answer);
	}
	const words = wordsOf(answer);
	const rule = ruleOf(answer, words);
	// The older API refuses with 203, too.
	if (answer.status >= 200 && answer.status < 300 && rule.kind !== "retry") {
		return accepted(answer) ?? unreadable(answer.status);
	}
	const detail = `Sinch answered ${answer.status}: ${rule.meaning}${quote(words, hidden)}.`;
	if (rule.kind === "rejected") {
		return { kind: "rejected", code: rule.fault, detail, ...(rule.closesService ? { closesService: true } : {}) };
	}
	const notBefore = rule.kind === "retry" ? retryAfter(answer.headers, now) : undefined;
	return { kind: rule.kind, code: rule.fault, detail, ...(notBefore === undefined ? {} : { notBefore }) };
}

function unreadable(status: number): Outcome {
	return { kind: "unknown", code: "protocol", detail: `Sinch answered ${status}, but not with the id of the message.` };
}

function wordsOf({ body }: Answered): Words {
	const fields = asObject(readJson(body));
	return fields === undefined
		? { code: undefined, text: bodyText(body) }
		: { code: asText(fields["code"]), text: asText(fields["text"]) ?? "" };
}

const quoteCharactersMax = 200;
const hiddenCharactersMin = 4; // Shorter texts ("OK") occur in any sentence and tell nothing.

/** A page of some proxy is not quoted. */
function quote({ code, text }: Words, hidden: readonly string[]): string {
	const said = [code ?? "", text.includes("<") ? "" : text].filter((word) => word !== "").join(": ");
	const isTelling = hidden.some((word) => word.length >= hiddenCharactersMin && said.includes(word));
	const line = said.replaceAll(/[\p{Cc}\s\uFFFD]+/gu, " ").trim();
	return isTelling || line === "" ? "" : ` (${cut(line, quoteCharactersMax)})`;
}
