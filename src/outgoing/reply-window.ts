// How long the contact's last message lets us write freely, by the type and the settings of the service: for who sends, and for
// the clock of who reads a conversation.

import type { Connector } from "#connectors/registry.ts";
import { commonSettings } from "#domain/service-settings.ts";

export type ConnectorLookup = (type: string) => Connector<unknown> | undefined;

/** Undefined: the channel has no window, the type cannot know it, or another system watches it. */
export function watchedHours(
	connector: Pick<Connector<unknown>, "replyWindowHours">,
	settings: Readonly<Record<string, unknown>>,
	to: { channel: string; ourAddress: string },
): number | undefined {
	return commonSettings(settings).keepReplyWindow ? connector.replyWindowHours?.(to, settings) : undefined;
}
