// Pictures in a message of Graph. Its HTML is written by people, guests among them, so an address there is read for what it
// names and never asked for as it stands: only for content of that very message, and by an address that we make.
// https://learn.microsoft.com/graph/api/chatmessagehostedcontent-get, checked 2026-11-26.
//   GET {Service Connection}/chats/19%3A…%40thread.v2/messages/1615971548136/hostedContents/aWQ9…/$value

import { messagesPath, placeOf } from "./addresses.ts";
import type { ReadPlace } from "./reading.ts";

/** `message`: the path of the message that has it, below Service Connection. */
export type HostedContent = { message: string; url: string };

const content = "hostedContents/([A-Za-z0-9+_=-]{1,4000})/\\$value";
const ofChat = new RegExp(`^chats/([^/]+)/messages/([0-9]{1,20})/${content}$`);
const ofChannel = new RegExp(
	`^teams/([^/]+)/channels/([^/]+)/messages/([0-9]{1,20})(?:/replies/([0-9]{1,20}))?/${content}$`,
);

/** Undefined for whatever is not, to the last sign, the address of such content at Service Connection. */
export function hostedContentAt(address: string, base: string): HostedContent | undefined {
	const path = pathBelow(address, base);
	const [, chatId, messageId = "", inChat = ""] = ofChat.exec(path) ?? [];
	if (chatId !== undefined) {
		return contentOf(placeOf(chatId), messageId, { id: inChat, base });
	}
	const [, teamId, channelId, first = "", reply, inChannel = ""] = ofChannel.exec(path) ?? [];
	return teamId === undefined || channelId === undefined
		? undefined
		: contentOf(placeOf(`${teamId}/${channelId}${reply === undefined ? "" : `/${first}`}`), reply ?? first, {
				id: inChannel,
				base,
			});
}

function contentOf(
	place: ReturnType<typeof placeOf>,
	messageId: string,
	{ id, base }: { id: string; base: string },
): HostedContent | undefined {
	if (place === undefined || place.kind === "person") {
		return undefined;
	}
	const message = messagePath(place, messageId);
	return { message, url: `${base}${message}/hostedContents/${encodeURIComponent(id)}/$value` };
}

/** Ids of teams have no case. */
export function messagePath(place: ReadPlace, id: string): string {
	const posted = place.kind === "channel" ? { ...place, teamId: place.teamId.toLowerCase() } : place;
	return `${messagesPath(posted)}/${id}`;
}

/** With its escapes of plain signs undone; empty for an address elsewhere, or with anything besides a path. */
function pathBelow(address: string, base: string): string {
	const [url, root] = [URL.parse(address), URL.parse(`${base}/`)];
	if (url === null || root === null || !url.pathname.startsWith(root.pathname)) {
		return "";
	}
	const isBare = url.href === url.origin + url.pathname && url.origin === root.origin;
	return isBare
		? url.pathname
				.slice(root.pathname.length)
				.replaceAll(/%([2-7][0-9A-Fa-f])/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
		: "";
}
