// What was refused, in a sentence: ours where the code is a known one, else the server's.

import { useTranslation } from "react-i18next";

export function useReason(): (refusal: { code: string; because: string }) => string {
	const { t, i18n } = useTranslation("desk");
	return ({ code, because }) =>
		i18n.exists(`refusals.${code}`, { ns: "desk" }) ? t(`refusals.${code}` as "refusals.no_line") : because;
}
