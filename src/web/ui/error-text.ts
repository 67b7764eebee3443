// What went wrong, in a sentence: the server's own, or the page's where the server said nothing.

import i18next from "i18next";
import { isProblem } from "#web/api/problem.ts";

export function errorText(error: unknown): string {
	if (!(error instanceof Error)) {
		return i18next.t("failedUnknown", { ns: "ui" });
	}
	if (isProblem(error, "unreachable")) {
		return i18next.t("unreachableLead", { ns: "ui" });
	}
	return isProblem(error, "unexplained") ? i18next.t("unexplained", { ns: "ui", status: error.status }) : error.message;
}
