// The reply window: how long after a contact's last message a channel lets us write freely. Pure; one rule for who accepts a
// message, who sends it, and who shows the clock. Who declares a window is the connector (`Connector.replyWindowHours`).

import type { Channel } from "./messages.ts";

/**
 * Hours that channels of Meta grant, whoever carries the message: https://developers.facebook.com/docs/messenger-platform/policy/policy-overview
 * and https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/send-messages, checked 2026-11-26.
 */
const metaHours: ReadonlyMap<Channel, number> = new Map([
	["messenger", 24],
	["instagram", 24],
	["whatsapp", 24],
]);

export function metaWindowHours(channel: Channel): number | undefined {
	return metaHours.get(channel);
}

const hourMs = 3_600_000;

/** The moment from which on free texts are refused; null: the contact has never written, so they are refused now. */
export function replyWindowEnd(hours: number, lastWroteAt: Date | null): Date | null {
	return lastWroteAt === null ? null : new Date(lastWroteAt.getTime() + hours * hourMs);
}

/** Why a free text must not go out, in one sentence without the next step; undefined: it may. */
export function whyShut(hours: number, lastWroteAt: Date | null, now: Date): string | undefined {
	const end = replyWindowEnd(hours, lastWroteAt);
	if (end === null) {
		return "The contact has not written to this address of ours yet, and the channel takes free messages only as replies.";
	}
	return now < end
		? undefined
		: `The contact last wrote more than ${inWords(hours)} ago, so the channel takes no free message.`;
}

function inWords(hours: number): string {
	return hours > 24 && hours % 24 === 0 ? `${hours / 24} days` : `${hours} hours`;
}
