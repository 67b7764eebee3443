// GET /messages?find=…: one field to enter whatever is at hand. What is known by that id or address comes first and alone;
// only where there is nothing, words are looked for, as far back as one call may look.

import { timeOf } from "#domain/ids.ts";
import { Problem } from "#platform/problems.ts";
import { lookedAtMost, messagesKnownAs, messagesSaying } from "#storage/find-messages.ts";
import type { MessageFilter } from "#storage/messages.ts";
import type { Answer, AnyContext } from "../route.ts";
import { fromCursor, idPosition, linkHeaders, toCursor, toPage } from "./pages.ts";
import { toMessageObject, toTime } from "./views.ts";

export const findDescription = `With \`find\`, what has that id (of the message, a part, an attempt, a file, the
conversation, the contact, the request; or the provider's) or was exchanged with a contact of that address, however old it is;
a phone number may have spaces, dashes and parentheses, and 00, + or nothing before it. Where there is none, messages that have
all of the words in their text, or it in an address. These are looked for in ${lookedAtMost.toLocaleString("en")} messages per
call: where that was not all, the header Searched-Back-To says until when it looked, and Link leads on from there, be there
anything in this answer or not.`.replaceAll("\n", " ");

type Ctx = Pick<AnyContext, "deps">;
type FindQuery = Readonly<Record<string, string | number | undefined>> & {
	find: string;
	limit: number;
	cursor?: string;
	order?: string;
};

// The cursor tells in which of the two ways the first page was found.
const known = "messages-known";
const saying = "messages-saying";

export async function foundMessages(ctx: Ctx, filter: MessageFilter, query: FindQuery): Promise<Answer> {
	if (query.order === "asc") {
		const message = "must be desc: what is found comes newest first";
		throw new Problem("invalid_query", "What is found is not sorted.", [{ pointer: "/order", message }]);
	}
	if (query.cursor !== undefined && isCursorOf(saying, query.cursor)) {
		return answerSaying(ctx, filter, query);
	}
	return (await answerKnown(ctx, filter, query)) ?? answerSaying(ctx, filter, query);
}

function isCursorOf(order: string, cursor: string): boolean {
	return Buffer.from(cursor, "base64url").toString("utf8").startsWith(`${order} `);
}

/** Undefined: nothing is known by that id or address. */
async function answerKnown(ctx: Ctx, filter: MessageFilter, query: FindQuery): Promise<Answer | undefined> {
	const { find, limit, cursor } = query;
	const after = fromCursor(known, cursor, idPosition);
	const found = await messagesKnownAs(ctx.deps.storage.db, filter, find, { after, limit: limit + 1 });
	if (found.length === 0 && after === undefined) {
		return undefined;
	}
	const page = toPage(found, limit, (last) => toCursor(known, last.id));
	const headers = linkHeaders(ctx, "/messages", query, page.next);
	return { status: 200, body: page.items.map(toMessageObject), ...headers };
}

async function answerSaying(ctx: Ctx, filter: MessageFilter, query: FindQuery): Promise<Answer> {
	const { find, limit, cursor } = query;
	const after = fromCursor(saying, cursor, idPosition);
	const { messages, endedAt } = await messagesSaying(ctx.deps.storage.db, filter, find, { after, limit: limit + 1 });
	const page = toPage(messages, limit, (last) => toCursor(saying, last.id));
	const next = page.next ?? (endedAt === undefined ? undefined : toCursor(saying, endedAt));
	const { headers = {} } = linkHeaders(ctx, "/messages", query, next);
	const lookedUntil = endedAt === undefined ? {} : { "searched-back-to": toTime(timeOf(endedAt)) };
	return { status: 200, body: page.items.map(toMessageObject), headers: { ...headers, ...lookedUntil } };
}
