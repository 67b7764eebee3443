// The way in: the browser's session becomes one of the Chat Server, and a ticket opens one socket.

import { basePath } from "#web/api/base.ts";
import { callOnce } from "#web/api/call.ts";
import { isProblem } from "#web/api/problem.ts";
import { SessionEnded } from "#web/realtime/link.ts";

/** The first time it logs in, whoever was here before; later the session that the cookie names goes on. */
export function openAddresses(): () => Promise<string> {
	let isLoggedIn = false;
	return async () => {
		const known = isLoggedIn ? await post("/ecfs/ticket") : undefined;
		const { ticket } = (known ?? (await ticketAfterLogIn())) as { ticket: string };
		isLoggedIn = true;
		return `${location.origin.replace(/^http/, "ws")}${basePath}/ecfs/ws_endpoint/;ticket=${ticket}`;
	};
}

async function ticketAfterLogIn(): Promise<unknown> {
	const started = await post("/ecfs/authentication", { authorization: "Session" });
	const ticket = started === undefined ? undefined : await post("/ecfs/ticket");
	if (ticket === undefined) {
		throw new SessionEnded("Nobody is signed in.");
	}
	return ticket;
}

/** Undefined: there is no session. */
async function post(path: string, headers: Record<string, string> = {}): Promise<unknown> {
	try {
		return await callOnce(path, { method: "POST", headers });
	} catch (error) {
		if (isProblem(error) && (error.status === 401 || error.status === 403)) {
			return undefined;
		}
		throw error;
	}
}
