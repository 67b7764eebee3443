// Service.

import { Page } from "#web/ui/page.tsx";

export function ServicePage() {
	return <Page title="Service">{null}</Page>;
}
