// …/transcript/before/{seq}: the lines before one that is known, as many as fit into a frame, so that every line of a chat
// can be read, however long it is.

import type { Chat } from "#domain/chats.ts";
import { linesOf } from "#storage/chat-lines.ts";
import type { Db } from "#storage/storage.ts";
import { notThere } from "../resource.ts";
import { toMessage } from "../tells.ts";
import { linesShown, newestThatFit } from "../views.ts";
import { ownChat } from "./own-chat.ts";
import { type Context, everybody, type Found, type Resource } from "./resource-table.ts";

export function earlierLineResources(): Resource[] {
	return [{ path: "interactions/:id/transcript/before/:seq", for: everybody, isAskedOnly: true, read }];
}

async function read(ctx: Context): Promise<Found> {
	const chat = await ownChat(ctx.db, ctx);
	const before = numberOf(ctx.params["seq"]);
	return chat === undefined || before === undefined
		? notThere
		: { value: await pageOf(ctx.db, chat, { viewerId: ctx.caller.userId, before }) };
}

/** Undefined: it is no number of a line. */
export function numberOf(step: string | undefined): number | undefined {
	return step !== undefined && /^\d{1,9}$/.test(step) ? Number(step) : undefined;
}

/**
 * In order, the newest ones that the viewer's side may see; empty: there are none before.
 * @param before undefined: from the end
 */
export async function pageOf(db: Db, chat: Chat, { viewerId, before }: { viewerId: string; before?: number }) {
	const lines = await linesOf(db, chat.id, {
		...(before === undefined ? {} : { upTo: before - 1 }),
		limit: linesShown,
		audiences: ["all", chat.visitorId === viewerId ? "contact" : "agents"],
	});
	return newestThatFit(lines.map(toMessage));
}
