// What the screens about messaging services ask for.

import { queryOptions } from "@tanstack/react-query";
import type { MessagingService, ServiceType } from "#web/api/objects.ts";
import { rciGetMessagingServices, rciGetMessagingServicesId, rciGetMessagingServiceTypes } from "#web/api/rci.ts";
import { read, readAll } from "#web/api/read.ts";

/** They change with the program only. */
export const typesQuery = queryOptions({
	...read(["serviceTypes"], (options) => rciGetMessagingServiceTypes(options)),
	staleTime: 600_000,
});

/** All that the person may view, by name. */
export const servicesQuery = readAll<MessagingService>(["services"], (page, options) =>
	rciGetMessagingServices({ ...page, sort: "name" }, options),
);

export function serviceQuery(id: string) {
	return read(["service", id], (options) => rciGetMessagingServicesId(id, options));
}

export function typeNamed(types: readonly ServiceType[], name: string | undefined): ServiceType | undefined {
	return types.find(({ type }) => type === name);
}
