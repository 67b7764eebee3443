// Messaging services that can send: switched on, with usable credentials, by a type this version knows.

import type { Connector, StoredService } from "#connectors/registry.ts";
import type { Clock } from "#platform/clock.ts";
import { Problem } from "#platform/problems.ts";
import type { SecretBox } from "#platform/secret-box.ts";
import { openService } from "#storage/service-secrets.ts";
import type { MessagingService } from "#storage/services.ts";
import type { ConnectorLookup } from "./reply-window.ts";

export type Sender = { service: MessagingService; connector: Connector<unknown>; config: unknown };

export type Senders = {
	/** Throws the problem `cannot_send` or `secrets_locked`, with the reason in words. */
	of(service: MessagingService): Sender;
};

export type SenderDeps = { clock: Clock; secretBox: SecretBox };

/**
 * By the service as it is remembered, which is another object after each change: opening its secrets for every message takes
 * longer than storing the message.
 */
export function openSenders(connectorOf: ConnectorLookup): (deps: SenderDeps) => Senders {
	const configs = new WeakMap<MessagingService, unknown>();
	return (deps) => ({
		of(service) {
			if (!service.enabled) {
				throw new Problem("cannot_send", "The messaging service is switched off.");
			}
			if (service.stoppedReason !== null) {
				throw new Problem("cannot_send", `The messaging service was stopped: ${service.stoppedReason}`);
			}
			const connector = connectorOf(service.type);
			if (connector === undefined) {
				throw new Problem("cannot_send", "This version has no connector for the service's type.");
			}
			const config = configs.get(service) ?? usableConfig(deps, service, connector);
			configs.set(service, config);
			return { service, connector, config };
		},
	});
}

function usableConfig(
	{ secretBox, clock }: SenderDeps,
	service: MessagingService,
	connector: Connector<unknown>,
): unknown {
	const opened = openService(service, secretBox, clock.now());
	const config = connector.config.parse(opened satisfies StoredService);
	const because = connector.cannotSend(config);
	if (because !== undefined && opened.authentications.some((entry) => entry.broken)) {
		throw new Problem("secrets_locked", "A stored secret of the messaging service cannot be opened.");
	}
	if (because !== undefined) {
		throw new Problem("cannot_send", because);
	}
	return config;
}
