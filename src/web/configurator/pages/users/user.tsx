// User.

import { Page } from "#web/ui/page.tsx";

export function UserPage() {
	return <Page title="User">{null}</Page>;
}
