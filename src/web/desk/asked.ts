// What became of a request, in words where it failed.

import type { Answer } from "#web/realtime/link.ts";

export type Asked = { ok: true; body: unknown } | { ok: false; because: string };

export function toAsked({ status, body }: Answer): Asked {
	return status === 200 ? { ok: true, body } : { ok: false, because: reasonIn(body) };
}

export function toUnasked(error: unknown): Asked {
	return { ok: false, because: error instanceof Error ? error.message : String(error) };
}

/** One plain sentence, as the server gives it. */
export function reasonIn(body: unknown): string {
	const { message } = (typeof body === "object" && body !== null ? body : {}) as { message?: unknown };
	return typeof message === "string" ? message : "The server refused it.";
}
