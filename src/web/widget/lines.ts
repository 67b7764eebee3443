// A message as the visitor reads it. Pure.

import { fieldsOf } from "#web/realtime/fields.ts";
import { aliasIn, type Interaction, type Message, momentOf } from "#web/realtime/tree.ts";
import { jsonIn, textIn } from "./read.ts";
import { fill, type Texts } from "./texts.ts";

export type FileRef = {
	id: string;
	filename: string;
	/** The media type of what can be shown in place. */
	picture?: string;
};
export type Tick = "sent" | "delivered" | "read" | "failed";

export type Line = {
	kind: "own" | "theirs" | "notice";
	author: string;
	text: string;
	files: readonly FileRef[];
	/** What one may say by choosing it. */
	choices: readonly string[];
	/** How far an own message has come. */
	tick: Tick | undefined;
	/** Milliseconds since 1970; NaN: not told. */
	at: number;
};

/** Undefined: not for the visitor's eyes. */
export function toLine(message: Message, chat: Interaction, texts: Texts): Line | undefined {
	const at = momentOf(message.timestamp);
	if (message.type === "state") {
		return notice(stateText(message, chat, texts), at);
	}
	const said = contentOf(message, texts);
	if (message.system_message || said === undefined) {
		return notice(said?.text, at);
	}
	const isOwn = message.originator === chat.originator;
	const author = isOwn ? texts.you : aliasIn(chat, message.originator);
	return { kind: isOwn ? "own" : "theirs", author, ...said, tick: isOwn ? tickOf(message) : undefined, at };
}

function notice(text: string | undefined, at: number): Line | undefined {
	const line = { kind: "notice", author: "", files: [], choices: [], tick: undefined, at } as const;
	return text === undefined || text === "" ? undefined : { ...line, text };
}

/** What is in the transcript has been taken by the server. */
function tickOf({ delivery_status: status }: Message): Tick {
	return status === "delivered" || status === "read" || status === "failed" ? status : "sent";
}

function stateText({ message }: Message, chat: Interaction, texts: Texts): string | undefined {
	const { state, originator } = fieldsOf(jsonIn(message));
	const { id, display_name: name } = fieldsOf(originator);
	switch (state) {
		case "JOINED":
			return id === chat.originator ? undefined : fill(texts.joined, { name: textIn(name, 200) });
		case "LEFT":
			return id === chat.originator ? undefined : fill(texts.left, { name: textIn(name, 200) });
		case "CHAT_TRANSFERRED":
			// It does not say whether somebody has the chat then, and it stays: the sentence is true before and after.
			return texts.handedOn;
		default:
			return undefined;
	}
}

type Said = Pick<Line, "text" | "files" | "choices">;

function contentOf({ type, message }: Message, texts: Texts): Said | undefined {
	switch (type) {
		case "text":
			return plain(message);
		case "attachment":
			return filesIn(jsonIn(message), texts);
		case "location":
			return plain(placeIn(fieldsOf(jsonIn(message)), texts));
		case "template":
			return templateIn(fieldsOf(jsonIn(message)));
		case "error":
			return plain(textIn(fieldsOf(jsonIn(message))["error_description"], 1000));
		default:
			return undefined;
	}
}

function plain(text: string): Said {
	return { text, files: [], choices: [] };
}

/** Drawn by every browser, and nothing but drawn: an SVG is a document. */
const pictures = ["image/png", "image/jpeg", "image/gif", "image/webp"] as const;
const isPicture = (type: unknown): type is string => pictures.some((one) => one === type);
const pictureBytesMax = 5 * 1024 * 1024; // Larger ones are fetched only where they are wanted.

/** The server has seen that it is no picture of endless width, and says so by its measures. */
function isSmall({ size, width, height }: Readonly<Record<"size" | "width" | "height", unknown>>): boolean {
	return Number(size) <= pictureBytesMax && Number(width) > 0 && Number(height) > 0;
}

/** One object, or several. */
function filesIn(content: unknown, texts: Texts): Said {
	const parts = (Array.isArray(content) ? content : [content]).map(fieldsOf);
	const listed = (name: string) => parts.flatMap((part) => (Array.isArray(part[name]) ? part[name].map(fieldsOf) : []));
	const files = listed("attachments").map(({ id, filename, size, mime_type: type, width, height }) => ({
		id: textIn(id, 64),
		filename: textIn(filename, 255),
		...(isSmall({ size, width, height }) && isPicture(type) ? { picture: type } : {}),
	}));
	const dropped = listed("dropped attachments").map(({ filename }) =>
		fill(texts.dropped, { name: textIn(filename, 255) }),
	);
	const written = parts.map((part) => textIn(part["text"], 10_000)).filter((text) => text !== "");
	return { text: [...written, ...dropped].join("\n"), files: files.filter(({ id }) => id !== ""), choices: [] };
}

function placeIn(content: Readonly<Record<string, unknown>>, texts: Texts): string {
	const { latitude, longitude } = fieldsOf(content["coordinates"]);
	const names = [textIn(content["title"], 200), textIn(content["label"], 200)].filter((name) => name !== "");
	const coordinates = [latitude, longitude].filter((one) => typeof one === "number").join(", ");
	return fill(texts.place, { place: [...names, coordinates].filter((one) => one !== "").join(", ") });
}

const choicesMax = 20;

/** Buttons and lists of a template, as the texts that choosing them says. */
function templateIn(content: Readonly<Record<string, unknown>>): Said {
	const template = { ...content, ...fieldsOf(content["template"]) };
	const named = ["buttons", "items"].flatMap((name) =>
		Array.isArray(template[name]) ? (template[name] as unknown[]) : [],
	);
	const choices = [...named.map(choiceIn), ...choicesInMarkup(textIn(template["html_content"], 20_000))];
	const said = choices.filter((choice) => choice !== "").slice(0, choicesMax);
	return { text: textIn(content["text"], 10_000), files: [], choices: [...new Set(said)] };
}

function choiceIn(value: unknown): string {
	const { title, text } = fieldsOf(value);
	return textIn(title, 200) || textIn(text, 200) || textIn(value, 200);
}

/** Markup is never shown, only read for the texts of what one could press. */
function choicesInMarkup(markup: string): readonly string[] {
	const pressed = markup.matchAll(/<(button|option|li)\b[^<>]*>([^<]{1,200})<\/\1>/gi);
	return Array.from(pressed, ([, , text = ""]) => withoutReferences(text).trim());
}

const references: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'", apos: "'" };

function withoutReferences(text: string): string {
	return text.replaceAll(/&([a-z]+|#39);/g, (whole, name: string) =>
		Object.hasOwn(references, name) ? (references[name] ?? whole) : whole,
	);
}

/** As a text file, with all that the visitor could read. */
export function transcriptText(messages: readonly Message[], chat: Interaction, texts: Texts): string {
	const heading = fill(texts.chatOf, { date: chat.date_created });
	const lines = messages.flatMap((message) => {
		const line = toLine(message, chat, texts);
		if (line === undefined) {
			return [];
		}
		const said = [line.text, ...line.files.map(({ filename }) => filename)].filter((text) => text !== "").join(" · ");
		return `[${message.timestamp}] ${line.author === "" ? "" : `${line.author}: `}${said}`;
	});
	return `${[heading, "", ...lines].join("\r\n")}\r\n`;
}
