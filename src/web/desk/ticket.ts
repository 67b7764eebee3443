// The way in: the browser's session becomes one of the Chat Server, and a ticket opens one socket.

import { basePath } from "#web/api/base.ts";
import { callOnce } from "#web/api/call.ts";
import { isProblem } from "#web/api/problem.ts";
import { SessionEnded } from "#web/realtime/link.ts";

/** The first time it logs in, whoever was here before; later the session that the cookie names goes on. */
export function openAddresses(): () => Promise<string> {
	let isLoggedIn = false;
	return async () => {
		const address = (isLoggedIn ? await openTicket() : undefined) ?? (await ticketAfterLogIn());
		isLoggedIn = true;
		return address;
	};
}

async function ticketAfterLogIn(): Promise<string> {
	const started = await post("/ecfs/authentication", { authorization: "Session" });
	const address = started === undefined ? undefined : await openTicket();
	if (address === undefined) {
		throw new SessionEnded("Nobody is signed in.");
	}
	return address;
}

/** The address of one socket of the session that the cookie names; undefined: there is none. */
export async function openTicket(): Promise<string | undefined> {
	const given = (await post("/ecfs/ticket")) as { ticket: string } | undefined;
	return given === undefined
		? undefined
		: `${location.origin.replace(/^http/, "ws")}${basePath}/ecfs/ws_endpoint/;ticket=${given.ticket}`;
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
