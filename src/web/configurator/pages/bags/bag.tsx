// One group or role.

import { Page } from "#web/ui/page.tsx";

export function GroupPage() {
	return <Page title="Group">{null}</Page>;
}

export function RolePage() {
	return <Page title="Role">{null}</Page>;
}
