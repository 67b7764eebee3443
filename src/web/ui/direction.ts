// The direction of the layout, as this browser remembers it.

const remembered = "parley.direction";

export function rememberDirection(direction: "ltr" | "rtl"): void {
	localStorage.setItem(remembered, direction);
}

/** Before anything is drawn, so that nothing jumps. */
export function applyDirection(): void {
	if (localStorage.getItem(remembered) === "rtl") {
		document.documentElement.dir = "rtl";
	}
}
