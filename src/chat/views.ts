// Chats as the wire has them: one user's view of one chat, with what their side of it may see.

import type { Chat, Leg } from "#domain/chats.ts";
import type { StoredLine } from "#storage/chat-lines.ts";
import type { Known } from "./known.ts";
import type { Face } from "./moves/move.ts";
import { attachedOf, fromQueueOf, isFor, participantsOf, placeOf, toMessage, toWireTime, type View } from "./tells.ts";

/** From 1 on, in the queue that the chat waits in; null: it does not wait, or was not counted yet. */
export type QueuePlaceOf = (chatId: string) => number | null;

export type Shown = {
	chat: Chat;
	lines: readonly StoredLine[];
	view: View;
	known: Known;
	face(userId: string): Face;
	queuePlaceOf: QueuePlaceOf;
	/** Of the reply window; undefined: the channel has none, or it is not known here. */
	windowUntil?: Date | null;
};

/** Newest lines in a snapshot, so that a frame stays far below 1 MiB; the others are there to be asked for. */
export const linesShown = 500;
const transcriptBytesMax = 200 * 1024;

export function toInteraction(viewerId: string, shown: Shown): Readonly<Record<string, unknown>> {
	const { chat, view, known, face, queuePlaceOf } = shown;
	const leg = chat.legs.find(({ userId }) => userId === viewerId);
	const isVisitor = chat.visitorId === viewerId;
	return {
		id: chat.id,
		contact_id: chat.id,
		original_contact_id: chat.originalId,
		channel_type: "chat",
		channel_sub_type: "text",
		channel_status: view.channelStatus,
		direction: isVisitor === (chat.direction === "inbound") ? "outbound" : "inbound",
		date_created: toWireTime(chat.createdAt),
		status: view.status,
		originator: chat.originator,
		destination: isVisitor ? chat.destination : face(viewerId).address,
		language: chat.language,
		from_queue: fromQueueOf(chat, viewerId, (id) => known.queue(id)?.name),
		attached_data: isVisitor ? chat.attached : attachedOf(chat),
		terminal_id: null,
		title: chat.title,
		participants: participantsOf(chat, face),
		transcript: { messages: transcriptOf(viewerId, shown) },
		attachments: [],
		webrtc: { status: "off", messages: [] },
		...(isVisitor
			? { queue_position: chat.state === "queued" ? queuePlaceOf(chat.id) : null }
			: agentsView(shown, leg)),
	};
}

/** What only our own desk reads. */
function agentsView({ chat, windowUntil }: Shown, leg: Leg | undefined): Readonly<Record<string, unknown>> {
	return {
		...placeOf(chat, leg),
		...(windowUntil === undefined
			? {}
			: { window_until: windowUntil === null ? null : toWireTime(windowUntil.getTime()) }),
		customer: {
			contact_id: chat.contactId,
			name: chat.contactName,
			addresses: [{ channel: chat.channel, address: chat.originator }],
		},
	};
}

function transcriptOf(viewerId: string, { chat, lines }: Shown): readonly unknown[] {
	return newestThatFit(lines.filter((line) => isFor(line, chat, viewerId)).map(toMessage));
}

/** As many as a frame can hold beside what else is in it. */
export function newestThatFit<Message>(messages: readonly Message[]): readonly Message[] {
	let bytes = 0;
	let first = messages.length;
	while (first > 0 && bytes < transcriptBytesMax) {
		first -= 1;
		bytes += Buffer.byteLength(JSON.stringify(messages[first]));
	}
	return messages.slice(first);
}
