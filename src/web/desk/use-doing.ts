// Something that a button does: once at a time, and what went wrong is said.

import { useState } from "react";
import { warn } from "#web/ui/notice.tsx";
import type { Asked } from "./asked.ts";
import { useReason } from "./use-reason.ts";

export function useDoing() {
	const [isBusy, setBusy] = useState(false);
	const reason = useReason();
	return {
		isBusy,
		run(work: () => Promise<Asked>, done?: (body: unknown) => void): void {
			if (isBusy) {
				return;
			}
			setBusy(true);
			void work().then((asked) => {
				setBusy(false);
				if (asked.ok) {
					done?.(asked.body);
				} else {
					warn(reason(asked));
				}
			});
		},
	};
}
