// Placeholder.

import type { Service, ServiceType } from "#web/api/objects.ts";

export function IncomingBlock(_: { service: Service; etag: string | null; type: ServiceType }) {
	return null;
}
