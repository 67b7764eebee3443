// Entry.

import { Page } from "#web/ui/page.tsx";

export function ParkedEntryPage() {
	return <Page title="Entry">{null}</Page>;
}
