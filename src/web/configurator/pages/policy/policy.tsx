// Policy.

import { Page } from "#web/ui/page.tsx";

export function PolicyPage() {
	return <Page title="Policy">{null}</Page>;
}
