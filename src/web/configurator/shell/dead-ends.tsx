// Where an address leads nowhere, and where a screen broke.

import { Anchor, Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Page } from "#web/ui/page.tsx";
import { Empty, Failed } from "#web/ui/states.tsx";

export function NotFound() {
	const { t } = useTranslation("shell");
	return (
		<Page title={t("notFound")}>
			<Empty
				title={t("notFoundLead")}
				action={<Anchor renderRoot={(props) => <Link to="/" {...props} />}>{t("toStart")}</Anchor>}
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
