// What comes in, by the interface that the service is set to: change notifications of Graph, or activities of a bot. Pure.

import type { ChannelEvent } from "#domain/messages.ts";
import type { RawRequest, Reply, Verdict, VerifiedRequest } from "../contract.ts";
import { botNamed, parseActivity, verifyActivity } from "./activities.ts";
import type { TeamsConfig } from "./form.ts";
import { greeting, parseNotification, subscriptionsNamed, verifyNotification } from "./notifications.ts";

export function verify(req: RawRequest, config: TeamsConfig, now: Date): Verdict {
	return config.mode === "graph" ? verifyNotification(req, config, now) : verifyActivity(req, config, now);
}

export function handshake(req: RawRequest, { mode }: TeamsConfig): Reply | undefined {
	return mode === "graph" ? greeting(req) : undefined;
}

/** Subscriptions of notifications, or the bot: read before anybody knows which service it is for. */
export function accountsNamed(req: RawRequest): readonly string[] {
	return [...subscriptionsNamed(req), ...botNamed(req)];
}

export function accountsOf({ mode, state, application }: TeamsConfig): readonly string[] {
	const bots = application === undefined ? [] : [application.id];
	return mode === "graph" ? state.subscriptions.map(({ id }) => id) : bots;
}

export function parse(req: VerifiedRequest, config: TeamsConfig): readonly ChannelEvent[] {
	return config.mode === "graph" ? parseNotification(req, config) : parseActivity(req, config);
}

/** Graph wants 202 for what was taken and not yet worked on; a bot's `invoke` wants JSON. */
export function ack(_events: readonly ChannelEvent[], { mode }: TeamsConfig): Reply {
	return mode === "graph" ? { status: 202 } : { status: 200, body: "{}", contentType: "application/json" };
}
