// What kind of fault it was, in a few words. A kind of a newer server is shown as the code it is.

import { useTranslation } from "react-i18next";

export function useFaultWords(): (code: string) => string {
	const { t } = useTranslation("health");
	return (code) => t(`faults.${code}` as "faults.config", { defaultValue: code });
}
