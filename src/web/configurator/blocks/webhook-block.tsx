// Placeholder.

import type { Service, ServiceType } from "#web/api/objects.ts";

export function WebhookBlock(_: { service: Service; type: ServiceType }) {
	return null;
}
