// What of files the server takes, in words and for the browser's own dialogue.

import { useTranslation } from "react-i18next";
import { acceptOf, bytesInWords, type FileLimits } from "#web/realtime/file-limits.ts";
import { useAsked } from "./use-asked.ts";

/** Both empty until it is known. */
export function useFileLimits(): { inWords: string; accept: string } {
	const { t } = useTranslation("desk");
	const { body: limits } = useAsked<FileLimits>("/attachment_limits");
	return limits === undefined
		? { inWords: "", accept: "" }
		: {
				inWords: t("fileLimits", { size: bytesInWords(limits.size), types: limits.types.join(", ") }),
				accept: acceptOf(limits),
			};
}
