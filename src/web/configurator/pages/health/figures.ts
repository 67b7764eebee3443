// Figures as people of the chosen language write them.

import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { ServiceHealth } from "#web/api/objects.ts";

const none = "–";

export function useFigures() {
	const { i18n } = useTranslation("health");
	const { language } = i18n;
	return useMemo(() => {
		const whole = new Intl.NumberFormat(language);
		const share = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 });
		const short = new Intl.NumberFormat(language, { style: "unit", unit: "millisecond" });
		const long = new Intl.NumberFormat(language, { style: "unit", unit: "second", maximumFractionDigits: 1 });
		return {
			count: (count: number) => whole.format(count),
			/** Nothing tried is not the same as nothing failed. */
			percent: ({ errorRate, sent }: Pick<ServiceHealth, "errorRate" | "sent">) =>
				sent === 0 && errorRate === 0 ? none : share.format(errorRate),
			duration: (ms: number | undefined) =>
				ms === undefined ? none : ms < 1000 ? short.format(ms) : long.format(ms / 1000),
		};
	}, [language]);
}
