// Every connector by its service type. A new one is a folder and a line here.

import type { ServiceType } from "#domain/messages.ts";
import type { Connector, StoredService } from "./contract.ts";

/** A connector together with one service's parsed configuration: what the servers work with, free of type parameters. */
export type { Connector };

const connectors = new Map<ServiceType, Connector<unknown>>();

/** The connector of a type, or undefined when there is none. */
export function connectorOf(type: ServiceType): Connector<unknown> | undefined {
	return connectors.get(type);
}

export function serviceTypes(): readonly ServiceType[] {
	return [...connectors.keys()];
}

export type { StoredService };
