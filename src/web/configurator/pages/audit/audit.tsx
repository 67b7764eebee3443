// Audit.

import { Page } from "#web/ui/page.tsx";

export function AuditPage() {
	return <Page title="Audit">{null}</Page>;
}
