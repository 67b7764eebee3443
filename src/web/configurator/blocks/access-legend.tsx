// What each access means, in one place below the editor.

import { useTranslation } from "react-i18next";
import { accesses } from "#domain/rights.ts";
import { Facts } from "#web/ui/facts.tsx";

export function AccessLegend() {
	const { t } = useTranslation("people");
	return (
		<details className="rights-legend">
			<summary>{t("rights.legend")}</summary>
			<Facts facts={accesses.map((access) => [t(`rights.access.${access}`), t(`rights.accessHelp.${access}`)])} />
		</details>
	);
}
