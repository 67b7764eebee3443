// Messaging Services.

import { Page } from "#web/ui/page.tsx";

export function ServicesPage() {
	return <Page title="Messaging Services">{null}</Page>;
}
