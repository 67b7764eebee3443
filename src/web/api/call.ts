// The one way from the browser to Parley: same origin, JSON, the session's cookie. What is not a success becomes an
// `ApiProblem`; a call whose session ended waits until the person has signed in again, so that nothing typed is lost.

import { basePath } from "./base.ts";
import { ApiProblem, problemOf, unreachable } from "./problem.ts";

type SignedInAgain = () => Promise<void>;
let signInAgain: SignedInAgain | undefined;

/** What to wait for when the session has ended. It resolves when there is a new one. */
export function onSessionEnd(wait: SignedInAgain | undefined): void {
	signInAgain = wait;
}

/** Called by the generated clients; `T` is `{ data, status, headers }` of the success. */
export async function call<T>(url: string, options: RequestInit = {}): Promise<T> {
	const response = await succeed(url, options);
	return { data: await bodyOf(response), status: response.status, headers: response.headers } as T;
}

/** A file as it is, also where it happens to be JSON. */
export async function fileAt(url: string, options: RequestInit = {}): Promise<Blob> {
	return (await succeed(url, options)).blob();
}

async function succeed(url: string, options: RequestInit): Promise<Response> {
	const response = await send(url, options);
	if (response.ok) {
		return response;
	}
	const problem = await problemOf(response);
	if (problem.code === "not_authenticated" && signInAgain !== undefined) {
		await signInAgain();
		return succeed(url, options);
	}
	throw problem;
}

/** Without the wait for a new session: for signing in itself, and for asking whether there is one. */
export async function callOnce(url: string, options: RequestInit = {}): Promise<unknown> {
	const response = await send(url, options);
	if (!response.ok) {
		throw await problemOf(response);
	}
	return bodyOf(response);
}

async function send(url: string, options: RequestInit): Promise<Response> {
	const headers = new Headers(options.headers);
	headers.set("accept", "application/json");
	try {
		return await fetch(`${basePath}${url}`, { ...options, headers, credentials: "same-origin", redirect: "error" });
	} catch (error) {
		throw options.signal?.aborted === true ? error : unreachable();
	}
}

async function bodyOf(response: Response): Promise<unknown> {
	const type = response.headers.get("content-type") ?? "";
	if (response.status === 204) {
		return undefined;
	}
	return /^application\/([\w.-]+\+)?json\b/.test(type) ? response.json() : response.blob();
}

export { ApiProblem };
