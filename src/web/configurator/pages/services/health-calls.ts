// How all messaging services do at once, and what depends on one of them.
// Both interfaces are younger than the generated client; where the server does not have them yet, the older one serves.

import { queryOptions } from "@tanstack/react-query";
import { call } from "#web/api/call.ts";
import { gathered } from "#web/api/gathered.ts";
import type { ServiceHealth } from "#web/api/objects.ts";
import { isProblem } from "#web/api/problem.ts";
import { rciGetMessagingServices, rciGetMessagingServicesIdHealth } from "#web/api/rci.ts";

export type HealthHour = { at: string; received: number; sent: number; failed: number; refused: number };
export type Latency = { medianMs: number; p95Ms: number; samples: number };
export type HealthOfService = ServiceHealth & {
	service: string;
	/** Null: nothing was sent lately. */
	latency: Latency | null;
	/** Oldest first; empty: not known. */
	history: readonly HealthHour[];
};
export type Dependents = {
	waitingParts: number;
	unfinishedEvents: number;
	openConversations: number;
	parked: number;
	quarantined: number;
	grants: number;
};

const pauseMs = 2000; // The server writes down what it saw about as often.
const refreshMs = 10_000;
const refreshManyMs = 60_000;
const manyServices = 500;
const fallbackMax = 100;

const askAll = gathered(async () => {
	try {
		return (await call<{ data: HealthOfService[] }>("/RI/rci/messagingServiceHealth")).data;
	} catch (error) {
		if (isProblem(error) && error.status === 404) {
			return askOneByOne();
		}
		throw error;
	}
}, pauseMs);

async function askOneByOne(): Promise<HealthOfService[]> {
	const { data: services } = await rciGetMessagingServices({ limit: fallbackMax });
	return Promise.all(services.map(({ id }) => askOne(id)));
}

async function askOne(id: string, options: RequestInit = {}): Promise<HealthOfService> {
	const { data } = await rciGetMessagingServicesIdHealth(id, options);
	return { latency: null, history: [], ...data, service: id };
}

/** Of every service that the person may view, by its id. */
export function healthOfAll() {
	return queryOptions({
		queryKey: ["health", "all"],
		queryFn: async (): Promise<ReadonlyMap<string, HealthOfService>> =>
			new Map((await askAll()).map((health) => [health.service, health])),
		refetchInterval: ({ state }) => ((state.data?.size ?? 0) > manyServices ? refreshManyMs : refreshMs),
	});
}

export function healthOf(id: string) {
	return queryOptions({
		queryKey: ["health", id],
		queryFn: ({ signal }) => askOne(id, { signal }),
		refetchInterval: refreshMs,
	});
}

export function dependentsOf(id: string) {
	return queryOptions({
		queryKey: ["service", id, "dependents"],
		queryFn: async ({ signal }): Promise<Dependents> => {
			try {
				return (await call<{ data: Dependents }>(`/RI/rci/messagingServices/${id}/dependents`, { signal })).data;
			} catch (error) {
				if (isProblem(error) && error.status === 404) {
					const { outgoing, incoming, quarantined } = (await askOne(id, { signal })).backlog;
					const unknown = { openConversations: 0, parked: 0, grants: 0 };
					return { ...unknown, waitingParts: outgoing, unfinishedEvents: incoming, quarantined };
				}
				throw error;
			}
		},
	});
}
