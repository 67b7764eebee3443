// Parked.

import { Page } from "#web/ui/page.tsx";

export function ParkedPage() {
	return <Page title="Parked">{null}</Page>;
}
