// Placeholder.

import type { ServiceType } from "#web/api/objects.ts";
import type { ServiceDraft } from "./draft.ts";

export function PreviewBlock(_: { type: ServiceType; draft: ServiceDraft; serviceId?: string }) {
	return null;
}
