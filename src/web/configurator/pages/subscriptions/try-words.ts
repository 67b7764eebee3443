// A try in a sentence, and a type of event in words. What a newer server tells is shown as it is.

import { useTranslation } from "react-i18next";
import { isKnownType } from "./event-groups.ts";
import type { Try } from "./delivery-facts.ts";

export function useTryWords(): (tried: Try) => string {
	const { t } = useTranslation("subscriptions");
	return ({ outcome, status, durationMs }) => {
		if (status !== null) {
			return t("tries.answered", { status, ms: durationMs ?? 0 });
		}
		return outcome === null ? t("tries.open") : t("tries.noAnswer", { outcome });
	};
}

export function useTypeWords(): (type: string) => string {
	const { t } = useTranslation("subscriptions");
	return (type) => (isKnownType(type) ? t(`events.${type}`) : type);
}
