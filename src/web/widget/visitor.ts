// The visitor's session: logged in once, kept in our own frame's storage with who it was proven to be, and a ticket for each
// socket. No cookie is needed: browsers refuse them to frames of other sites.

import { basePath } from "#web/api/base.ts";
import { ApiProblem, call, fileAt } from "#web/api/call.ts";
import { isProblem } from "#web/api/problem.ts";
import { SessionEnded } from "#web/realtime/link.ts";
import { keep, kept } from "./kept.ts";
import { type Identity, isOf } from "./wishes.ts";

/** `who`: the id that the site signed; null: anybody. */
type Session = { token: string; who: string | null };

export const sessionName = "parley.visitor";

export class IdentityRefused extends SessionEnded {}
export class TooManyVisitors extends SessionEnded {}

function session(): Session | undefined {
	try {
		const { token, who } = JSON.parse(kept(sessionName) ?? "null") as Session;
		return typeof token === "string" ? { token, who: typeof who === "string" ? who : null } : undefined;
	} catch {
		return undefined;
	}
}

/** `others`: the session is of somebody else than who the page names, who must not see it. */
export function standing(identity: Identity | undefined): "none" | "own" | "others" {
	const known = session();
	return known === undefined ? "none" : isOf(known.who, identity) ? "own" : "others";
}

export function isProvenSession(): boolean {
	return (session()?.who ?? null) !== null;
}

/** Another person sits there now. The server is told where it can be reached; else the session runs out. */
export function forgetSession(): void {
	const known = session();
	keep(sessionName, null);
	if (known !== undefined) {
		const headers = { "x-jsessionid": known.token };
		call("/visitor/ecfs/authentication", { method: "DELETE", headers }).catch(() => undefined);
	}
}

/** The address of a socket, after a log-in where there is no session yet. */
export async function visitorAddress(identity: Identity | undefined): Promise<string> {
	const known = session();
	const ticket = (known === undefined ? undefined : await ticketOf(known.token)) ?? (await newTicket(identity));
	return `${location.origin.replace(/^http/, "ws")}${basePath}/visitor/ecfs/ws_endpoint/;ticket=${ticket}`;
}

async function newTicket(identity: Identity | undefined): Promise<string> {
	const ticket = await ticketOf(await logIn(identity));
	if (ticket === undefined) {
		throw new SessionEnded("The session was refused.");
	}
	return ticket;
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
	const headers = { authorization: "Anonymous", "content-type": "application/json" };
	const body = JSON.stringify(identity === undefined ? {} : { identity });
	try {
		const options = { method: "POST", headers, body };
		const answer = await call<{ headers: Headers }>("/visitor/ecfs/authentication", options);
		const token = answer.headers.get("x-jsessionid");
		if (token === null) {
			throw new Error("The server gave no session.");
		}
		const who = typeof identity?.["id"] === "string" ? identity["id"] : null;
		keep(sessionName, JSON.stringify({ token, who } satisfies Session));
		return token;
	} catch (error) {
		throw refusalOf(error) ?? error;
	}
}

function refusalOf(error: unknown): SessionEnded | undefined {
	if (!(error instanceof ApiProblem)) {
		return undefined;
	}
	if (error.status === 429) {
		return new TooManyVisitors("Too many visitors come from this network.");
	}
	return error.status === 401 || error.status === 400 ? new IdentityRefused("The identity was refused.") : undefined;
}

function withSession(): { "x-jsessionid": string } {
	return { "x-jsessionid": session()?.token ?? "" };
}

/** Bytes of an announced file. */
export async function upload(id: string, file: File): Promise<void> {
	const headers = { ...withSession(), "content-type": file.type || "application/octet-stream" };
	await call(`/visitor/ecfs/media/${id}`, { method: "PUT", headers, body: file });
}

export function download(id: string): Promise<Blob> {
	return fileAt(`/visitor/ecfs/media/${encodeURIComponent(id)}`, { headers: withSession() });
}

/** Below /users/me, by HTTP: answers that are too large for a frame. */
export async function readByHttp(uri: string): Promise<unknown> {
	const { data } = await call<{ data: unknown }>(`/visitor/ecfs/rest/users/me${uri}`, { headers: withSession() });
	return data;
}
