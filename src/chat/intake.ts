// What each entry of the ledger means for chats: what the Chain Matcher and the SMS Server wrote comes into them.

import type { Chat, LineDelivery } from "#domain/chats.ts";
import type { AttachmentFacts } from "#storage/attachments.ts";
import { type ChatAttachment, findAttachment, insertAttachment, replaceAttachment } from "#storage/chat-attachments.ts";
import { linesOfMessage, setDelivery, type StoredLine } from "#storage/chat-lines.ts";
import { findChat, lastChatOf, liveChatOf } from "#storage/chats.ts";
import type { StoredEvent } from "#storage/events.ts";
import { contactName } from "#storage/contacts.ts";
import { findMessage, type StoredMessage } from "#storage/messages.ts";
import { queueStill } from "./arrivals.ts";
import { beginChat } from "./beginning.ts";
import { contactCentre } from "#domain/chats.ts";
import { pixelsOf, toLineEntry } from "./file-lines.ts";
import type { Windows } from "./messenger.ts";
import { type Move, moved, type NewLine } from "./moves/move.ts";
import { say } from "./moves/talking.ts";
import { noteMessage, tellDelivery } from "./noting.ts";
import { tellWindow } from "./reply-clock.ts";
import type { Turn } from "./turns.ts";

/** Entries of other types say nothing to chats. */
export function isForChats({ type }: StoredEvent): boolean {
	return Object.hasOwn(intake, type);
}

export async function takeIn(turn: Turn, event: StoredEvent, windows: Windows): Promise<void> {
	await intake[event.type as keyof typeof intake](turn, event, windows);
}

const intake = {
	"message.matched": receive,
	"message.queued": follow,
	"message.state": settle,
	"attachment.state": attach,
} satisfies Partial<Record<StoredEvent["type"], (turn: Turn, event: StoredEvent, windows: Windows) => Promise<void>>>;

/** From a contact: into the chat that goes on, or a new one in the queue that has the address. */
async function receive(turn: Turn, { messageId, conversationId }: StoredEvent, windows: Windows): Promise<void> {
	const message = messageId === null ? undefined : await findMessage(turn.tx, messageId);
	if (message === undefined || conversationId === null) {
		return; // Erased meanwhile.
	}
	const chat = (await liveChatOf(turn.tx, conversationId)) ?? (await started(turn, message, conversationId));
	if (chat === undefined) {
		return; // No queue has the address: it stays with who reads conversations by CMI.
	}
	const lines = linesFrom(message);
	if (lines.length > 0) {
		await noteMessage(turn, await turn.move(chat.id, say(lines)));
	}
	await tellWindow(turn, windows, chat);
	for (const facts of message.attachments) {
		await (facts.id !== null && facts.state === "waiting"
			? expectFile(turn, chat, facts)
			: showFile(turn, { chat, message, facts }));
	}
}

async function started(turn: Turn, message: StoredMessage, conversationId: string): Promise<Chat | undefined> {
	const queue = await queueStill(turn, turn.known.queueAt(message.ourAddress));
	if (queue === undefined) {
		return undefined;
	}
	const last = await lastChatOf(turn.tx, conversationId);
	const before = last ?? (await previousOf(turn, message));
	const isSoon = isWithin(before, turn.now - queue.reopenMinutes * 60_000);
	const acted = await beginChat(turn, {
		channel: message.channel,
		destination: message.ourAddress,
		originator: message.contactAddress,
		conversationId,
		serviceId: message.serviceId,
		contactId: message.contactId,
		contactName: message.contactId === null ? null : await contactName(turn.tx, message.contactId),
		previousId: before?.id ?? null,
		// Within the window it is the same talk, and the same agent is asked first.
		...(isSoon && before !== undefined ? { originalId: before.originalId, preferredAgentId: before.lastAgentId } : {}),
	});
	return acted.ok ? acted.chat : undefined;
}

/** It was a talk, and ended after that moment. */
function isWithin(before: Chat | undefined, since: number): boolean {
	return before !== undefined && before.failure === null && before.endedAt !== null && before.endedAt > since;
}

async function previousOf({ tx }: Turn, { contactId }: StoredMessage): Promise<Chat | undefined> {
	const row =
		contactId === null
			? undefined
			: await tx
					.selectFrom("chats")
					.select("id")
					.where("contact_id", "=", contactId)
					.orderBy("id", "desc")
					.limit(1)
					.executeTakeFirst();
	return row === undefined ? undefined : findChat(tx, row.id);
}

/** Its files come when they are fetched. */
function linesFrom(message: StoredMessage): NewLine[] {
	const about = {
		originator: message.contactAddress,
		isSystem: false,
		audience: "all" as const,
		messageId: message.id,
	};
	const { location } = message.content;
	const place: NewLine[] =
		location === undefined ? [] : [{ ...about, type: "location", message: JSON.stringify(toWireLocation(location)) }];
	const text = message.text === "" ? (message.content.choice ?? "") : message.text;
	return text === "" ? place : [{ ...about, type: "text", message: text }, ...place];
}

function toWireLocation({ latitude, longitude, label = "" }: NonNullable<StoredMessage["content"]["location"]>) {
	return { title: label, label: "", coordinates: { latitude, longitude } };
}

/** Of ours, written elsewhere: by the CMI. What was written in the chat has its line already. */
async function follow(turn: Turn, { messageId, conversationId }: StoredEvent): Promise<void> {
	const chat = conversationId === null ? undefined : await liveChatOf(turn.tx, conversationId);
	if (chat === undefined || messageId === null || (await linesOfMessage(turn.tx, messageId)).length > 0) {
		return;
	}
	const message = await findMessage(turn.tx, messageId);
	if (message === undefined) {
		return;
	}
	const originator = message.createdBy === null ? contactCentre : turn.known.name(message.createdBy).address;
	const about = { originator, isSystem: false, audience: "all", messageId, delivery: "queued" } as const;
	const lines = (await contentOf(turn, chat, message)).map((content) => ({ ...about, ...content }));
	await noteMessage(turn, await turn.move(chat.id, say(lines)));
}

type Content = Pick<NewLine, "type" | "message">;

/** As agents' own lines say it, so that each can be sent again. A file that lies elsewhere has only its address to be shown. */
async function contentOf(turn: Turn, chat: Chat, message: StoredMessage): Promise<Content[]> {
	const { template } = message.content;
	if (template !== undefined) {
		return [{ type: "template", message: JSON.stringify(template) }];
	}
	const text = [message.text, ...message.attachments.flatMap((facts) => (facts.id === null ? [facts.url] : []))]
		.filter((one) => one !== "")
		.join("\n");
	const files = message.attachments.filter((facts) => facts.id !== null);
	return [
		...(text === "" ? [] : [{ type: "text" as const, message: text }]),
		...(files.length === 0 ? [] : [await ownFiles(turn, chat, files)]),
	];
}

/** Under ids of the chat's own: the same file may go to many. */
async function ownFiles(turn: Turn, chat: Chat, files: readonly FileFacts[]): Promise<Content> {
	const entries = [];
	for (const facts of files) {
		const attachment = {
			...toAttachment(turn, chat, facts),
			id: turn.ids.next<string>(),
			originator: "agent",
		} as const;
		await insertAttachment(turn.tx, attachment);
		entries.push(toLineEntry(attachment, await pixelsOf(turn.tx, facts.id)));
	}
	return { type: "attachment", message: JSON.stringify({ text: "", attachments: entries }) };
}

const deliveries: Readonly<Record<string, LineDelivery>> = {
	sent: "sent",
	delivered: "delivered",
	read: "read",
	failed: "failed",
	expired: "failed",
	held: "failed",
};

/** What became of a message of ours. */
async function settle(turn: Turn, { messageId }: StoredEvent): Promise<void> {
	const lines = messageId === null ? [] : await linesOfMessage(turn.tx, messageId);
	const message = lines.length === 0 || messageId === null ? undefined : await findMessage(turn.tx, messageId);
	const delivery = message?.direction === "out" ? deliveries[message.state] : undefined;
	if (message === undefined || delivery === undefined) {
		return;
	}
	for (const line of lines.filter(({ type, delivery: was }) => type !== "error" && was !== delivery)) {
		await setDelivery(turn.tx, line.id, delivery);
		const chat = await findChat(turn.tx, line.chatId);
		if (chat !== undefined) {
			tellDelivery(turn, chat, line, delivery);
			await (delivery === "failed" ? tellFailure(turn, chat, { line, message }) : undefined);
		}
	}
}

async function tellFailure(
	turn: Turn,
	chat: Chat,
	{ line, message }: { line: StoredLine; message: StoredMessage },
): Promise<void> {
	const description =
		message.state === "held"
			? "Nobody knows whether the message arrived; look at it before you send it again."
			: (message.error?.detail ?? "The provider did not deliver the message.");
	const error = {
		error_code: "DELIVERYFAILED",
		error_description: description,
		message_id: line.id,
		cause: message.error?.code ?? null,
	};
	// Its own author's, too: a public bot answers whatever is not its own, and would answer the failure of its answer, for ever.
	const said: NewLine = {
		type: "error",
		message: JSON.stringify(error),
		originator: line.originator,
		isSystem: true,
		audience: "agents",
		messageId: message.id,
	};
	// Nobody has spoken: the clock of silence goes on.
	await turn.move(chat.id, (one) => moved(one, { lines: [said] }));
}

/** A file of a contact's message is here now, or never will be: in the chat that the message came into. */
async function attach(turn: Turn, { messageId, data }: StoredEvent): Promise<void> {
	const message = messageId === null ? undefined : await findMessage(turn.tx, messageId);
	const facts = message?.attachments.find(({ id }) => id !== null && id === data["attachment"]);
	if (message?.direction !== "in" || facts === undefined || facts.id === null) {
		return;
	}
	// Expected by the chat, unless the message came before chats remembered that.
	const expected = await findAttachment(turn.tx, facts.id);
	const chatId = expected?.chatId ?? (await linesOfMessage(turn.tx, message.id))[0]?.chatId;
	const chat = chatId === undefined ? undefined : await findChat(turn.tx, chatId);
	if (chat !== undefined) {
		await showFile(turn, { chat, message, facts });
	}
}

type FileFacts = Extract<AttachmentFacts, { id: string }>;

/** It is still fetched: the chat keeps a place for it, for it may have ended until then. */
function expectFile(turn: Turn, chat: Chat, facts: FileFacts): Promise<void> {
	return insertAttachment(turn.tx, { ...toAttachment(turn, chat, facts), fileId: null });
}

type Showing = { chat: Chat; message: StoredMessage; facts: AttachmentFacts };

/** Once: both the message and the end of its download lead here. */
async function showFile(turn: Turn, { chat, message, facts }: Showing): Promise<void> {
	if (facts.id === null || facts.state === "waiting" || (await isShown(turn, message, facts.id))) {
		return;
	}
	const body = facts.state === "kept" ? await keptBody(turn, chat, facts) : droppedBody(facts);
	const line: NewLine = {
		type: "attachment",
		message: JSON.stringify(body),
		originator: message.contactAddress,
		isSystem: false,
		audience: "all",
		messageId: message.id,
	};
	await noteMessage(turn, await turn.move(chat.id, addLate([line])));
}

async function isShown(turn: Turn, message: StoredMessage, id: string): Promise<boolean> {
	const lines = (await linesOfMessage(turn.tx, message.id)).filter(({ type }) => type === "attachment");
	return lines.some((line) => {
		const { attachments = [], "dropped attachments": dropped = [] } = JSON.parse(line.message) as LineBody;
		return [...attachments, ...dropped].some((one) => one.id === id);
	});
}

type LineBody = { attachments?: readonly { id: string }[]; "dropped attachments"?: readonly { id?: string }[] };

/** A chat that has ended stays as it is, but for the line. */
function addLate(lines: readonly NewLine[]): Move {
	return (chat, world) => (chat.state === "ended" ? moved(chat, { lines }) : say(lines)(chat, world));
}

function droppedBody({ id, filename = "", reason }: FileFacts) {
	return { text: "", "dropped attachments": [{ filename, reason: reason ?? "DOWNLOADFAILED", id }] };
}

async function keptBody(turn: Turn, chat: Chat, facts: FileFacts) {
	const attachment = toAttachment(turn, chat, facts);
	await replaceAttachment(turn.tx, attachment);
	return { text: "", attachments: [toLineEntry(attachment, await pixelsOf(turn.tx, facts.id))] };
}

/** Its id is the file's own: so the chat that a message came into is found by it. */
function toAttachment(turn: Turn, chat: Chat, facts: FileFacts): ChatAttachment {
	const { id, filename = "", size = 0, contentType = "application/octet-stream" } = facts;
	const about = { originator: "customer", byUser: "", fileId: id, until: turn.now } as const;
	return { id, chatId: chat.id, filename, size, contentType, ...about };
}
