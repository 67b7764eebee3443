// The direction of the layout, as this browser remembers it.

import { recall, remember } from "#web/api/remembered.ts";

const remembered = "parley.direction";

export function rememberDirection(direction: "ltr" | "rtl"): void {
	remember(remembered, direction);
}

/** Before anything is drawn, so that nothing jumps. */
export function applyDirection(): void {
	if (recall(remembered) === "rtl") {
		document.documentElement.dir = "rtl";
	}
}
