// What became of a request, in words where it failed.

import type { Answer } from "#web/realtime/link.ts";

/** `code` is for programs, `because` for people. */
export type Refusal = { ok: false; code: string; because: string };
export type Asked = { ok: true; body: unknown } | Refusal;

export function toAsked({ status, body }: Answer): Asked {
	return status === 200 ? { ok: true, body } : { ok: false, ...reasonIn(body) };
}

/** It did not go out, or nobody answered. */
export function toUnasked(error: unknown): Asked {
	return { ok: false, code: "no_line", because: error instanceof Error ? error.message : String(error) };
}

/** One plain sentence, as the server gives it. */
function reasonIn(body: unknown): { code: string; because: string } {
	const told = (typeof body === "object" && body !== null ? body : {}) as { error?: unknown; message?: unknown };
	return {
		code: typeof told.error === "string" ? told.error : "refused",
		because: typeof told.message === "string" ? told.message : "The server refused it.",
	};
}
