// Questions to Graph, for upkeep, look-ups and checks: one call with a token, its JSON object, or what was in the way.

import type { HttpAnswer, HttpCall, Outcome, Tools, UpkeepRound } from "../contract.ts";
import { asObject, asText, outcomeOfSilence, readJson, retryAfter } from "../kit/http.ts";
import { askToken, callWithToken } from "../kit/oauth2.ts";
import { quoteOf } from "../kit/quote.ts";
import { explained } from "./codes.ts";
import { type TeamsConfig, tokenClientOf } from "./form.ts";

/** `status` 0: no answer. */
export type Trouble = NonNullable<UpkeepRound["trouble"]> & { status: number; notBefore?: Date };
export type Fields = Readonly<Record<string, unknown>>;
export type Told = { ok: true; fields: Fields; body: Uint8Array; url: string } | { ok: false; trouble: Trouble };

export type Question = {
	method: HttpCall["method"];
	path: string;
	query?: Readonly<Record<string, string>>;
	/** In place of a query: that of the next page, as `nextPage` found it. */
	page?: string;
	body?: object;
};

export async function askGraph(question: Question, config: TeamsConfig, tools: Tools): Promise<Told> {
	const call = toCall(question, config);
	const answered = await callWithToken(call, tokenClientOf(config), tools, config.hidden);
	if (!answered.ok) {
		return { ok: false, trouble: troubleWithToken(answered.outcome) };
	}
	const hidden = [answered.accessToken, ...config.hidden];
	return toTold(answered.answer, { url: call.url, config: { hidden }, now: tools.now() });
}

/** Undefined: there is a token, so the credentials hold. */
export async function tokenTrouble(config: TeamsConfig, tools: Tools): Promise<Trouble | undefined> {
	const token = await askToken(tokenClientOf(config), tools, config.hidden);
	return token.ok ? undefined : troubleWithToken(token.outcome);
}

function troubleWithToken(outcome: Outcome): Trouble {
	const { code, detail, notBefore } = fieldsOf(explained(outcome));
	return { code, detail, status: 0, ...(notBefore === undefined ? {} : { notBefore }) };
}

function fieldsOf(outcome: ReturnType<typeof explained>): { code: Trouble["code"]; detail: string; notBefore?: Date } {
	return outcome.kind === "accepted" ? { code: "protocol", detail: "There is no access token." } : outcome;
}

/** `$` is kept: Graph's own examples do not encode it. */
function toCall({ method, path, query = {}, page, body }: Question, { base }: TeamsConfig): HttpCall {
	const pairs = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
	return {
		method,
		url: `${base}${path}${page ?? (pairs.length === 0 ? "" : `?${pairs.join("&")}`)}`,
		headers: { accept: "application/json", ...(body === undefined ? {} : { "content-type": "application/json" }) },
		...(body === undefined ? {} : { body: JSON.stringify(body) }),
	};
}

const pageCharactersMax = 4000;

/**
 * The query of the next page (@odata.nextLink). It is asked for below our own path, whatever path the answer names; one at
 * another host leads nowhere. https://learn.microsoft.com/graph/paging, checked 2026-11-26.
 */
export function nextPage(fields: Fields, { base = "" }: TeamsConfig): string | undefined {
	const next = URL.parse(asText(fields["@odata.nextLink"]) ?? "");
	const isOurs = next !== null && next.origin === URL.parse(base)?.origin;
	return isOurs && next.search.length > 1 && next.search.length <= pageCharactersMax ? next.search : undefined;
}

/** Whether it is no use to ask for anything else now; what is refused otherwise is refused for itself. */
export function stopsAll({ status, notBefore }: Trouble): boolean {
	return status === 0 || status === 401 || status === 429 || notBefore !== undefined;
}

type Reading = { url: string; config: Pick<TeamsConfig, "hidden">; now: Date };

export function toTold(answer: HttpAnswer, { url, config, now }: Reading): Told {
	if (answer.kind !== "answered") {
		const { code, detail } = fieldsOf(outcomeOfSilence(answer));
		return { ok: false, trouble: { code, detail, status: 0 } };
	}
	const { status, body, headers } = answer;
	const fields = asObject(readJson(body));
	if (status >= 200 && status <= 299 && (fields !== undefined || status === 204)) {
		return { ok: true, fields: fields ?? {}, body, url };
	}
	const notBefore = retryAfter(headers, now);
	const { code, says } = ruleFor(status);
	const detail = `${says} (${status}${quoteOf(body, config.hidden)}).`;
	return { ok: false, trouble: { code, detail, status, ...(notBefore === undefined ? {} : { notBefore }) } };
}

function ruleFor(status: number): { code: Trouble["code"]; says: string } {
	if (status < 300) {
		return { code: "protocol", says: "Microsoft answered with something that cannot be read" };
	}
	if (status === 401) {
		return { code: "credentials", says: "Microsoft does not accept the access token" };
	}
	if (status === 403) {
		return { code: "config", says: "Microsoft does not let the technical user or the application do this" };
	}
	if (status === 429) {
		return { code: "throttled", says: "Microsoft asks to slow down" };
	}
	return status >= 500
		? { code: "unreachable", says: "Microsoft has trouble of its own" }
		: { code: "config", says: "Microsoft refuses what was asked" };
}
