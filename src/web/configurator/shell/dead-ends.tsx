// Where an address leads nowhere, and where a screen broke.

import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { PageLink } from "#web/ui/page-link.tsx";
import { Page } from "#web/ui/page.tsx";
import { Empty, Failed } from "#web/ui/states.tsx";

export function NotFound() {
	const { t } = useTranslation("shell");
	return (
		<Page title={t("notFound")}>
			<Empty
				title={t("notFoundLead")}
				action={
					<PageLink to="/" size="md">
						{t("toStart")}
					</PageLink>
				}
			/>
		</Page>
	);
}

/** After an update of the server the screens that an open page would fetch are gone: loading it anew brings the new ones. */
export function Broken({ error }: { error: unknown }) {
	const { t } = useTranslation("shell");
	return (
		<Page title={t("broken")}>
			<Failed error={error} />
			<Button w="fit-content" onClick={() => location.reload()}>
				{t("reload")}
			</Button>
		</Page>
	);
}
