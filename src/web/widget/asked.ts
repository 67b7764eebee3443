// What became of a request on the line. Pure, but for asking.

import { fieldsOf } from "#web/realtime/fields.ts";
import { type Link, Unanswered, Unsent } from "#web/realtime/link.ts";
import { textIn } from "./read.ts";

/** `lost`: there was no line, or it went before the answer came · `busy`: to be asked again a little later. */
export type Asked = { ok: true; body: unknown } | { ok: false; why: "lost" | "busy" | "refused"; code: string };

export type Ask = (method: string, uri: string, body?: unknown) => Promise<Asked>;

const busy = [408, 429, 500, 503];
/** Waiting does not help against these. */
const lasting = ["too_many_chats", "too_many_starts"];

export async function askOn(link: Link | undefined, ...[method, uri, body]: Parameters<Ask>): Promise<Asked> {
	try {
		const answer = await link?.ask(method, uri, body);
		if (answer?.status === 200) {
			return { ok: true, body: answer.body };
		}
		const code = textIn(fieldsOf(answer?.body)["error"], 100);
		const isBusy = answer !== undefined && busy.includes(answer.status) && !lasting.includes(code);
		return { ok: false, why: answer === undefined ? "lost" : isBusy ? "busy" : "refused", code };
	} catch (error) {
		if (error instanceof Unsent || error instanceof Unanswered) {
			return { ok: false, why: "lost", code: "" };
		}
		throw error;
	}
}
