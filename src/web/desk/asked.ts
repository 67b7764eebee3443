// What became of a request, in words where it failed.

import { fieldsOf } from "#web/realtime/fields.ts";
import type { Answer } from "#web/realtime/link.ts";

/** `code` is for programs, `because` for people. `isPassing`: it is no answer; there may be one a little later. */
export type Refusal = { ok: false; code: string; because: string; isPassing?: boolean };
export type Asked = { ok: true; body: unknown } | Refusal;

/** Too slow, too much, or broken on our side. */
const passing: readonly number[] = [408, 429, 500, 503];

export function toAsked({ status, body }: Answer): Asked {
	return status === 200 ? { ok: true, body } : { ok: false, ...reasonIn(body), isPassing: passing.includes(status) };
}

/** It did not go out, or nobody answered. */
export function toUnasked(error: unknown): Asked {
	const because = error instanceof Error ? error.message : String(error);
	return { ok: false, code: "no_line", because, isPassing: true };
}

/** What one knows of something after it was asked for. */
export type Known = { uri: string; body: unknown; refusal: Refusal | undefined };

/** What passes takes away nothing that was known of the same before. */
export function learn(before: Known | undefined, uri: string, asked: Asked): Known {
	if (asked.ok) {
		return { uri, body: asked.body, refusal: undefined };
	}
	const isKept = asked.isPassing === true && before?.uri === uri;
	return { uri, body: isKept ? before.body : undefined, refusal: asked };
}

/** One plain sentence, as the server gives it. */
function reasonIn(body: unknown): { code: string; because: string } {
	const { error, message } = fieldsOf(body);
	return {
		code: typeof error === "string" ? error : "refused",
		because: typeof message === "string" ? message : "The server refused it.",
	};
}
