// Where a message goes: a chat, a person with whom a chat is begun, a channel of a team or a thread there; in the mode bot a
// conversation. One spelling each, the one in which answers come back.

import type { Addressing, AddressingInput } from "../contract.ts";
import type { TeamsConfig } from "./form.ts";

export const channel = "teams";

const guid = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}";
const thread = "19:[A-Za-z0-9_.-]{1,160}@(?:thread\\.(?:v2|skype|tacv2)|unq\\.gbl\\.spaces)";

export const guidPattern = `^${guid}$`;
const isGuid = new RegExp(guidPattern);
const isChat = new RegExp(`^${thread}$`);
const ofChannel = new RegExp(`^(${guid})/(${thread})(?:/([0-9]{1,20}))?$`);
const isMail = /^[^\s@/,;:]{1,64}@[A-Za-z0-9.-]{1,190}$/;
const isConversation = /^(?:a:|19:)[^\s/?#]{1,240}$/;

/** `root`: the message whose thread it is. */
export type Place =
	| { kind: "chat"; chatId: string }
	| { kind: "person"; user: string }
	| { kind: "channel"; teamId: string; channelId: string; root: string | undefined };

export function placeOf(address: string): Place | undefined {
	if (isChat.test(address)) {
		return { kind: "chat", chatId: address };
	}
	const [, teamId, channelId, root] = ofChannel.exec(address) ?? [];
	if (teamId !== undefined && channelId !== undefined) {
		return { kind: "channel", teamId, channelId, root };
	}
	return isGuid.test(address) || isMail.test(address) ? { kind: "person", user: address } : undefined;
}

/** Below Service Connection; messages of the place are posted and read there. */
export function messagesPath(place: Exclude<Place, { kind: "person" }>): string {
	if (place.kind === "chat") {
		return `/chats/${encodeURIComponent(place.chatId)}/messages`;
	}
	const posts = `/teams/${place.teamId}/channels/${encodeURIComponent(place.channelId)}/messages`;
	return place.root === undefined ? posts : `${posts}/${place.root}/replies`;
}

/** A message's id means something within its chat or channel only. */
export function remoteIdOf(place: Exclude<Place, { kind: "person" }>, messageId: string): string {
	return `${place.kind === "chat" ? place.chatId : place.channelId}/${messageId}`;
}

const hints = {
	graph:
		"Give a chat id (19:…@thread.v2), a person's e-mail address or object id at Microsoft, or team id/channel id, with the id of a message behind a further / to answer it.",
	bot: "Give the id of a conversation in which the bot is (a:… or 19:…), as messages from there show it.",
} as const;

export function addressing({ from, to, channel: given }: AddressingInput, config: TeamsConfig): Addressing {
	if (given !== undefined && given.trim().toLowerCase() !== channel) {
		return { ok: false, field: "channel", message: "This service sends on the channel teams only." };
	}
	const { mode, ourAddress } = config;
	if (ourAddress === undefined) {
		return {
			ok: false,
			field: "from",
			message: `This service has no ${senderName(mode)} yet; add its authentication.`,
		};
	}
	const sender = from?.trim().toLowerCase() ?? "";
	if (sender !== "" && sender !== ourAddress) {
		return { ok: false, field: "from", message: `This service sends as its ${senderName(mode)} only; leave it out.` };
	}
	const contactAddress = mode === "graph" ? graphAddress(to.trim()) : botAddress(to.trim());
	return contactAddress === undefined
		? { ok: false, field: "to", message: hints[mode] }
		: { ok: true, channel, ourAddress, contactAddress };
}

function senderName(mode: TeamsConfig["mode"]): string {
	return mode === "graph" ? "technical user" : "application";
}

/** Ids of persons and teams have no case; those of chats are left as they are. */
function graphAddress(to: string): string | undefined {
	const place = placeOf(to);
	if (place?.kind === "channel") {
		const root = place.root === undefined ? "" : `/${place.root}`;
		return `${place.teamId.toLowerCase()}/${place.channelId}${root}`;
	}
	return place?.kind === "person" ? to.toLowerCase() : place?.chatId;
}

function botAddress(to: string): string | undefined {
	return isConversation.test(to) ? to : undefined;
}
