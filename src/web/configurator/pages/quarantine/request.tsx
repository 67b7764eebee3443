// Request.

import { Page } from "#web/ui/page.tsx";

export function RefusedRequestPage() {
	return <Page title="Request">{null}</Page>;
}
