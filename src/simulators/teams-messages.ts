// What the simulated Teams knows of chats and channels, and which messages it takes.

import type { HeardRequest } from "./kit.ts";

export type Json = Readonly<Record<string, unknown>>;
export type GraphRefusal = { status: number; code: string; message: string };

/** `root`: the message of a channel whose thread it is in. */
export type TeamsPlace = { chatId: string } | { teamId: string; channelId: string; root: string | undefined };
export type TeamsMessage = Json & { id: string; createdDateTime: string };

const guid = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";
const messagesOfChat = /^\/v1\.0\/chats\/([^/]+)\/messages$/;
const messagesOfChannel = new RegExp(`^/v1\\.0/teams/(${guid})/channels/([^/]+)/messages(?:/(\\d+)/replies)?$`);

export function placeAt(path: string): TeamsPlace | undefined {
	const [, chat] = messagesOfChat.exec(path) ?? [];
	const [, teamId, channel, root] = messagesOfChannel.exec(path) ?? [];
	if (chat !== undefined) {
		return { chatId: decodeURIComponent(chat) };
	}
	return teamId === undefined || channel === undefined
		? undefined
		: { teamId, channelId: decodeURIComponent(channel), root };
}

/** As somebody who writes there is named. */
export function placeNamed(address: string): TeamsPlace {
	const [, teamId, channelId, root] = new RegExp(`^(${guid})/(19:[^/]+)(?:/(\\d+))?$`).exec(address) ?? [];
	return teamId === undefined || channelId === undefined ? { chatId: address } : { teamId, channelId, root };
}

export function nameOf(place: TeamsPlace): string {
	return "chatId" in place ? place.chatId : `${place.teamId}/${place.channelId}`;
}

export function addressOf(place: TeamsPlace): string {
	return "chatId" in place || place.root === undefined ? nameOf(place) : `${nameOf(place)}/${place.root}`;
}

export function remoteIdOf(place: TeamsPlace, id: string): string {
	return `${"chatId" in place ? place.chatId : place.channelId}/${id}`;
}

/** Where a message of that place is, as notifications and subscriptions say it. */
export function resourceOf(place: TeamsPlace): string {
	return "chatId" in place ? `chats('${place.chatId}')` : `teams('${place.teamId}')/channels('${place.channelId}')`;
}

const messageBytesMax = 28_672; // About 28 KB.
const tags = /^<(?:br|\/?p|\/?div|\/?strong|\/?em|\/a|a href="https?:\/\/[^"<>]+")>$/;

/** The text that people would see, or why the message is not taken. */
export function readMessage(request: HeardRequest): { text: string; content: string } | GraphRefusal {
	const requestId = request.headers["client-request-id"];
	if (requestId !== undefined && !new RegExp(`^${guid}$`).test(String(requestId))) {
		return badRequest("client-request-id is no GUID");
	}
	if (Buffer.byteLength(request.body) > messageBytesMax) {
		return { status: 413, code: "RequestEntityTooLarge", message: "The message is too large" };
	}
	const body = bodyIn(objectIn(request));
	if (body === undefined) {
		return badRequest("The body of the message is not as it has to be");
	}
	const { type, content } = body;
	const wrong = type === "html" ? wrongIn(content) : undefined;
	return wrong === undefined
		? { text: type === "html" ? seen(content) : content, content }
		: badRequest(`The HTML has ${wrong}`);
}

function bodyIn(fields: Json | undefined): { type: "html" | "text"; content: string } | undefined {
	const body = asObject(fields?.["body"]);
	const [type, content] = [body?.["contentType"], body?.["content"]];
	const isKnown = isOnly(fields, ["body"]) && isOnly(body, ["contentType", "content"]);
	const isTyped = type === "html" || type === "text";
	return isKnown && isTyped && typeof content === "string" && content !== "" ? { type, content } : undefined;
}

function wrongIn(html: string): string | undefined {
	const wrongTag = (html.match(/<[^>]*>?/g) ?? []).find((tag) => !tags.test(tag));
	const bare = /&(?!(?:amp|lt|gt|quot|nbsp|#\d+);)/.test(html) ? "a & that is not escaped" : undefined;
	return wrongTag === undefined ? bare : `the tag ${wrongTag}`;
}

function seen(html: string): string {
	const entities: Readonly<Record<string, string>> = { "&lt;": "<", "&gt;": ">", "&quot;": '"', "&amp;": "&" };
	return html
		.replaceAll(/ +/g, " ")
		.replaceAll("<br>", "\n")
		.replaceAll(/<[^>]*>/g, "")
		.replaceAll("\u00a0", " ")
		.replaceAll(/&(?:lt|gt|quot|amp);/g, (entity) => entities[entity] ?? entity);
}

export function badRequest(message: string): GraphRefusal {
	return { status: 400, code: "BadRequest", message };
}

export function objectIn({ headers, body }: HeardRequest): Json | undefined {
	if (!/^application\/json\b/.test(headers["content-type"] ?? "")) {
		return undefined;
	}
	try {
		return asObject(JSON.parse(body) as unknown);
	} catch (error) {
		if (error instanceof SyntaxError) {
			return undefined; // Not JSON; the caller says so.
		}
		throw error;
	}
}

export function asObject(value: unknown): Json | undefined {
	return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
}

export function isOnly(fields: Json | undefined, names: readonly string[]): boolean {
	return fields !== undefined && Object.keys(fields).every((name) => names.includes(name));
}
