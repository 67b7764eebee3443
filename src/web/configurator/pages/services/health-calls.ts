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

export type HealthOfService = RciGetMessagingServiceHealth200Item;
export type HealthHour = HealthOfService["history"][number];
export type Dependents = RciGetMessagingServicesIdDependents200;

const pauseMs = 2000; // The server writes down what it saw about as often.
const refreshMs = 10_000;
const refreshManyMs = 60_000;
const manyServices = 500;

const askAll = gathered(() => rciGetMessagingServiceHealth(), pauseMs);

/** Of every service that the person may view, by its id. */
export function healthOfAll() {
	return queryOptions({
		queryKey: ["health", "all"],
		queryFn: async (): Promise<ReadonlyMap<string, HealthOfService>> =>
			new Map((await askAll()).data.map((health) => [health.service, health])),
		refetchInterval: ({ state }) => ((state.data?.size ?? 0) > manyServices ? refreshManyMs : refreshMs),
	});
}

export function healthOf(id: string) {
	return queryOptions({
		queryKey: ["health", id],
		queryFn: async ({ signal }) => (await rciGetMessagingServicesIdHealth(id, { signal })).data,
		refetchInterval: refreshMs,
	});
}

export function dependentsOf(id: string) {
	return queryOptions({
		queryKey: ["service", id, "dependents"],
		queryFn: async ({ signal }): Promise<Dependents> =>
			(await rciGetMessagingServicesIdDependents(id, { signal })).data,
	});
}
