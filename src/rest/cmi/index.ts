// The routes of the Contact Management Interface.

import type { Route } from "../route.ts";
import { attachmentRoutes } from "./attachments.ts";
import { contactRoutes } from "./contacts.ts";
import { conversationRoutes } from "./conversations.ts";
import { eventRoutes } from "./events.ts";
import { messageRoutes } from "./messages.ts";
import { parkedRoutes } from "./parked.ts";
import { quarantineRoutes } from "./quarantine.ts";
import { type ConnectorLookup, sendMessageRoute } from "./send-message.ts";

/** @param connectorOf where connectors are looked up, if not in the registry */
export function cmiRoutesWith(connectorOf?: ConnectorLookup): readonly Route[] {
	return [
		sendMessageRoute(connectorOf),
		...messageRoutes,
		...attachmentRoutes,
		...conversationRoutes,
		...contactRoutes,
		...parkedRoutes,
		...quarantineRoutes,
		...eventRoutes(),
	];
}

export const cmiRoutes: readonly Route[] = cmiRoutesWith();
