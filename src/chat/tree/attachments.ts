// /users/me/interactions/{id}/attachments: a file is announced here; its bytes come to the media address, and then the chat
// has a line of it.

import { Type } from "typebox";
import type { Chat } from "#domain/chats.ts";
import { isAsNamed, plainFilename, typeOfName } from "#domain/file-types.ts";
import { tooManyPoints } from "#domain/image-size.ts";
import {
	attachmentsOf,
	type ChatAttachment,
	deleteLapsed,
	deleteUnsent,
	fillAttachment,
	findAttachment,
	insertAttachment,
} from "#storage/chat-attachments.ts";
import { readableChat } from "#storage/chat-readers.ts";
import { findChat } from "#storage/chats.ts";
import { insertFile, keepWithMessage, readContent } from "#storage/files.ts";
import { pixelsOf, toLineEntry } from "../file-lines.ts";
import type { Letter } from "../messenger.ts";
import { legOf } from "../moves/move.ts";
import { say } from "../moves/talking.ts";
import { noteMessage } from "../noting.ts";
import { type Answer, type Caller, fault, notThere } from "../resource.ts";
import type { Media } from "../wire/media.ts";
import { bodyOf } from "./body.ts";
import { ownChat } from "./own-chat.ts";
import { answerOf, type Context, everybody, type Resource } from "./resource-table.ts";
import type { Tools } from "./tools.ts";
import { readerOf } from "../people.ts";
import { viewOf } from "../tells.ts";
import type { Turn } from "../turns.ts";

const uploadMs = 10 * 60_000; // The protocol names no time; ten minutes are enough for any size that is allowed.
const unusedMs = 86_400_000;

const announceBody = bodyOf(
	Type.Object({
		id: Type.Optional(Type.String({ pattern: "^[A-F0-9]{32}$" })),
		filename: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
		size: Type.Optional(Type.Integer({ minimum: 1 })),
		mime_type: Type.Optional(Type.String({ maxLength: 127 })),
	}),
);
type Announced = Extract<ReturnType<typeof announceBody>, { ok: true }>["body"];

export function attachmentResources(tools: Tools): Resource[] {
	return [
		{
			path: "interactions/:id/attachments",
			for: everybody,
			async read(ctx) {
				const chat = await ownChat(ctx.db, ctx);
				return chat === undefined ? notThere : { value: (await stored(ctx, chat)).map(toWire) };
			},
			post: (ctx) => announce(tools, ctx),
		},
		{
			path: "interactions/:id/attachments/:file",
			for: everybody,
			async read(ctx) {
				const chat = await ownChat(ctx.db, ctx);
				const all = chat === undefined ? [] : await stored(ctx, chat);
				const one = all.find(({ id }) => id === ctx.params["file"]);
				return one === undefined ? notThere : { value: toWire(one) };
			},
		},
	];
}

async function stored({ db }: Context, { id }: Chat): Promise<ChatAttachment[]> {
	return (await attachmentsOf(db, id)).filter(({ fileId }) => fileId !== null);
}

function toWire({ id, filename, size, contentType, originator }: ChatAttachment) {
	return { id, filename, size, mime_type: contentType, originator };
}

async function announce(tools: Tools, ctx: Context): Promise<Answer> {
	const read = announceBody(ctx.body);
	if (!read.ok) {
		return read.answer;
	}
	const { body } = read;
	const chat = await ownChat(tools.deps.storage.db, ctx);
	const refusal = chat === undefined ? notThere : mayNotSend(chat, ctx.caller);
	if (chat === undefined || refusal !== undefined) {
		return refusal ?? notThere;
	}
	if (body.id !== undefined) {
		return again(tools, chat, ctx.caller, body.id);
	}
	const file = announcedFile(body, ctx);
	if ("status" in file) {
		return file;
	}
	return tools.turns.take(async (turn) => {
		const noRoom = await whyNoRoom(turn, { chatId: chat.id, caller: ctx.caller, size: file.size });
		if (noRoom !== undefined) {
			return noRoom;
		}
		const id = turn.ids.next<string>();
		await insertAttachment(turn.tx, {
			id,
			chatId: chat.id,
			...file,
			originator: ctx.caller.kind === "visitor" ? "customer" : "agent",
			byUser: ctx.caller.userId,
			fileId: null,
			until: turn.now + uploadMs,
		});
		return { status: 200, body: { id } };
	});
}

function mayNotSend(chat: Chat, { userId, kind }: Caller): Answer | undefined {
	if (kind === "visitor") {
		return chat.state === "ended" ? fault(403, "ended", "The chat has ended; start another one.") : undefined;
	}
	const leg = legOf(chat, userId);
	return leg?.state === "accepted" && leg.role !== "supervisor"
		? undefined
		: fault(403, "not_accepted", "You can send files while you have the chat only.");
}

const openMax = 10; // Announced, and not yet sent.
const largestMax = 10; // A visitor's files of one chat may have as many bytes as so many of the largest.

/** What was announced and never came is forgotten first. */
async function whyNoRoom(
	{ tx, now, known }: Turn,
	{ chatId, caller, size }: { chatId: string; caller: Caller; size: number },
): Promise<Answer | undefined> {
	await deleteLapsed(tx, chatId, now);
	const theirs = (await attachmentsOf(tx, chatId)).filter(({ byUser }) => byUser === caller.userId);
	if (theirs.filter(({ fileId }) => fileId === null).length >= openMax) {
		return fault(429, "too_many_files", "Send the files you announced before you announce more.");
	}
	const bytesMax = largestMax * known.settings.attachmentBytesMax;
	const bytes = theirs.reduce((sum, one) => sum + one.size, size);
	return caller.kind === "visitor" && bytes > bytesMax
		? fault(413, "too_large", `Your files in one chat may have ${bytesMax} bytes together.`)
		: undefined;
}

type FileFacts = Pick<ChatAttachment, "filename" | "size" | "contentType">;

/** Its type is that of its ending: by another one it could slip past the look at its first bytes. */
function announcedFile(
	{ filename: given, size, mime_type: claimed }: Announced,
	{ known }: Context,
): FileFacts | Answer {
	const { attachmentBytesMax, attachmentTypes } = known.settings;
	if (given === undefined || size === undefined) {
		return fault(400, "invalid_body", "Give filename, size and mime_type.");
	}
	if (size > attachmentBytesMax) {
		return fault(413, "too_large", `A file may have ${Math.floor(attachmentBytesMax / 1024 / 1024)} MiB.`);
	}
	const filename = plainFilename(given, "");
	const ending = filename.split(".").at(-1)?.toLowerCase() ?? "";
	if (!attachmentTypes.includes(ending)) {
		return fault(
			403,
			"type_not_allowed",
			`Files of this kind are not taken; allowed are ${attachmentTypes.join(", ")}.`,
		);
	}
	const contentType = typeOfName(filename, claimed);
	return contentType === undefined
		? fault(403, "type_not_allowed", `A file that ends in .${ending} is not of the type that mime_type says.`)
		: { filename, size, contentType };
}

/** A file of this chat once more. */
async function again(tools: Tools, chat: Chat, caller: Caller, id: string): Promise<Answer> {
	const known = await findAttachment(tools.deps.storage.db, id);
	return known?.chatId === chat.id && known.fileId !== null
		? show(tools, { chat, caller, attachment: known, fileId: known.fileId })
		: fault(404, "not_found", "This chat has no such file.");
}

type Sending = { chat: Chat; caller: Caller; attachment: ChatAttachment; fileId: string };

/** The line of it, and the way to a provider's contact. */
async function show(tools: Tools, { chat, caller, attachment, fileId }: Sending): Promise<Answer> {
	let letter: Letter | null = null;
	if (chat.conversationId !== null && caller.kind === "agent") {
		const prepared = await tools.messenger.prepare(chat, { fileIds: [fileId] }, caller.userId);
		if (!prepared.ok) {
			return prepared.answer;
		}
		letter = prepared.letter;
	}
	const pixels = await pixelsOf(tools.deps.storage.db, fileId);
	return tools.turns.take(async (turn) => {
		const present = await findChat(turn.tx, chat.id);
		const refusal = present === undefined ? notThere : mayNotSend(present, caller);
		if (present === undefined || refusal !== undefined) {
			return refusal ?? notThere;
		}
		// Its bytes may have come twice at once.
		if (attachment.fileId === null && !(await fillAttachment(turn.tx, attachment.id, fileId))) {
			return uploadedAlready;
		}
		await keepWithMessage(turn.tx, [fileId], new Date(turn.now));
		const sent = letter === null ? undefined : await letter.enqueue(turn.tx);
		const message = JSON.stringify({ text: "", attachments: [toLineEntry(attachment, pixels)] });
		const originator = caller.kind === "visitor" ? present.originator : turn.known.name(caller.userId).address;
		const line = { type: "attachment" as const, message, originator, isSystem: false, audience: "all" as const };
		const acted = await turn.move(
			chat.id,
			say([sent === undefined ? line : { ...line, messageId: sent.messageId, delivery: "queued" }]),
		);
		await noteMessage(turn, acted);
		return answerOf(acted);
	});
}

/** The bytes of what was announced. */
export function openMedia(tools: Tools, bytesMax: number): Media {
	const { storage, ids, clock } = tools.deps;
	return {
		bytesMax,
		async take(caller, id, { bytes }) {
			const attachment = await findAttachment(storage.db, id);
			const chat = attachment === undefined ? undefined : await findChat(storage.db, attachment.chatId);
			if (attachment === undefined || chat === undefined || attachment.byUser !== caller.userId) {
				return fault(404, "not_found", "Nothing was announced under this id.");
			}
			const unfit = refusedBytes(attachment, bytes, clock.now().getTime());
			if (unfit !== undefined && unfit !== uploadedAlready) {
				await storage.write((tx) => deleteUnsent(tx, id)); // It never can be sent: it holds up no other one.
			}
			const refusal = unfit ?? mayNotSend(chat, caller);
			if (refusal !== undefined) {
				return refusal;
			}
			const fileId = ids.next<string>();
			const now = clock.now();
			const { contentType, filename } = attachment;
			await storage.write((tx) =>
				insertFile(tx, {
					id: fileId,
					contentType,
					filename,
					content: bytes,
					createdAt: now,
					createdBy: caller.kind === "agent" ? caller.userId : null,
					expiresAt: new Date(now.getTime() + unusedMs),
				}),
			);
			return show(tools, { chat, caller, attachment, fileId });
		},
		async give(caller, id) {
			const attachment = await findAttachment(storage.db, id);
			const chat = attachment === undefined ? undefined : await findChat(storage.db, attachment.chatId);
			const isSeen = chat !== undefined && (await maySee(tools, chat, caller));
			const fileId = isSeen ? (attachment?.fileId ?? null) : null;
			const bytes = fileId === null ? undefined : await readContent(storage.db, fileId);
			return attachment === undefined || bytes === undefined
				? { ok: false, answer: notThere }
				: { ok: true, file: { filename: attachment.filename, contentType: attachment.contentType, bytes } };
		},
	};
}

const uploadedAlready = fault(403, "too_late", "The file was uploaded already, or too late; announce it again.");

function refusedBytes(attachment: ChatAttachment, bytes: Uint8Array, now: number): Answer | undefined {
	if (attachment.fileId !== null || attachment.until < now) {
		return uploadedAlready;
	}
	if (bytes.length !== attachment.size) {
		return fault(400, "wrong_size", `The file was announced with ${attachment.size} bytes and has ${bytes.length}.`);
	}
	const { filename, contentType } = attachment;
	if (!isAsNamed(filename, contentType, bytes)) {
		return fault(403, "type_not_allowed", `The first bytes of the file are not those of ${contentType}.`);
	}
	const trouble = tooManyPoints(bytes);
	return trouble === undefined ? undefined : fault(413, "too_large", trouble);
}

/** Those in whose tree it is, and those who may read its history. */
async function maySee({ deps, rights }: Tools, chat: Chat, { userId, kind }: Caller): Promise<boolean> {
	const isTheirs = viewOf(chat, userId) !== undefined;
	if (isTheirs || kind === "visitor") {
		return isTheirs;
	}
	const grants = await (await rights.now()).of(userId);
	return (await readableChat(deps.storage.db, chat.id, readerOf(userId, grants))) !== undefined;
}
