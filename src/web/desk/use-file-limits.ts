// What of files the server takes, in words and for the browser's own dialogue.

import { useTranslation } from "react-i18next";
import { useAsked } from "./use-asked.ts";

type Limits = { size: number; types: readonly string[] };

/** Both empty until it is known. */
export function useFileLimits(): { inWords: string; accept: string } {
	const { t } = useTranslation("desk");
	const { body: limits } = useAsked<Limits>("/attachment_limits");
	return limits === undefined
		? { inWords: "", accept: "" }
		: {
				inWords: t("fileLimits", { mib: Math.floor(limits.size / 1024 / 1024), types: limits.types.join(", ") }),
				accept: limits.types.map((type) => `.${type}`).join(","),
			};
}
