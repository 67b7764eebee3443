// Contacts, as far as they have conversations in messaging services whose history the caller may read.

import type { ConnectorLookup } from "#outgoing/reply-window.ts";
import { findContact, findContacts, findConversations } from "#storage/conversation-lists.ts";
import { Type } from "typebox";
import { type Route, route } from "../route.ts";
import { historians, needs, notFound, selectedServices, visibleServices } from "./access.ts";
import { fromCursor, idPosition, limitDefault, linkHeaders, toCursor, toPage } from "./pages.ts";
import { contactSchema, contactsQuery, contactWithConversations, idParams } from "./schemas.ts";
import { replyWindows } from "./reply-windows.ts";
import { toContactObject, toConversationObject } from "./views.ts";

const conversationsMax = 100;

const list = route({
	method: "GET",
	path: "/contacts",
	summary: "Lists contacts, newest first.",
	description: "Only those, and only by addresses, of messaging services whose history you may read.",
	needs: needs(historians, "some"),
	query: contactsQuery,
	reply: Type.Array(contactSchema),
	status: 200,
	async run(ctx) {
		const { query } = ctx;
		const limit = query.limit ?? limitDefault;
		const { name, address, channel } = query;
		const filter = { services: await selectedServices(ctx, historians, query.service), name, address, channel };
		const after = fromCursor("contacts", query.cursor, idPosition);
		const found = await findContacts(ctx.deps.storage.db, filter, { after, limit: limit + 1 });
		const page = toPage(found, limit, (last) => toCursor("contacts", last.id));
		return { status: 200, body: page.items.map(toContactObject), ...linkHeaders(ctx, "/contacts", query, page.next) };
	},
});

const one = (connectorOf: ConnectorLookup) =>
	route({
		method: "GET",
		path: "/contacts/:id",
		summary: "Shows a contact with its addresses and its newest conversations.",
		needs: needs(historians, "some"),
		params: idParams,
		reply: contactWithConversations,
		status: 200,
		async run(ctx) {
			const { db } = ctx.deps.storage;
			const services = visibleServices(ctx, historians);
			const contact = await findContact(db, ctx.params.id, services);
			if (contact === undefined) {
				throw notFound();
			}
			const conversations = await findConversations(
				db,
				{ services, contactId: contact.id },
				{ limit: conversationsMax },
			);
			const windowOf = await replyWindows(ctx, connectorOf);
			const shown = conversations.map((conversation) => toConversationObject(conversation, windowOf(conversation)));
			return { status: 200, body: { ...toContactObject(contact), conversations: shown } };
		},
	});

export function contactRoutes(connectorOf: ConnectorLookup): readonly Route[] {
	return [list, one(connectorOf)];
}
