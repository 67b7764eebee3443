// What connectors share about files that contacts sent: one GET, what its answer means, and one step to another host.

import type { Attachment } from "#domain/messages.ts";
import type { HttpAnswer, MediaAnswer, Tools } from "../contract.ts";
import { retryAfter } from "./http.ts";

/** For providers whose addresses open by themselves: signed, or unguessable. */
export async function fetchPlainly({ url }: Attachment, _config: unknown, tools: Tools): Promise<MediaAnswer> {
	return toMediaAnswer(await tools.http({ method: "GET", url, headers: {} }), tools.now());
}

/**
 * Where the provider's API answers with the address of the file at another host (a redirect). The way out follows nothing by
 * itself; this goes there once, and without the credentials, which are the API's business only.
 */
export async function fetchByRedirect(
	{ url }: Attachment,
	headers: Readonly<Record<string, string>>,
	tools: Tools,
): Promise<MediaAnswer> {
	const answer = await tools.http({ method: "GET", url, headers });
	const elsewhere = placeNamed(answer, url);
	return elsewhere === undefined
		? toMediaAnswer(answer, tools.now())
		: toMediaAnswer(await tools.http({ method: "GET", url: elsewhere, headers: {} }), tools.now());
}

const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

function placeNamed(answer: HttpAnswer, from: string): string | undefined {
	return answer.kind === "answered" && redirects.has(answer.status)
		? URL.parse(answer.headers.get("location") ?? "", from)?.href
		: undefined;
}

/** Links that ran out are told apart from those that are not there yet by nobody, so both are tried again for a while. */
export function toMediaAnswer(answer: HttpAnswer, now: Date): MediaAnswer {
	if (answer.kind !== "answered") {
		return ofSilence(answer);
	}
	const { status, headers, body } = answer;
	if (status === 200) {
		const contentType = headers.get("content-type");
		return { kind: "fetched", body, ...(contentType === null ? {} : { contentType }) };
	}
	const detail = `The provider answered ${status}.`;
	if (status === 410 || (status >= 300 && status < 400)) {
		return { kind: "failed", why: status === 410 ? "gone" : "not allowed", detail };
	}
	const notBefore = retryAfter(headers, now);
	return notBefore === undefined ? { kind: "retry", detail } : { kind: "retry", detail, notBefore };
}

function ofSilence(answer: Exclude<HttpAnswer, { kind: "answered" }>): MediaAnswer {
	if (answer.why === "blocked") {
		return { kind: "failed", why: "not allowed", detail: "It lies at a host that this type does not have." };
	}
	return answer.why === "too large"
		? { kind: "failed", why: "too large", detail: "It is larger than what is taken." }
		: { kind: "retry", detail: `The provider could not be reached (${answer.why}).` };
}
