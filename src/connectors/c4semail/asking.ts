// Answers to our questions: a page of entities, or what was in the way.

import type { FaultCode } from "#domain/faults.ts";
import type { HttpAnswer, HttpCall, Tools } from "../contract.ts";
import { outcomeOfSilence, retryAfter } from "../kit/http.ts";
import { quoteOf } from "../kit/quote.ts";
import { basicOf } from "../kit/oauth2.ts";
import { askRule } from "./codes.ts";
import type { C4sConfig } from "./form.ts";
import { type Page, pageIn, wordsIn } from "./odata.ts";

export type Trouble = {
	code: FaultCode;
	detail: string;
	/** What the provider asks us to wait for. */
	notBefore?: Date;
	/** Undefined: no answer. */
	status?: number;
	/** The answer is longer than we read. */
	isTooLarge?: true;
};
export type Asked = { ok: true; page: Page; body: Uint8Array; date: number } | { ok: false; trouble: Trouble };

export async function ask(call: HttpCall, config: C4sConfig, tools: Tools): Promise<Asked> {
	const answer = await tools.http(call);
	if (answer.kind === "answered" && answer.status >= 200 && answer.status <= 299) {
		const page = pageIn(answer.body);
		const date = Date.parse(answer.headers.get("date") ?? "");
		const detail = `SAP Cloud for Customer answered ${answer.status}, but with something that is no list.`;
		return page === undefined
			? { ok: false, trouble: { code: "protocol", detail, status: answer.status } }
			: { ok: true, page, body: answer.body, date };
	}
	return { ok: false, trouble: troubleOf(answer, config, tools.now()) };
}

function troubleOf(answer: HttpAnswer, config: C4sConfig, now: Date): Trouble {
	if (answer.kind !== "answered") {
		const silence = outcomeOfSilence(answer);
		const { code, detail } = silence.kind === "accepted" ? unread : silence;
		const isTooLarge = answer.kind === "unclear" && answer.why === "too large";
		return { code, detail, ...(isTooLarge ? { isTooLarge } : {}) };
	}
	const { status, headers, body } = answer;
	const { fault, meaning } = askRule(status);
	const notBefore = retryAfter(headers, now);
	const said = quotedWords(body, config, []);
	const detail = `SAP Cloud for Customer answered ${status}: ${meaning}${said}.`;
	return { code: fault, detail, status, ...(notBefore === undefined ? {} : { notBefore }) };
}

const unread: Pick<Trouble, "code" | "detail"> = { code: "protocol", detail: "The answer cannot be read." };

/** ` (the provider's words)`, without what must not be shown; a page is none. */
export function quotedWords(body: Uint8Array, { access, secrets }: C4sConfig, texts: readonly string[]): string {
	const credentials = access === undefined ? [] : [basicOf(access.user, access.password)];
	const message = wordsIn(body);
	const asBody = new TextEncoder().encode(JSON.stringify({ message }));
	const said = quoteOf(asBody, [...secrets, ...credentials, ...texts]).trim();
	return said === "" || /[<>]/.test(said) ? "" : ` (${said.replace(/[.!?]+$/, "")})`;
}
