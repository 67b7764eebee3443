// The visitor's session: logged in once, kept in our own frame's storage, and a ticket for each socket.

import { basePath } from "#web/api/base.ts";
import { call } from "#web/api/call.ts";
import { isProblem } from "#web/api/problem.ts";
import { SessionEnded } from "#web/realtime/link.ts";
import { keep, kept } from "./kept.ts";

export type Identity = Readonly<Record<string, unknown>>;

const keptAs = "parley.visitor";

export class IdentityRefused extends Error {}

/** The address of a socket, after a log-in where there is no session yet. */
export async function visitorAddress(identity: Identity | undefined): Promise<string> {
	const known = kept(keptAs);
	const ticket = (known === null ? undefined : await ticketOf(known)) ?? (await ticketOf(await logIn(identity)));
	if (ticket === undefined) {
		throw new SessionEnded("The session was refused.");
	}
	return `${location.origin.replace(/^http/, "ws")}${basePath}/visitor/ecfs/ws_endpoint/;ticket=${ticket}`;
}

export function hasSession(): boolean {
	return kept(keptAs) !== null;
}

/** Another person sits there now. */
export function forgetSession(): void {
	keep(keptAs, null);
}

async function ticketOf(token: string): Promise<string | undefined> {
	try {
		const headers = { "x-jsessionid": token };
		const { data } = await call<{ data: { ticket: string } }>("/visitor/ecfs/ticket", { method: "POST", headers });
		return data.ticket;
	} catch (error) {
		if (isProblem(error) && error.status === 401) {
			return undefined;
		}
		throw error;
	}
}

async function logIn(identity: Identity | undefined): Promise<string> {
	const headers = {
		authorization: "Anonymous",
		...(identity === undefined ? {} : { "content-type": "application/json" }),
	};
	const body = identity === undefined ? {} : { body: JSON.stringify({ identity }) };
	try {
		const url = "/visitor/ecfs/authentication";
		const answer = await call<{ headers: Headers }>(url, { method: "POST", headers, ...body });
		const token = answer.headers.get("x-jsessionid");
		if (token === null) {
			throw new Error("The server gave no session.");
		}
		keep(keptAs, token);
		return token;
	} catch (error) {
		throw isProblem(error) && error.status === 401 ? new IdentityRefused("The identity was refused.") : error;
	}
}

/** Bytes of an announced file; the answer's sentence where they are refused. */
export async function upload(id: string, file: File): Promise<string | undefined> {
	const headers = {
		"x-jsessionid": kept(keptAs) ?? "",
		"content-type": file.type || "application/octet-stream",
	};
	try {
		await call(`/visitor/ecfs/media/${id}`, { method: "PUT", headers, body: file });
		return undefined;
	} catch (error) {
		return error instanceof Error ? error.message : String(error);
	}
}
