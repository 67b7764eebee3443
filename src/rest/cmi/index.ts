// The routes of the Contact Management Interface.

import { connectorOf as registered } from "#connectors/registry.ts";
import type { Route } from "../route.ts";
import { attachmentRoutes } from "./attachments.ts";
import { chatRoutes } from "./chats.ts";
import { contactMergeRoutes } from "./contact-merges.ts";
import { contactRoutes } from "./contacts.ts";
import { conversationRoutes } from "./conversations.ts";
import { customerConsentRoutes } from "./customer-consents.ts";
import { eventRoutes } from "./events.ts";
import { messageRoutes } from "./messages.ts";
import { parkedRoutes } from "./parked.ts";
import { quarantineRoutes } from "./quarantine.ts";
import type { ConnectorLookup } from "#outgoing/reply-window.ts";
import { subscriptionRoutes } from "./subscriptions.ts";
import { sendMessageRoute } from "./send-message.ts";

/** @param connectorOf where connectors are looked up, if not in the registry */
export function cmiRoutesWith(connectorOf: ConnectorLookup = registered): readonly Route[] {
	return [
		sendMessageRoute(connectorOf),
		...messageRoutes,
		...attachmentRoutes,
		...conversationRoutes(connectorOf),
		...chatRoutes,
		...contactRoutes(connectorOf),
		...contactMergeRoutes,
		...customerConsentRoutes,
		...parkedRoutes,
		...quarantineRoutes,
		...eventRoutes(),
		...subscriptionRoutes,
	];
}

export const cmiRoutes: readonly Route[] = cmiRoutesWith();
