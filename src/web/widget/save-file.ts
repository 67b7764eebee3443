// Hands bytes to the browser to be saved: never to be shown in place.

import { make } from "./dom.ts";

const lifeMs = 60_000; // By then the browser has begun to read it.

export function saveFile(filename: string, bytes: Blob): void {
	const href = URL.createObjectURL(bytes);
	make("a", { href, download: filename }).click();
	setTimeout(() => URL.revokeObjectURL(href), lifeMs);
}
