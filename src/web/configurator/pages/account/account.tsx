// Account.

import { Page } from "#web/ui/page.tsx";

export function AccountPage() {
	return <Page title="Account">{null}</Page>;
}
