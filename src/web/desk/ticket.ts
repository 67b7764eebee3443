// The way in: the browser's session becomes one of the Chat Server, and a ticket opens one socket.

import { basePath } from "#web/api/base.ts";
import { callOnce } from "#web/api/call.ts";
import { isProblem } from "#web/api/problem.ts";
import { SessionEnded } from "#web/realtime/link.ts";

type Ticket = { ticket: string };

/** Rejects with `SessionEnded` where nobody is signed in. */
export async function newAddress(): Promise<string> {
	const { ticket } = (await post("/ecfs/ticket")) ?? (await ticketAfterLogIn());
	return `${location.origin.replace(/^http/, "ws")}${basePath}/ecfs/ws_endpoint/;ticket=${ticket}`;
}

async function ticketAfterLogIn(): Promise<Ticket> {
	const started = await post("/ecfs/authentication", { authorization: "Session" });
	const ticket = started === undefined ? undefined : await post("/ecfs/ticket");
	if (ticket === undefined) {
		throw new SessionEnded("Nobody is signed in.");
	}
	return ticket;
}

/** Undefined: there is no session that counts. */
async function post(path: string, headers: Record<string, string> = {}): Promise<Ticket | undefined> {
	try {
		return (await callOnce(path, { method: "POST", headers })) as Ticket;
	} catch (error) {
		if (isProblem(error) && (error.status === 401 || error.status === 403)) {
			return undefined;
		}
		throw error;
	}
}
