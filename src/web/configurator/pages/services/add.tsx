// Add.

import { Page } from "#web/ui/page.tsx";

export function AddServicePage() {
	return <Page title="Add">{null}</Page>;
}
