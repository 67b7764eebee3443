// The page that shows the frame: the one window that is heard, and the one origin that is answered.

import type { ToFrame, ToPage } from "./messages.ts";

/** What of our own window is used. */
export type Own = {
	parent: { postMessage(message: unknown, origin: string): void };
	addEventListener(type: "message", hear: (event: MessageEvent) => void): void;
};

export type Host = { post(message: ToPage): void };

export function openHost(own: Own, obey: (message: ToFrame) => void): Host {
	let origin: string | undefined;
	own.addEventListener("message", (event) => {
		const { source, data } = event as { source: unknown; data: unknown };
		if (source !== own.parent || typeof data !== "object" || data === null) {
			return;
		}
		// The first to speak is the page that shows us, as the browser says; a page that comes in its place is not heard.
		origin ??= event.origin;
		if (event.origin === origin) {
			obey(data as ToFrame);
		}
	});
	// That page is asked to speak first: only it knows its own origin, and the browser tells us of it truly.
	own.parent.postMessage({ type: "frameReady" } satisfies ToPage, "*");
	return {
		post(message) {
			if (origin !== undefined) {
				own.parent.postMessage(message, origin);
			}
		},
	};
}
