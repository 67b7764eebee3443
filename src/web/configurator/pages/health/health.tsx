// Health.

import { Page } from "#web/ui/page.tsx";

export function HealthPage() {
	return <Page title="Health">{null}</Page>;
}
