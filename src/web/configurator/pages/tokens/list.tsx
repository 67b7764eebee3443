// Tokens.

import { Page } from "#web/ui/page.tsx";

export function TokensPage() {
	return <Page title="Tokens">{null}</Page>;
}
