// Quarantine.

import { Page } from "#web/ui/page.tsx";

export function QuarantinePage() {
	return <Page title="Quarantine">{null}</Page>;
}
