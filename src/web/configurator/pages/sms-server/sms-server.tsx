// SMS Server.

import { Page } from "#web/ui/page.tsx";

export function SmsServerPage() {
	return <Page title="SMS Server">{null}</Page>;
}
