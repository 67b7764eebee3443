// Messages.

import { Page } from "#web/ui/page.tsx";

export function MessagesPage() {
	return <Page title="Messages">{null}</Page>;
}
