// Placeholder.

import type { Service } from "#web/api/objects.ts";

export function CheckBlock(_: { service: Service; autoStart?: boolean }) {
	return null;
}
