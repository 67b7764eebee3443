// How messaging services do, and what depends on one of them.

import { queryOptions } from "@tanstack/react-query";
import { gathered } from "#web/api/gathered.ts";
import {
	rciGetMessagingServiceHealth,
	type RciGetMessagingServiceHealth200Item,
	rciGetMessagingServicesIdDependents,
	type RciGetMessagingServicesIdDependents200,
	rciGetMessagingServicesIdHealth,
} from "#web/api/rci.ts";
import { type Answer, read } from "#web/api/read.ts";

export type HealthOfService = RciGetMessagingServiceHealth200Item;
export type HealthHour = HealthOfService["history"][number];
export type Dependents = RciGetMessagingServicesIdDependents200;

const pauseMs = 2000; // The server writes down what it saw about as often.
const refreshMs = 10_000;
const refreshManyMs = 60_000;
const manyServices = 500;

const askAll = gathered(() => rciGetMessagingServiceHealth(), pauseMs);

/** Of every service that the person may view, by its id. */
export const healthOfAll = queryOptions({
	...read(["health"], () => askAll()),
	select: byService,
	refetchInterval: ({ state }) => ((state.data?.body.length ?? 0) > manyServices ? refreshManyMs : refreshMs),
});

function byService({ body }: Answer<HealthOfService[]>): ReadonlyMap<string, HealthOfService> {
	return new Map(body.map((health) => [health.service, health]));
}

export function healthOf(id: string) {
	return queryOptions({
		...read(["health", id], (options) => rciGetMessagingServicesIdHealth(id, options)),
		refetchInterval: refreshMs,
	});
}

export function dependentsOf(id: string) {
	return read(["service", id, "dependents"], (options) => rciGetMessagingServicesIdDependents(id, options));
}
