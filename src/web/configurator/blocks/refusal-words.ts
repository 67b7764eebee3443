// Why a call was refused, in a few words. A reason of a newer server is shown as the code it is.

import { useTranslation } from "react-i18next";
import { knownReason } from "./refusal-causes.ts";

export function useReasonWords(): (reason: string) => string {
	const { t } = useTranslation("webhook");
	return (reason) => {
		const known = knownReason(reason);
		return known === undefined ? reason : t(`reasons.${known}`);
	};
}
