// Whether this is the desk in a frame of somebody else's page, which pages those may be, and the way in there: the session is
// the one that the page around has logged in, so it is waited for with patience.

import { basePath } from "#web/api/base.ts";
import { openTicket } from "./ticket.ts";

export const isPanel: boolean = location.pathname.startsWith(`${basePath}/ecf/`);

/** Origins that are heard and answered, as the server names them; our own is one of them. */
export function hostOrigins(): readonly string[] {
	const meta = document.querySelector<HTMLMetaElement>('meta[name="parley-hosts"]');
	return [location.origin, ...(meta?.content ?? "").split(" ").filter((one) => one !== "")];
}

const firstWaitMs = 1000;
const longestWaitMs = 5000;

/** @param onAwaited whether the page around has yet to log in */
export function openAwaitedAddresses(onAwaited: (isAwaited: boolean) => void): () => Promise<string> {
	return async () => {
		for (let waitMs = firstWaitMs; ; waitMs = Math.min(longestWaitMs, waitMs * 1.5)) {
			const address = await openTicket();
			onAwaited(address === undefined);
			if (address !== undefined) {
				return address;
			}
			await new Promise((resolve) => setTimeout(resolve, waitMs));
		}
	};
}
