// The lists of groups and roles.

import { Page } from "#web/ui/page.tsx";

export function GroupsPage() {
	return <Page title="Groups">{null}</Page>;
}

export function RolesPage() {
	return <Page title="Roles">{null}</Page>;
}
