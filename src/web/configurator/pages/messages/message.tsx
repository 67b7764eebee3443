// Message.

import { Page } from "#web/ui/page.tsx";

export function MessagePage() {
	return <Page title="Message">{null}</Page>;
}
