// /users/me/interactions/{id}/transcript/messages: what was said, and saying something. What goes to a provider is checked
// first and enqueued in the transaction of its line.

import { type Static, Type } from "typebox";
import type { Chat, LineType } from "#domain/chats.ts";
import { attachmentsOf } from "#storage/chat-attachments.ts";
import { findLine, lineByClientId, linesOf, setMessage, type StoredLine } from "#storage/chat-lines.ts";
import { findChat } from "#storage/chats.ts";
import type { Db } from "#storage/storage.ts";
import type { Letter, Words } from "../messenger.ts";
import { legOf, type NewLine } from "../moves/move.ts";
import { say } from "../moves/talking.ts";
import { noteMessage, tellDelivery } from "../noting.ts";
import { type Answer, done, fault, notThere } from "../resource.ts";
import { isFor, toMessage } from "../tells.ts";
import type { Turn } from "../turns.ts";
import { bodyOf } from "./body.ts";
import { ownChat } from "./own-chat.ts";
import { answerOf, type Context, everybody, type Found, agentsOnly, type Resource } from "./resource-table.ts";
import type { Tools } from "./tools.ts";

const textMax = 10_000; // Characters of one line.
const linesAskedMax = 5000;

const sayBody = bodyOf(
	Type.Object({
		message: Type.String({ minLength: 1, maxLength: textMax }),
		type: Type.Optional(Type.Union([Type.Literal("text"), Type.Literal("template"), Type.Literal("note")])),
		client_message_id: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
	}),
);
type Said = Extract<ReturnType<typeof sayBody>, { ok: true }>["body"];

export function transcriptResources(tools: Tools): Resource[] {
	return [
		{
			path: "interactions/:id/transcript/messages",
			for: everybody,
			read: (ctx) => readMessages(ctx),
			post: (ctx) => post(tools, ctx),
		},
		{
			path: "interactions/:id/transcript",
			for: everybody,
			async read(ctx) {
				const found = await readMessages(ctx);
				return "value" in found ? { value: { messages: found.value } } : found;
			},
		},
		{
			path: "interactions/:id/transcript/messages/:line/retry",
			for: agentsOnly,
			post: (ctx) => retry(tools, ctx),
		},
	];
}

async function readMessages(ctx: Context): Promise<Found> {
	const chat = await ownChat(ctx.db, ctx);
	if (chat === undefined) {
		return notThere;
	}
	const lines = await linesOf(ctx.db, chat.id, { limit: linesAskedMax });
	return { value: lines.filter((line) => isFor(line, chat, ctx.caller.userId)).map(toMessage) };
}

async function post(tools: Tools, ctx: Context): Promise<Answer> {
	const read = sayBody(ctx.body);
	if (!read.ok) {
		return read.answer;
	}
	const { message, type } = read.body;
	if (!message.isWellFormed()) {
		return fault(400, "invalid_body", "/message must be well-formed Unicode; it has half a surrogate pair.");
	}
	if (message.trim() === "") {
		return fault(400, "invalid_body", "/message must have more than white space.");
	}
	return ctx.caller.kind === "visitor"
		? postOfVisitor(tools, ctx, read.body)
		: postOfAgent(tools, ctx, { ...read.body, type: type ?? "text" });
}

async function postOfVisitor(tools: Tools, ctx: Context, said: Said): Promise<Answer> {
	if (said.type === "note") {
		return fault(403, "not_permitted", "Visitors write no notes.");
	}
	return tools.turns.take(async (turn) => {
		const chat = await findChat(turn.tx, ctx.params["id"] ?? "");
		if (chat === undefined || chat.visitorId !== ctx.caller.userId) {
			return fault(404, "interaction_gone", "You have no such chat any more.");
		}
		if (await isSaidAlready(turn.tx, chat.id, chat.originator, said)) {
			return done;
		}
		if (!chat.isShown) {
			return fault(404, "interaction_gone", "You have no such chat any more.");
		}
		if (chat.state === "ended") {
			return fault(403, "ended", "The chat has ended; start another one.");
		}
		return speak(turn, chat, { ...said, type: "text", originator: chat.originator, letter: null });
	});
}

type AgentSaid = Said & { type: "text" | "template" | "note" };

async function postOfAgent(tools: Tools, ctx: Context, said: AgentSaid): Promise<Answer> {
	const { userId } = ctx.caller;
	const { db } = tools.deps.storage;
	if (await isSaidAlready(db, ctx.params["id"] ?? "", ctx.known.name(userId).address, said)) {
		return done;
	}
	const chat = await ownChat(db, ctx);
	if (chat === undefined) {
		return fault(404, "interaction_gone", "You have no such chat any more.");
	}
	const trouble = mayNotSpeak(chat, userId, said.type);
	if (trouble !== undefined) {
		return trouble;
	}
	let letter: Letter | null = null;
	if (chat.conversationId !== null && said.type !== "note") {
		const words = wordsOf(said);
		const prepared = words === undefined ? undefined : await tools.messenger.prepare(chat, words, userId);
		if (prepared === undefined) {
			return fault(400, "invalid_body", "/message of a template must be the JSON of one.");
		}
		if (!prepared.ok) {
			return prepared.answer;
		}
		letter = prepared.letter;
	}
	return tools.turns.take(async (turn) => {
		const originator = turn.known.name(userId).address;
		if (await isSaidAlready(turn.tx, chat.id, originator, said)) {
			return done;
		}
		const present = await findChat(turn.tx, chat.id);
		const later = present === undefined ? notThere : mayNotSpeak(present, userId, said.type);
		if (present === undefined || later !== undefined) {
			return later ?? notThere;
		}
		return speak(turn, present, { ...said, originator, letter });
	});
}

/**
 * Said once, however often a client repeats it under its own id of the message. Asked before anything else: whoever missed
 * the answer repeats it also when the chat has moved on or ended meanwhile.
 */
async function isSaidAlready(db: Db, chatId: string, originator: string, said: Said): Promise<boolean> {
	const clientMessageId = said.client_message_id;
	const asked = clientMessageId === undefined ? undefined : { chatId, originator, clientMessageId };
	return asked !== undefined && (await lineByClientId(db, asked)) !== undefined;
}

/** Notes may be added in wrap-up; everything else only while the chat goes on. */
function mayNotSpeak(chat: Chat, userId: string, type: LineType): Answer | undefined {
	const leg = legOf(chat, userId);
	if (leg === undefined) {
		return fault(404, "interaction_gone", "You have no such chat any more.");
	}
	if (type === "note") {
		return leg.state === "offered" ? fault(403, "not_accepted", "Accept the chat first.") : undefined;
	}
	if (leg.role === "supervisor") {
		return fault(403, "looking_on", "You look on only; barge in to speak.");
	}
	return leg.state === "accepted"
		? undefined
		: fault(403, "not_accepted", "You can write while you have the chat only.");
}

/** A template's JSON is that of the CMI: id, language, parameters. The wire's own names are taken, too. */
function wordsOf(said: { type: LineType; message: string }): Words | undefined {
	if (said.type === "text") {
		return { text: said.message };
	}
	const template = templateIn(said.message);
	return template === undefined ? undefined : { template };
}

const templateShape = Type.Object({
	template_id: Type.Optional(Type.String()),
	id: Type.Optional(Type.String()),
	language_code: Type.Optional(Type.String()),
	language: Type.Optional(Type.String()),
	parameters: Type.Optional(Type.Record(Type.String(), Type.String())),
});
const templateBody = bodyOf(templateShape);

function templateIn(text: string): Readonly<Record<string, unknown>> | undefined {
	let parsed: unknown;
	try {
		parsed = JSON.parse(text);
	} catch {
		return undefined; // Told to the caller as what it is.
	}
	const read = templateBody(parsed);
	return read.ok ? toTemplate(read.body) : undefined;
}

function toTemplate(given: Static<typeof templateShape>): Readonly<Record<string, unknown>> | undefined {
	const id = given.template_id ?? given.id;
	const language = given.language_code ?? given.language;
	return id === undefined
		? undefined
		: {
				id,
				...(language === undefined ? {} : { language }),
				...(given.parameters === undefined ? {} : { parameters: given.parameters }),
			};
}

type Speech = {
	type: LineType;
	message: string;
	originator: string;
	client_message_id?: string;
	letter: Letter | null;
};

async function speak(turn: Turn, chat: Chat, speech: Speech): Promise<Answer> {
	const sent = speech.letter === null ? undefined : await speech.letter.enqueue(turn.tx);
	const line: NewLine = {
		type: speech.type,
		message: speech.message,
		originator: speech.originator,
		isSystem: false,
		audience: speech.type === "note" ? "agents" : "all",
		clientMessageId: speech.client_message_id ?? null,
		...(sent === undefined ? {} : { messageId: sent.messageId, delivery: "queued" as const }),
	};
	const acted = await turn.move(chat.id, say([line]));
	await noteMessage(turn, acted);
	return answerOf(acted);
}

/** Sends again, as a new message, what a provider did not take. */
async function retry(tools: Tools, ctx: Context): Promise<Answer> {
	const { userId } = ctx.caller;
	const { db } = tools.deps.storage;
	const chat = await ownChat(db, ctx);
	const line = await findLine(db, ctx.params["line"] ?? "");
	const refusal = chat === undefined ? notThere : mayNotSpeakAgain(chat, userId, line);
	if (chat === undefined || line === undefined || refusal !== undefined) {
		return refusal ?? notThere;
	}
	const words = await wordsAgain(db, line);
	if (words === undefined) {
		return fault(403, "not_repeatable", "What this line says cannot be sent again; write it anew.");
	}
	const prepared = await tools.messenger.prepare(chat, words, userId);
	if (!prepared.ok) {
		return prepared.answer;
	}
	return tools.turns.take(async (turn) => {
		const present = await findChat(turn.tx, chat.id);
		const later =
			present === undefined ? notThere : mayNotSpeakAgain(present, userId, await findLine(turn.tx, line.id));
		if (present === undefined || later !== undefined) {
			return later ?? notThere;
		}
		const { messageId } = await prepared.letter.enqueue(turn.tx);
		await setMessage(turn.tx, line.id, messageId);
		tellDelivery(turn, present, line, "queued");
		return done;
	});
}

/** What a stored line said to the provider. Undefined: there is no way to say it once more. */
async function wordsAgain(db: Db, line: StoredLine): Promise<Words | undefined> {
	switch (line.type) {
		case "text":
		case "template":
			return wordsOf({ type: line.type, message: line.message });
		case "attachment":
			return filesAgain(db, line);
		case "error":
		case "location":
		case "note":
		case "state":
			return undefined;
	}
}

async function filesAgain(db: Db, { chatId, message }: StoredLine): Promise<Words | undefined> {
	const { attachments = [] } = JSON.parse(message) as { attachments?: readonly { id: string }[] };
	const stored = await attachmentsOf(db, chatId);
	const fileIds = attachments.map(({ id }) => stored.find((one) => one.id === id)?.fileId ?? null);
	const found = fileIds.filter((id) => id !== null);
	return found.length === 0 || found.length < fileIds.length ? undefined : { fileIds: found };
}

function mayNotSpeakAgain(chat: Chat, userId: string, line: StoredLine | undefined): Answer | undefined {
	const trouble = mayNotSpeak(chat, userId, "text");
	if (trouble !== undefined || line?.chatId !== chat.id) {
		return trouble ?? notThere;
	}
	return line.delivery === "failed"
		? undefined
		: fault(403, "not_failed", "Only a message that failed can be sent again.");
}
