// The chat that a path names, if it is in the caller's tree.

import type { Chat } from "#domain/chats.ts";
import { findChat } from "#storage/chats.ts";
import type { Db } from "#storage/storage.ts";
import { viewOf } from "../tells.ts";
import type { Context } from "./resource-table.ts";

/** Undefined: it is not in the caller's tree, which is as if it did not exist. */
export async function ownChat(
	db: Db,
	{ caller, params }: Pick<Context, "caller" | "params">,
): Promise<Chat | undefined> {
	const chat = await findChat(db, params["id"] ?? "");
	return viewOf(chat, caller.userId) === undefined ? undefined : chat;
}
