// What the screens about one messaging service ask for.

import type { ServiceType } from "#web/api/objects.ts";
import { rciGetMessagingServicesId, rciGetMessagingServiceTypes } from "#web/api/rci.ts";
import { read } from "#web/api/read.ts";

/** They change with the program only. */
export const typesQuery = {
	...read(["serviceTypes"], (options) => rciGetMessagingServiceTypes(options)),
	staleTime: 600_000,
};

export function serviceQuery(id: string) {
	return read(["service", id], (options) => rciGetMessagingServicesId(id, options));
}

export function typeNamed(types: readonly ServiceType[], name: string | undefined): ServiceType | undefined {
	return types.find(({ type }) => type === name);
}
