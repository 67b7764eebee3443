// Reading messages: list, one, everything that happened to it, and the request it came with.

import { findRequest } from "#storage/inbound-requests.ts";
import { findMessage, findMessages, type StoredMessage } from "#storage/messages.ts";
import { traceOf } from "#storage/trace.ts";
import { Type } from "typebox";
import { type AnyContext, type Route, route } from "../route.ts";
import { demandOn, historians, needs, notFound, readers, selectedServices } from "./access.ts";
import { findDescription, foundMessages } from "./find-messages.ts";
import { fromCursor, idPosition, limitDefault, linkHeaders, toCursor, toDate, toPage } from "./pages.ts";
import { idParams, messageSchema, messagesQuery, rawSchema, traceSchema } from "./schemas.ts";
import { toMessageObject, toRawObject, toTime } from "./views.ts";

const list = route({
	method: "GET",
	path: "/messages",
	summary: "Lists messages, newest first.",
	description: `Only those of messaging services that you may read. The header Link with rel="next" leads to the next page; messages that come meanwhile move nothing. ${findDescription}`,
	needs: needs(readers, "some"),
	query: messagesQuery,
	reply: Type.Array(messageSchema),
	status: 200,
	async run(ctx) {
		const { find, ...query } = ctx.query;
		const filter = {
			services: await selectedServices(ctx, readers, query.service),
			conversationId: query.conversation,
			contactId: query.contact,
			direction: query.direction,
			channel: query.channel,
			state: query.state,
			since: toDate(query.since, "since"),
			until: toDate(query.until, "until"),
		};
		const limit = query.limit ?? limitDefault;
		if (find !== undefined) {
			return foundMessages(ctx, filter, { ...ctx.query, find, limit });
		}
		const order = query.order ?? "desc";
		const after = fromCursor(`messages-${order}`, query.cursor, idPosition);
		const found = await findMessages(ctx.deps.storage.db, filter, { order, after, limit: limit + 1 });
		const page = toPage(found, limit, (last) => toCursor(`messages-${order}`, last.id));
		const headers = linkHeaders(ctx, "/messages", query, page.next);
		return { status: 200, body: page.items.map(toMessageObject), ...headers };
	},
});

const one = route({
	method: "GET",
	path: "/messages/:id",
	summary: "Shows a message.",
	needs: needs(readers, "row"),
	params: idParams,
	reply: messageSchema,
	status: 200,
	async run(ctx) {
		return { status: 200, body: toMessageObject(await readMessage(ctx, ctx.params.id, readers)) };
	},
});

const trace = route({
	method: "GET",
	path: "/messages/:id/trace",
	summary: "Shows everything that happened to a message, in order, with times and causes.",
	needs: needs(readers, "row"),
	params: idParams,
	reply: traceSchema,
	status: 200,
	async run(ctx) {
		const message = await readMessage(ctx, ctx.params.id, readers);
		const entries = await traceOf(ctx.deps.storage.db, message);
		return { status: 200, body: entries.map((entry) => ({ ...entry, at: toTime(entry.at) })) };
	},
});

const raw = route({
	method: "GET",
	path: "/messages/:id/raw",
	summary: "Shows the request a message came with, byte for byte.",
	description: "Values of headers that are secrets are removed. Messages of ours have none: see their trace.",
	needs: needs(historians, "row"),
	params: idParams,
	reply: rawSchema,
	status: 200,
	async run(ctx) {
		const { requestId } = await readMessage(ctx, ctx.params.id, historians);
		const request = requestId === null ? undefined : await findRequest(ctx.deps.storage.db, requestId);
		if (request === undefined) {
			throw notFound();
		}
		return { status: 200, body: toRawObject(request) };
	},
});

async function readMessage(
	ctx: Pick<AnyContext, "deps" | "may">,
	id: string,
	accesses: typeof readers | typeof historians,
): Promise<StoredMessage> {
	const message = await findMessage(ctx.deps.storage.db, id);
	if (message === undefined) {
		throw notFound();
	}
	demandOn(ctx, accesses, message.serviceId);
	return message;
}

export const messageRoutes: readonly Route[] = [list, one, trace, raw];
