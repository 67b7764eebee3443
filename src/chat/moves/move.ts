// What a move is: a pure step of one chat, from what it is to what it becomes, with the lines that it writes. A refusal
// changes nothing. `turns.ts` makes moves durable and tells those who see the chat.

import type { Audience, Chat, Leg, LineType } from "#domain/chats.ts";
import { contactCentre } from "#domain/chats.ts";
import type { PromptValues } from "#domain/prompts.ts";
import type { ChatSettings, PromptType, Queue } from "#domain/queues.ts";

/** What moves know of the rest of the world, all of one moment. */
export type World = {
	now: number;
	settings: ChatSettings;
	queue(id: string | null): Queue | undefined;
	/** A prompt's text as it is scheduled for the chat's queue; undefined: none. */
	prompt(type: PromptType, chat: Chat, values?: Readonly<Record<string, string>>): string | undefined;
	/** How a user shows in chats. */
	face(userId: string): Face;
};

export type Face = { address: string; alias: string };

/** `isPrompt`: goes to a provider's contact, too. `isLate`: after the change of status, not before. */
export type NewLine = {
	type: LineType;
	message: string;
	originator: string;
	isSystem: boolean;
	audience: Audience;
	isPrompt?: boolean;
	isLate?: boolean;
	messageId?: string | null;
	delivery?: "queued" | "sent" | null;
	clientMessageId?: string | null;
};

/**
 * The word of the wire that is said to a user whose leg ends, before the chat leaves their tree. Who has another leg then
 * sees it come again.
 */
export type Parting = "rejected" | "ended" | "handled";

export type Moved = {
	ok: true;
	chat: Chat;
	lines: readonly NewLine[];
	partings: Readonly<Record<string, Parting>>;
	/** For the ledger. */
	events: readonly ChatEvent[];
};

export type ChatEvent = {
	type: "started" | "offered" | "accepted" | "transferred" | "returned" | "ended" | "handled";
	data: Readonly<Record<string, unknown>>;
};

export type RefusedMove = { ok: false; status: 403 | 404; error: string; message: string };
export type Move = (chat: Chat, world: World) => Moved | RefusedMove;

export function moved(
	chat: Chat,
	what: { lines?: readonly NewLine[]; partings?: Moved["partings"]; events?: readonly ChatEvent[] } = {},
): Moved {
	return { ok: true, chat, lines: what.lines ?? [], partings: what.partings ?? {}, events: what.events ?? [] };
}

export function refused(error: string, message: string, status: 403 | 404 = 403): RefusedMove {
	return { ok: false, status, error, message };
}

/** Whoever comes too late finds nothing there. */
export const gone: RefusedMove = refused("interaction_gone", "You have no such chat any more.", 404);

export function legOf(chat: Chat, userId: string): Leg | undefined {
	return chat.legs.find((leg) => leg.userId === userId);
}

export function withLeg(chat: Chat, leg: Leg): Chat {
	return { ...chat, legs: [...chat.legs.filter(({ userId }) => userId !== leg.userId), leg] };
}

export function withoutLegs(chat: Chat, isOut: (leg: Leg) => boolean): Chat {
	return { ...chat, legs: chat.legs.filter((leg) => !isOut(leg)) };
}

export type StateWord =
	| "CHAT_STARTED"
	| "CHAT_ENDED"
	| "JOINED"
	| "LEFT"
	| "CHAT_TRANSFERRED"
	| "CHAT_PAGE_OPENED"
	| "CHAT_PAGE_CLOSED"
	| "ALL_CHAT_PAGES_CLOSED";

export function stateLine(
	state: StateWord,
	by: Face,
	{ audience = "all", isLate = false }: { audience?: Audience; isLate?: boolean } = {},
): NewLine {
	const message = JSON.stringify({ state, originator: { id: by.address, display_name: by.alias } });
	// Public bots answer whatever is not their own: one's own arrival is.
	const originator = state === "JOINED" ? by.address : contactCentre;
	return { type: "state", message, originator, isSystem: true, audience, isLate };
}

export function promptLines<Type extends PromptType>(
	world: World,
	chat: Chat,
	type: Type,
	values: PromptValues<Type>,
): NewLine[] {
	const message = world.prompt(type, chat, values);
	return message === undefined
		? []
		: [{ type: "text", message, originator: contactCentre, isSystem: true, audience: "all", isPrompt: true }];
}

/** As the contact knows who talked to them last; empty: nobody did. */
export function agentName({ face }: World, { agentId, lastAgentId }: Chat): string {
	const userId = agentId ?? lastAgentId;
	return userId === null ? "" : face(userId).alias;
}

export function contactFace(chat: Chat): Face {
	return { address: chat.originator, alias: chat.contactName ?? "" };
}

/** The contact centre as somebody who acts. */
export const centreFace: Face = { address: contactCentre, alias: contactCentre };
