// Reads messages of a chat or channel from Graph, newest first, as the provider orders them.
// https://learn.microsoft.com/graph/api/chat-list-messages, as documented, checked 2026-11-26 (filters are from memory).
//   GET /chats/{id}/messages?$top=50&$orderby=createdDateTime desc&$filter=createdDateTime gt 2026-11-26T10:00:00.000Z

import type { Tools } from "../contract.ts";
import { asArray, asObject, asText } from "../kit/http.ts";
import { messagesPath } from "./addresses.ts";
import type { TeamsConfig, Target } from "./form.ts";
import { askGraph, type Fields, nextPage, type Trouble } from "./graph-api.ts";
import { toText } from "./html.ts";

export type ReadPlace = Exclude<Target, { kind: "everyChat" }>;
/** `page`: of a channel, where its pages were left off. */
export type Span = { after: string; before?: string; page?: string };
/** `senderId`: object id of a person; undefined for bots and system messages. */
export type ReadMessage = { id: string; at: string; senderId: string | undefined; text: string; fields: Fields };
export type Page =
	| {
			ok: true;
			messages: readonly ReadMessage[];
			isLast: boolean;
			next: string | undefined;
			url: string;
			body: Uint8Array;
	  }
	| { ok: false; trouble: Trouble };

const pageMax = 50; // The most that Graph gives at once.

export async function readMessages(place: ReadPlace, span: Span, config: TeamsConfig, tools: Tools): Promise<Page> {
	const query = span.page === undefined ? { query: queryOf(place, span) } : { page: span.page };
	const told = await askGraph({ method: "GET", path: messagesPath(place), ...query }, config, tools);
	if (!told.ok) {
		return told;
	}
	if (!Array.isArray(told.fields["value"])) {
		const detail = "Microsoft answered with something that is no list of messages.";
		return { ok: false, trouble: { code: "protocol", detail, status: 200 } };
	}
	const items = asArray(told.fields["value"]);
	const all = items.flatMap((item) => [item, ...asArray(asObject(item)?.["replies"])]);
	const messages = all.flatMap((item) => readMessage(item) ?? []).filter(({ at }) => isWithin(at, span));
	const next = place.kind === "channel" && messages.length > 0 ? nextPage(told.fields, config) : undefined;
	const isLast = place.kind === "channel" ? next === undefined : items.length < pageMax;
	return { ok: true, messages, isLast, next, url: told.url, body: told.body };
}

/** Channels take no filter; what is older is left out here, and their pages lead on by themselves. */
function queryOf(place: ReadPlace, { after, before }: Span): Readonly<Record<string, string>> {
	const top = { $top: String(pageMax) };
	if (place.kind === "channel") {
		return { ...top, $expand: "replies" };
	}
	const until = before === undefined ? "" : ` and createdDateTime lt ${before}`;
	return { ...top, $orderby: "createdDateTime desc", $filter: `createdDateTime gt ${after}${until}` };
}

function isWithin(at: string, { after, before }: Span): boolean {
	return at > after && (before === undefined || at < before);
}

function readMessage(value: unknown): ReadMessage | undefined {
	const fields = asObject(value);
	const id = asText(fields?.["id"]);
	const at = new Date(asText(fields?.["createdDateTime"]) ?? Number.NaN);
	if (fields === undefined || id === undefined || Number.isNaN(at.getTime())) {
		return undefined;
	}
	return { id, at: at.toISOString(), senderId: senderOf(fields), text: textOf(fields), fields };
}

export function senderOf(message: Fields): string | undefined {
	return asText(asObject(asObject(message["from"])?.["user"])?.["id"]);
}

export function textOf(message: Fields): string {
	const body = asObject(message["body"]);
	const content = asText(body?.["content"]) ?? "";
	return body?.["contentType"] === "html" ? toText(content) : content;
}
