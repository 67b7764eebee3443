// A message as the visitor reads it. Pure.

import { aliasIn, type Interaction, type Message } from "#web/realtime/tree.ts";
import { fill, type Texts } from "./texts.ts";

export type Line = { kind: "own" | "theirs" | "notice"; author: string; text: string; choices: readonly string[] };

/** Undefined: not for the visitor's eyes. */
export function toLine(message: Message, chat: Interaction, texts: Texts): Line | undefined {
	if (message.type === "state") {
		return stateLine(message, chat, texts);
	}
	if (message.system_message && message.type === "text") {
		return notice(message.message);
	}
	const isOwn = message.originator === chat.originator;
	const author = isOwn ? texts.you : aliasIn(chat, message.originator);
	const said = contentOf(message, texts);
	return said === undefined ? undefined : { kind: isOwn ? "own" : "theirs", author, ...said };
}

function notice(text: string): Line {
	return { kind: "notice", author: "", text, choices: [] };
}

function stateLine({ message }: Message, chat: Interaction, texts: Texts): Line | undefined {
	const { state, originator } = jsonOf(message) as {
		state?: string;
		originator?: { id?: string; display_name?: string };
	};
	if (state === "JOINED" && originator?.id !== chat.originator) {
		return notice(fill(texts.joined, { name: originator?.display_name ?? "" }));
	}
	return state === "CHAT_TRANSFERRED" ? notice(texts.transferred) : undefined;
}

type Said = { text: string; choices: readonly string[] };

function contentOf({ type, message }: Message, texts: Texts): Said | undefined {
	const content = jsonOf(message);
	switch (type) {
		case "text":
			return { text: message, choices: [] };
		case "attachment":
			return { text: filesText(content, texts), choices: [] };
		case "location": {
			const { latitude, longitude } = (content["coordinates"] ?? {}) as { latitude?: number; longitude?: number };
			return { text: `${latitude}, ${longitude}`, choices: [] };
		}
		case "template":
			return { text: String((content["text"] as string | undefined) ?? ""), choices: choicesOf(content) };
		default:
			return undefined;
	}
}

function filesText(content: Readonly<Record<string, unknown>>, texts: Texts): string {
	const files = (content["attachments"] ?? []) as readonly { filename: string }[];
	const dropped = (content["dropped attachments"] ?? []) as readonly { filename: string }[];
	return [
		...files.map(({ filename }) => fill(texts.file, { name: filename })),
		...dropped.map(({ filename }) => fill(texts.dropped, { name: filename })),
	].join("\n");
}

/** Buttons and lists of a template, as the texts that choosing them says. */
function choicesOf(content: Readonly<Record<string, unknown>>): readonly string[] {
	const { buttons = [], items = [] } = (content["template"] ?? content) as { buttons?: unknown[]; items?: unknown[] };
	return [...buttons, ...items].flatMap((one) => {
		const { title, text } = (typeof one === "object" && one !== null ? one : {}) as { title?: string; text?: string };
		return title ?? text ?? (typeof one === "string" ? one : []);
	});
}

function jsonOf(text: string): Readonly<Record<string, unknown>> {
	try {
		const parsed: unknown = JSON.parse(text);
		return typeof parsed === "object" && parsed !== null ? (parsed as Record<string, unknown>) : {};
	} catch {
		return {}; // A text that is no JSON is shown as such where its type says so.
	}
}

export type FileRef = { id: string; filename: string };

export function filesOf({ type, message }: Message): readonly FileRef[] {
	return type === "attachment" ? ((jsonOf(message)["attachments"] ?? []) as FileRef[]) : [];
}

export function transcriptText(chat: Interaction, texts: Texts): string {
	return chat.transcript.messages
		.flatMap((message) => {
			const line = toLine(message, chat, texts);
			return line === undefined
				? []
				: `[${message.timestamp}] ${line.author === "" ? "" : `${line.author}: `}${line.text}`;
		})
		.join("\n");
}
