// The clock of who reads a conversation: until when the contact's last message lets us write freely.

import { replyWindowEnd } from "#domain/reply-window.ts";
import { type ConnectorLookup, watchedHours } from "#outgoing/reply-window.ts";
import type { Conversation } from "#storage/conversation-lists.ts";
import type { MessagingService } from "#storage/services.ts";
import { everyService } from "./access.ts";
import type { AnyContext } from "../route.ts";
import { toTimeOrNull } from "./views.ts";

export type ReplyWindowOf = (conversation: Conversation) => { endsAt: string | null } | null;

/** For conversations of whichever service; one of a deleted service has no window any more. */
export async function replyWindows(
	ctx: Pick<AnyContext, "deps">,
	connectorOf: ConnectorLookup,
): Promise<ReplyWindowOf> {
	const services = new Map<string, MessagingService>((await everyService(ctx)).map((one) => [one.id, one]));
	return (conversation) => {
		const service = services.get(conversation.serviceId);
		const connector = service === undefined ? undefined : connectorOf(service.type);
		const hours =
			service === undefined || connector === undefined
				? undefined
				: watchedHours(connector, service.settings, conversation);
		return hours === undefined
			? null
			: { endsAt: toTimeOrNull(replyWindowEnd(hours, conversation.contactLastWroteAt)) };
	};
}
